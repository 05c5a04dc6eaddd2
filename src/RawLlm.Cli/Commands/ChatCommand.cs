using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
using System.Text;
using RawLlm.Cli.Output;
using RawLlm.Cli.Targets;
using RawLlm.Protocols;

namespace RawLlm.Cli.Commands;

/// <summary><c>rawllm chat</c>: asks a model and prints the answer as it arrives.</summary>
internal sealed class ChatCommand : TeachingCommand
{
    private const string TokensRange = "--max-tokens takes a whole number of at least 1.";
    private const string ThinkingValues = "--think takes off, minimal, low, medium, high, xhigh, max, or a number of tokens.";
    private const int LongestSchemaName = 64;
    private const string TemperatureRange = "--temperature takes a number of at least 0.";

    private readonly Shell _shell;
    private readonly TargetOptions _target = new(
        "Time limit for the whole answer, in seconds (1 to 3600). Without it, a stream may run as long as data keeps arriving."
    );

    private readonly Argument<string[]> _prompt = new("PROMPT")
    {
        Description =
            "What to ask; several words are joined with spaces. - stands for standard input, which is also the prompt if none is given.",
        Arity = ArgumentArity.ZeroOrMore,
    };

    private readonly Option<string?> _model = new("--model", "-m")
    {
        Description =
            "Model to ask, as the service names it, optionally after the name of the service, as in openrouter:openai/gpt-5. Default: the service's default model, or the first model that it lists.",
        HelpName = "MODEL",
    };
    private readonly Option<string?> _system = new("--system", "-s")
    {
        Description = "System prompt: instructions for the model.",
        HelpName = "TEXT",
    };

    private readonly Option<string[]> _attach = new("--attach", "-a")
    {
        Description =
            "Image, PDF, audio or other file to send with the prompt, if the model accepts it. The first bytes or the file extension determine its type. Repeat the option to attach several files.",
        HelpName = "FILE",
        Arity = ArgumentArity.OneOrMore,
        AllowMultipleArgumentsPerToken = false,
    };

    private readonly Option<string?> _schema = new("--schema")
    {
        Description = "File with a JSON schema that the answer must follow.",
        HelpName = "FILE",
    };
    private readonly Switch _noStream = new("--no-stream") { Description = "Request the whole answer at once instead of a stream." };
    private readonly Switch _json = new("--json") { Description = "Print one JSON object instead of text." };
    private readonly Switch _events = new("--events", "--stream-json")
    {
        Description = "Print each event of the stream as a JSON object on its own line as it arrives, instead of text.",
    };
    private readonly Switch _curl = new("--curl")
    {
        Description = "Send nothing and print the request as a curl command. API keys appear as variables, which need not be set here.",
    };
    private readonly Option<int?> _maxTokens = new("--max-tokens")
    {
        Description = "Maximum number of tokens in the answer.",
        HelpName = "N",
        CustomParser = NumberParser.Whole(TokensRange),
    };
    private readonly Option<double?> _temperature = new("--temperature", "-t")
    {
        Description = "Sampling temperature. 0 picks the most likely words; most services accept up to 1 or 2.",
        HelpName = "T",
        CustomParser = NumberParser.Number(TemperatureRange),
    };
    private readonly Option<Thinking?> _think = new("--think")
    {
        Description =
            "How much to reason before the answer: off, minimal, low, medium, high, xhigh, max, or a number of tokens. Default: up to the model.",
        HelpName = "HOW",
        CustomParser = ReadThinking,
    };
    private readonly Switch _showReasoning = new("--show-reasoning")
    {
        Description =
            "Also print the model's reasoning, on standard error, if the service returns it. With --think, ask the service for it.",
    };

    public ChatCommand(Shell shell)
        : base("chat", "Ask a model and print its answer as it arrives.")
    {
        _shell = shell;
        Add(_prompt);
        _target.AddTo(this);
        Add(_model);
        Add(_system);
        Add(_maxTokens);
        Add(_temperature);
        Add(_think);
        Add(_attach);
        Add(_schema);
        Add(_noStream);
        Add(_showReasoning);
        Add(_json);
        Add(_events);
        Add(_curl);
        SetAction(RunAsync);
    }

    public override string Lesson =>
        $$"""
            Which service is asked:
              1. the service named by --provider, by --base-url, or before the colon of --model
              2. otherwise, the first service whose API key variable is set, in the order of rawllm providers;
                 HF_TOKEN, CLOUDFLARE_API_TOKEN, GOOGLE_OAUTH_ACCESS_TOKEN and SCW_SECRET_KEY do not count,
                 because they have other uses too
              3. otherwise, a local server that lists models: Ollama (11434), llama.cpp (8080),
                 LM Studio (1234), vLLM (8000)
              4. otherwise, a demonstration built into this program: real HTTP and a real stream, but no model;
                 with --model, an error instead
              Standard error names the service and its address. Standard output contains only the answer.

            Members of the JSON object (--json), which is printed on one line:
              provider, id, model
              text, reasoning
            {{ReplyJson.HelpOfMembers}}
              error                        null, or {kind, message, code, causeKind (optional), status, retryAfterSeconds,
                                           isRetryable, attempts [{endpoint, kind, status, code, requestId,
                                           message, elapsedMs}]}
              cost                         null, or {usd, source, pricesAsOf}
              rateLimits, requestId
              After Ctrl-C, the error's kind is Cancelled, and the object contains what had arrived by then. While
              standard input is still being read, no service is chosen yet, and provider is null.

            Members of an event (--events), by its kind:
              kind, choice, index          the index counts the parts of the answer; not with Connected, Done and Error
              Connected                    provider, model: the first line, if an answer begins
            {{EventLines.HelpOfMembers}}
              Done, Error                  provider, id, model, and the members of --json that are not the contents of the
                                           answer: the last line, Done after a complete answer, otherwise Error

            Examples:
              rawllm chat "Why is the sky blue?"
              rawllm chat --provider openrouter --model openrouter/auto --system "Answer in French." "Why is the sky blue?"
              rawllm chat --base-url http://localhost:8000 --max-tokens 200 "Why is the sky blue?"
              rawllm chat --base-url https://llm.example.com/v1 --key-env MY_KEY "Why is the sky blue?"
              rawllm chat --json --no-stream "Name three birds" | jq -r .text
              rawllm chat --events "Name three birds" | jq --unbuffered -j 'select(.kind == "Text").text'
              git diff | rawllm chat --system "Review this change."
              git diff | rawllm chat "Review this change:" -
              rawllm chat --provider gemini --attach photo.jpg --attach bill.pdf "Is this what I paid for?"
              rawllm chat --schema recipe.json "A recipe for waffles" | jq .title
              rawllm chat --provider demo --show-reasoning "Hello"
              rawllm chat --provider anthropic --think high --show-reasoning "Prove it."
              rawllm chat --curl --provider groq "Hello" | sh
              rawllm chat -- "--json is a word of this prompt"

            Environment:
              OPENAI_API_KEY and others   API keys, one variable per service; rawllm providers lists them
              NO_COLOR                    disables colors if set to any value

            Exit codes:
              0    the service ended the answer; stopReason says why, which may be the token limit
              1    the call failed, or the output could not be written
              2    wrong usage
              3    the answer broke off
              130  canceled
              141  the output was closed early, for example by head
            """;

    private async Task<int> RunAsync(ParseResult parsed, CancellationToken cancellationToken)
    {
        ChatOptions options;
        Target chosen;
        try
        {
            options = await ReadOptionsAsync(parsed, cancellationToken).ConfigureAwait(false);
            chosen = await ChooseAsync(parsed, options, cancellationToken).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            WriteCancelled(parsed);
            throw;
        }
        await using var target = chosen;
        return options.IsCurl
            ? await RunCurlAsync(target, options, cancellationToken).ConfigureAwait(false)
            : await AskAsync(target, options, cancellationToken).ConfigureAwait(false);
    }

    private void WriteCancelled(ParseResult parsed)
    {
        var outcome = new ChatOutcome { IsCancelled = true };
        if (parsed.GetValue(_json))
            WriteJson(target: null, outcome, parsed.GetValue(_model));
        if (!parsed.GetValue(_events))
            return;
        using var events = new EventPrinter(_shell.Out);
        events.End(target: null, outcome, parsed.GetValue(_model));
    }

    private Task<Target> ChooseAsync(ParseResult parsed, ChatOptions options, CancellationToken cancellationToken) =>
        options.IsCurl
            ? _target.ChooseToPrintAsync(parsed, options.Service, _shell, cancellationToken)
            : _target.ChooseAsync(parsed, options.Service, options.Model, _shell, cancellationToken);

    private async Task<ChatOptions> ReadOptionsAsync(ParseResult parsed, CancellationToken cancellationToken)
    {
        var (service, model) = _target.Names(parsed, parsed.GetValue(_model));
        bool isCurl = parsed.GetValue(_curl);
        bool isJson = parsed.GetValue(_json);
        bool printsEvents = parsed.GetValue(_events);
        bool isStream = !parsed.GetValue(_noStream);
        if (isCurl && (isJson || printsEvents))
        {
            throw new UsageException(
                $"--curl and {(isJson ? "--json" : "--events")} cannot be combined: --curl prints a command, not an answer."
            );
        }
        if (isJson && printsEvents)
            throw new UsageException("--json and --events cannot be combined: one prints the whole answer, the other its events.");
        if (printsEvents && !isStream)
            throw new UsageException("--events and --no-stream cannot be combined: without a stream there are no events.");
        var request = await ReadRequestAsync(parsed, cancellationToken).ConfigureAwait(false);
        return new ChatOptions(request, service, model, isStream, isJson, printsEvents, isCurl, parsed.GetValue(_showReasoning));
    }

    private async Task<int> RunCurlAsync(Target target, ChatOptions options, CancellationToken cancellationToken)
    {
        if (target.Demo is not null)
        {
            throw new UsageException(
                "curl cannot reach the built-in demonstration, which runs only inside this program. Name a service with --provider or --base-url."
            );
        }

        if (target.KnownModel(options.Model) is not { } model)
            throw new UsageException("--curl sends nothing, not even a request for the list of models. Name a model with --model.");
        try
        {
            TargetNotice.Write(_shell, target, model, target.ChatAddress(model, options.IsStream));
            using var client = target.CreateClient(model);
            if (target.MissingKey is { } missing)
                _shell.Error.WriteLine(TerminalColor.Dim(_shell, $"rawllm: {missing} is not set here; set it where the command runs"));
            string command = client.ToCurl(options.Request, options.IsStream, target.KeyVariable, out var quirks);
            ReportChanges(quirks);
            await _shell.Out.WriteAsync(Encoding.UTF8.GetBytes(command + "\n"), cancellationToken).ConfigureAwait(false);
            return ExitCode.Ok;
        }
        catch (LlmException e)
        {
            ErrorText.Write(_shell, e, target, model);
            return new ChatOutcome { Error = e }.Code;
        }
        catch (ArgumentException e)
        {
            throw new UsageException(e.Message);
        }
    }

    // A reply would list these as quirks; a printed command cannot.
    private void ReportChanges(IReadOnlyList<Quirk> quirks)
    {
        string leftOut = string.Join(
            ", ",
            quirks.Where(static quirk => quirk.Kind == QuirkKind.LeftOut).Select(static quirk => quirk.Place)
        );
        string others = string.Join(
            ", ",
            quirks.Where(static quirk => quirk.Kind != QuirkKind.LeftOut).Select(static quirk => quirk.Place)
        );
        if (leftOut.Length > 0)
            _shell.Error.WriteLine(TerminalColor.Dim(_shell, $"rawllm: left out: {SafeText.Line(leftOut)}"));
        if (others.Length > 0)
            _shell.Error.WriteLine(TerminalColor.Dim(_shell, $"rawllm: adapted: {SafeText.Line(others)}"));
    }

    private async Task<int> AskAsync(Target target, ChatOptions options, CancellationToken cancellationToken)
    {
        using var events = options.PrintsEvents ? new EventPrinter(_shell.Out) : null;
        var printer = options.IsJson || options.PrintsEvents ? null : new AnswerPrinter(_shell, options.ShowsReasoning);
        string? model = target.KnownModel(options.Model);
        ChatOutcome outcome;
        try
        {
            // The notice comes before any request: listing the models may fail or hang.
            TargetNotice.Write(_shell, target, model, model is null ? target.ListAddress : target.ChatAddress(model, options.IsStream));
            if (model is null)
            {
                model = await target.ChooseModelAsync(options.Model, cancellationToken).ConfigureAwait(false);
                TargetNotice.WriteModel(_shell, model, target.ChatAddress(model, options.IsStream));
            }
            using var client = target.CreateClient(model);
            outcome =
                events is not null ? await events.PrintAsync(client, options.Request, target, cancellationToken).ConfigureAwait(false)
                : options.IsStream ? await StreamAsync(client, options.Request, printer, cancellationToken).ConfigureAwait(false)
                : await SendAsync(client, options.Request, printer, cancellationToken).ConfigureAwait(false);
        }
        catch (LlmException e)
        {
            outcome = new ChatOutcome { Error = e };
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            outcome = new ChatOutcome { IsCancelled = true };
        }
        catch (ArgumentException e)
        {
            throw new UsageException(e.Message);
        }
        ReportEnd(outcome, target, model, printer, events);
        if (outcome.IsCancelled)
            throw new OperationCanceledException(cancellationToken);
        return outcome.Code;
    }

    private void ReportEnd(ChatOutcome outcome, Target target, string? model, AnswerPrinter? printer, EventPrinter? events)
    {
        if (events is not null)
            events.End(target, outcome, model);
        else if (printer is null)
            WriteJson(target, outcome, model);
        else if (outcome.IsCancelled)
            printer.EndLine();
        else
            printer.End(outcome.ReportedReply, model);
        if (outcome.Error is not null)
            ErrorText.Write(_shell, outcome.Error, target, model);
        else if (!outcome.IsCancelled && EndingNote(outcome.Reply!) is { } note)
            _shell.Error.WriteLine(TerminalColor.Dim(_shell, $"rawllm: {note}"));
    }

    private static string? EndingNote(ChatReply reply) =>
        (EndingNote(reply.StopReason), reply.StopMessage) switch
        {
            ({ } note, { } message) => $"{note}: {SafeText.Line(message)}",
            (null, { } message) => $"the service says about the end of the answer: {SafeText.Line(message)}",
            var (note, _) => note,
        };

    private static string? EndingNote(StopReason reason) =>
        reason switch
        {
            StopReason.MaxTokens =>
                "the answer is cut off: it reached the token limit; raise it with --max-tokens, if the service allows more",
            StopReason.ContextOverflow => "the answer is cut off: the model's context window is full",
            StopReason.ContentFilter => "the service withheld the answer or part of it",
            _ => null,
        };

    private static async Task<ChatOutcome> SendAsync(
        LlmClient client,
        ChatRequest request,
        AnswerPrinter? printer,
        CancellationToken cancellationToken
    )
    {
        var reply = await client.SendAsync(request, cancellationToken).ConfigureAwait(false);
        printer?.Print(reply);
        return new ChatOutcome
        {
            Reply = reply,
            HasContent = true,
            Events = 1,
        };
    }

    // Prints the answer as it arrives. If it breaks off, returns what arrived and why it ended.
    private static async Task<ChatOutcome> StreamAsync(
        LlmClient client,
        ChatRequest request,
        AnswerPrinter? printer,
        CancellationToken cancellationToken
    )
    {
        await using var stream = await client.StreamAsync(request, cancellationToken).ConfigureAwait(false);
        var builder = new ReplyBuilder();
        LlmException? error = null;
        bool isCancelled = false;
        try
        {
            while (await stream.ReadAsync(cancellationToken).ConfigureAwait(false))
            {
                builder.Add(stream.Current);
                printer?.Print(stream.Current);
                cancellationToken.ThrowIfCancellationRequested();
            }
        }
        catch (LlmException e)
        {
            error = e;
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            isCancelled = true;
        }
        return new ChatOutcome
        {
            Reply = builder.Build(stream),
            HasContent = builder.HasContent || (error is null && !isCancelled),
            Events = stream.FrameCount,
            Error = error,
            IsCancelled = isCancelled,
        };
    }

    private async Task<ChatRequest> ReadRequestAsync(ParseResult parsed, CancellationToken cancellationToken)
    {
        RefuseUnknownOptions(parsed, _prompt);
        int? maxTokens = parsed.GetValue(_maxTokens);
        if (maxTokens <= 0)
            throw new UsageException(TokensRange);
        double? temperature = parsed.GetValue(_temperature);
        if (temperature is { } value && !(value >= 0 && double.IsFinite(value)))
            throw new UsageException(TemperatureRange);
        string prompt = await ReadPromptAsync(parsed, cancellationToken).ConfigureAwait(false);
        if (string.IsNullOrWhiteSpace(prompt))
            throw new UsageException("The prompt is empty.");
        var thinking = parsed.GetValue(_think);
        if (thinking is not null && parsed.GetValue(_showReasoning))
            thinking = thinking with { Include = true };
        var format = parsed.GetValue(_schema) is { } schema ? await ReadSchemaAsync(schema, cancellationToken).ConfigureAwait(false) : null;
        var parts = new List<Part>();
        foreach (string file in parsed.GetValue(_attach) ?? [])
            parts.Add(await ReadAttachmentAsync(file, cancellationToken).ConfigureAwait(false));
        parts.Add(new TextPart(prompt));
        return new ChatRequest
        {
            System = parsed.GetValue(_system),
            Messages = [new Message(Role.User, parts)],
            MaxTokens = maxTokens,
            Temperature = temperature,
            Thinking = thinking,
            Format = format,
        };
    }

    private async Task<Part> ReadAttachmentAsync(string file, CancellationToken cancellationToken)
    {
        byte[] data = await ReadFileAsync(_attach, file, cancellationToken).ConfigureAwait(false);
        string name = Path.GetFileName(file);
        if (data.Length == 0)
            throw new UsageException($"{SafeText.Line(name)} is empty, so there is nothing to attach.");
        string type =
            MediaType.OfHead(data)
            ?? MediaType.OfName(Path.GetExtension(name))
            ?? throw new UsageException(
                $"Cannot tell the type of {SafeText.Line(name)} from its first bytes or its extension. Attach files such as .png, .jpg, .pdf, .wav, .mp3, .mp4 or .txt."
            );
        return FileTypes.IsImage(type) ? new ImagePart(data, type) : new FilePart(data, type, name);
    }

    private async Task<ReplyFormat> ReadSchemaAsync(string file, CancellationToken cancellationToken)
    {
        byte[] json = await ReadFileAsync(_schema, file, cancellationToken).ConfigureAwait(false);
        try
        {
            var schema = RawJson.FromUtf8(json.AsMemory(json is [0xEF, 0xBB, 0xBF, ..] ? 3 : 0));
            if (schema.Utf8.TrimStart(" \t\r\n"u8) is [(byte)'{', ..])
                return ReplyFormat.JsonSchema(SchemaName(file), schema);
        }
        catch (ArgumentException) { }
        throw new UsageException($"{SafeText.Line(file)} does not contain a JSON schema, which is a JSON object.");
    }

    // Uses only characters that services accept in a name.
    private static string SchemaName(string file)
    {
        string name = Path.GetFileName(file).Split('.')[0];
        name = string.Concat(name.Select(static letter => char.IsAsciiLetterOrDigit(letter) || letter is '_' or '-' ? letter : '_'));
        return name.Length == 0 ? "answer" : name[..Math.Min(LongestSchemaName, name.Length)];
    }

    private static async Task<byte[]> ReadFileAsync(Option option, string file, CancellationToken cancellationToken)
    {
        if (file == "-")
        {
            throw new UsageException(
                $"{option.Name} takes a file, not standard input, which can only be the prompt. For a file called -, pass ./-."
            );
        }
        try
        {
            return await File.ReadAllBytesAsync(file, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException or NotSupportedException)
        {
            throw new UsageException(CannotRead(file, e));
        }
    }

    private static Thinking? ReadThinking(ArgumentResult result)
    {
        string how = result.Tokens[0].Value;
        if (int.TryParse(how, NumberStyles.None, CultureInfo.InvariantCulture, out int tokens) && tokens > 0)
            return Thinking.Budget(tokens);
        ThinkingEffort? effort = how switch
        {
            "off" => ThinkingEffort.None,
            "minimal" => ThinkingEffort.Minimal,
            "low" => ThinkingEffort.Low,
            "medium" => ThinkingEffort.Medium,
            "high" => ThinkingEffort.High,
            "xhigh" => ThinkingEffort.ExtraHigh,
            "max" => ThinkingEffort.Max,
            _ => null,
        };
        if (effort is null)
            result.AddError(ThinkingValues);
        return new Thinking { Effort = effort };
    }

    private async Task<string> ReadPromptAsync(ParseResult parsed, CancellationToken cancellationToken)
    {
        var words = Words(parsed, _prompt);
        if (words.Count == 0)
        {
            return _shell.IsInTerminal
                ? throw new UsageException("There is no prompt. Pass one, as in rawllm chat \"Why is the sky blue?\", or pipe it in.")
                : await InputText.ReadAsync(_shell, cancellationToken).ConfigureAwait(false);
        }
        var texts = new List<string>();
        foreach (var (text, isInput) in words)
            texts.Add(isInput ? await InputText.ReadAsync(_shell, cancellationToken).ConfigureAwait(false) : text);
        return string.Join(' ', texts);
    }

    private void WriteJson(Target? target, ChatOutcome outcome, string? model) =>
        ReplyJson.WriteLine(
            _shell.Out,
            json =>
            {
                var error = outcome.Error;
                var reply = outcome.Reply ?? error?.Partial;
                ReplyJson.WriteSource(json, target, reply, model);
                ReplyJson.WriteReply(json, reply ?? new ReplyBuilder().Build(), outcome.Events, error, outcome.IsCancelled);
                ReplyJson.WriteCircumstances(json, reply, error);
            }
        );

    private sealed record ChatOptions(
        ChatRequest Request,
        string? Service,
        string? Model,
        bool IsStream,
        bool IsJson,
        bool PrintsEvents,
        bool IsCurl,
        bool ShowsReasoning
    );
}
