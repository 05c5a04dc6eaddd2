using System.CommandLine;
using System.Text;
using RawLlm.Cli.Output;
using RawLlm.Cli.Targets;
using RawLlm.Protocols;

namespace RawLlm.Cli.Commands;

/// <summary><c>rawllm chat</c>: asks, and prints the answer as it comes.</summary>
internal sealed class ChatCommand : TeachingCommand
{
    private const string TakesTokens = "--max-tokens takes a whole number of at least 1.";
    private const string TakesTemperature = "--temperature takes a number of at least 0.";

    private readonly Shell _shell;
    private readonly TargetOptions _target = new();

    private readonly Argument<string[]> _prompt = new("PROMPT")
    {
        Description = "What to ask; several words are joined. - reads it from the standard input.",
        Arity = ArgumentArity.OneOrMore,
    };

    private readonly Option<string?> _model = new("--model", "-m") { Description = "The model, by the service's own name, or with the service before it, as in openrouter:openai/gpt-5; else the service's usual one, or the first that a local server lists.", HelpName = "MODEL" };
    private readonly Option<string?> _system = new("--system", "-s") { Description = "Instructions that stand above the prompt.", HelpName = "TEXT" };
    private readonly Option<bool> _noStream = new("--no-stream") { Description = "Ask for the whole answer at once." };
    private readonly Option<bool> _json = new("--json") { Description = "Print one JSON object in place of the text." };
    private readonly Option<int?> _maxTokens = new("--max-tokens") { Description = "The most tokens that the answer may have.", HelpName = "N", CustomParser = NumberParser.Whole(TakesTokens) };
    private readonly Option<double?> _temperature = new("--temperature", "-t") { Description = "0 for the most likely words; most services take up to 1 or 2.", HelpName = "T", CustomParser = NumberParser.Number(TakesTemperature) };
    private readonly Option<bool> _showReasoning = new("--show-reasoning") { Description = "Show the model's thoughts too, where the service gives them (on the standard error)." };

    public ChatCommand(Shell shell)
        : base("chat", "Asks a model and prints the answer as it comes.")
    {
        _shell = shell;
        Add(_prompt);
        _target.AddTo(this);
        Add(_model);
        Add(_system);
        Add(_maxTokens);
        Add(_temperature);
        Add(_noStream);
        Add(_showReasoning);
        Add(_json);
        SetAction(RunAsync);
    }

    public override string Lesson => """
        Which service is asked:
          1. the one that --provider or --base-url names
          2. else the first whose key variable is set, in the order of rawllm providers; GITHUB_TOKEN, HF_TOKEN and CLOUDFLARE_API_TOKEN
             have other uses too and do not count
          3. else a local server that answers: Ollama (11434), llama.cpp (8080), LM Studio (1234), vLLM (8000)
          4. else a demonstration inside this program: real HTTP and a real stream, but no model
          The standard error says which it is. The standard output holds the answer and nothing else.

        Examples:
          rawllm chat "Why is the sky blue?"
          rawllm chat --provider openrouter --model openrouter/auto --system "Answer in French." "Why is the sky blue?"
          rawllm chat --base-url http://localhost:8000 --max-tokens 200 "Why is the sky blue?"
          rawllm chat --base-url https://llm.example.com/v1 --key-env MY_KEY "Why is the sky blue?"
          rawllm chat --json --no-stream "Name three birds" | jq -r .text
          git diff | rawllm chat --system "Review this change." -
          rawllm chat --provider demo --show-reasoning "Hello"
          rawllm chat -- "--json is a word of this prompt"

        Environment:
          OPENAI_API_KEY and others   keys, one variable for each service: rawllm providers
          NO_COLOR                    set to anything: no colours

        Exit codes:
          0 the answer is whole   1 the call failed   2 wrong usage   3 the answer broke off   130 cancelled
        """;

    private async Task<int> RunAsync(ParseResult parsed, CancellationToken cancellationToken)
    {
        var request = await ReadRequestAsync(parsed, cancellationToken).ConfigureAwait(false);
        string? given = parsed.GetValue(_model);
        string? service = _target.Provider(parsed);
        // openrouter:openai/gpt-5 names both; a model's own colon does not.
        if (service is null && _target.BaseUrl(parsed) is null && given is not null && Providers.TryResolve(given, out var named, out string bare))
            (service, given) = (named.Name, bare);
        await using var target = await TargetChoice.ChooseAsync(service, _target.BaseUrl(parsed), _target.KeyVariable(parsed), _shell, cancellationToken).ConfigureAwait(false);
        bool isJson = parsed.GetValue(_json);
        bool isStream = !parsed.GetValue(_noStream);
        var printer = isJson ? null : new AnswerPrinter(_shell, parsed.GetValue(_showReasoning));
        ChatReply? reply = null;
        LlmException? error = null;
        string? model = null;
        try
        {
            model = await target.ChooseModelAsync(given, cancellationToken).ConfigureAwait(false);
            TargetNotice.Write(_shell, target, model);
            using var client = target.CreateClient(model);
            (reply, error) = isStream
                ? await StreamAsync(client, request, printer, cancellationToken).ConfigureAwait(false)
                : (await SendAsync(client, request, printer, cancellationToken).ConfigureAwait(false), null);
        }
        catch (LlmException e)
        {
            error = e;
        }
        catch (OperationCanceledException)
        {
            printer?.EndLine();
            throw;
        }
        catch (ArgumentException e)
        {
            throw new UsageException(e.Message);
        }
        printer?.End(reply);
        if (isJson)
            WriteJson(target, reply, isStream ? null : 1, error, model);
        if (error is not null)
            ErrorText.Write(_shell, error, target, model);
        return error is null ? ExitCode.Ok
            : error.Kind == LlmErrorKind.StreamTruncated || reply is not null ? ExitCode.Incomplete
            : ExitCode.Failed;
    }

    private static async Task<ChatReply> SendAsync(LlmClient client, ChatRequest request, AnswerPrinter? printer, CancellationToken cancellationToken)
    {
        var reply = await client.SendAsync(request, cancellationToken).ConfigureAwait(false);
        printer?.Print(reply);
        return reply;
    }

    /// <summary>Prints the answer as it comes; when it breaks off, gives what came and why it ended.</summary>
    private static async Task<(ChatReply? Reply, LlmException? Error)> StreamAsync(LlmClient client, ChatRequest request, AnswerPrinter? printer, CancellationToken cancellationToken)
    {
        await using var stream = await client.StreamAsync(request, cancellationToken).ConfigureAwait(false);
        var builder = new ReplyBuilder();
        LlmException? error = null;
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
            if (!builder.HasContent)
                return (null, e);
        }
        var reply = builder.Build();
        return (reply with { Cost = client.CostOf(reply.Usage, reply.Model) ?? client.CostOf(reply.Usage), Quirks = stream.Quirks, RateLimits = stream.RateLimits, RequestId = stream.RequestId }, error);
    }

    private async Task<ChatRequest> ReadRequestAsync(ParseResult parsed, CancellationToken cancellationToken)
    {
        RefuseUnknownOptions(parsed, _prompt);
        int? maxTokens = parsed.GetValue(_maxTokens);
        if (maxTokens <= 0)
            throw new UsageException(TakesTokens);
        double? temperature = parsed.GetValue(_temperature);
        if (temperature is { } value && !(value >= 0 && double.IsFinite(value)))
            throw new UsageException(TakesTemperature);
        string[] words = parsed.GetValue(_prompt)!;
        string prompt = words is ["-"] ? await ReadInputAsync(cancellationToken).ConfigureAwait(false) : string.Join(' ', words);
        if (string.IsNullOrWhiteSpace(prompt))
            throw new UsageException("The prompt is empty.");
        return new ChatRequest { System = parsed.GetValue(_system), Messages = [Message.User(prompt)], MaxTokens = maxTokens, Temperature = temperature };
    }

    private async Task<string> ReadInputAsync(CancellationToken cancellationToken)
    {
        using var reader = new StreamReader(_shell.In, Encoding.UTF8, leaveOpen: true);
        // A console gives up no read that has begun: it is left behind when the program is told to end.
        return await reader.ReadToEndAsync(cancellationToken).WaitAsync(cancellationToken).ConfigureAwait(false);
    }

    private void WriteJson(Target target, ChatReply? reply, long? events, LlmException? error, string? model) => ReplyJson.WriteLine(_shell.Out, json =>
    {
        json.WriteString("provider", target.Provider.Name);
        json.WriteString("id", reply?.Id);
        json.WriteString("model", reply?.Model ?? model);
        ReplyJson.WriteReply(json, reply ?? error?.Partial ?? new ReplyBuilder().Build(), events, error);
        ReplyJson.WriteCost(json, reply?.Cost);
        json.WritePropertyName("rateLimits");
        ReplyJson.WriteRateLimits(json, reply?.RateLimits ?? error?.RateLimits);
        json.WriteString("requestId", reply?.RequestId ?? error?.RequestId);
    });
}
