using System.CommandLine;
using RawLlm.Cli.Output;
using RawLlm.Cli.Targets;

namespace RawLlm.Cli.Commands;

/// <summary><c>rawllm embed</c>: prints the embeddings of texts.</summary>
internal sealed class EmbedCommand : TeachingCommand
{
    private const string DimensionsRange = "--dimensions takes a whole number of at least 1.";

    private readonly Shell _shell;
    private readonly TargetOptions _target = new(
        "Time limit for each request, in seconds (1 to 3600). Many texts are sent in several requests."
    );

    private readonly Argument<string[]> _texts = new("TEXT")
    {
        Description =
            "Texts to embed, each by itself. - stands for the lines of standard input, which are also the texts if none is given.",
        Arity = ArgumentArity.ZeroOrMore,
    };

    private readonly Option<string?> _model = new("--model", "-m")
    {
        Description =
            "Model that makes the embeddings, as the service names it, optionally after the name of the service, as in openai:text-embedding-3-small. Default: the first that is for embeddings by its name or by the service's list, or the only one.",
        HelpName = "MODEL",
    };

    private readonly Option<int?> _dimensions = new("--dimensions")
    {
        Description = "Length of each embedding, for models that can return shorter ones than usual.",
        HelpName = "N",
        CustomParser = NumberParser.Whole(DimensionsRange),
    };

    private readonly Switch _whole = new("--whole") { Description = "Embed standard input as one text instead of line by line." };
    private readonly Switch _json = new("--json")
    {
        Description = "Print each embedding in full as a JSON object on its own line, instead of the table.",
    };

    public EmbedCommand(Shell shell)
        : base("embed", "Print the embeddings of texts.")
    {
        _shell = shell;
        Add(_texts);
        _target.AddTo(this);
        Add(_model);
        Add(_dimensions);
        Add(_whole);
        Add(_json);
        SetAction(RunAsync);
    }

    public override string Lesson =>
        """
            Without --provider and --base-url, the service is chosen as for rawllm chat, except that the demonstration has
            no embeddings. Empty lines of standard input are left out.

            The table shows only the first numbers of each embedding, and its norm. Standard error names the model, the
            tokens and the cost.

            Members of each JSON object (--json), one on each line, in the order of the texts:
              index                        the number of the text, from 0
              text, model
              embedding                    [number, ...], as many as the model returns or --dimensions requests
            If the call fails, the last line has these members instead:
              provider, model
              error                        same members as for rawllm chat

            Examples:
              rawllm embed --provider openai --model text-embedding-3-small "Why is the sky blue?"
              rawllm embed --model ollama:nomic-embed-text "blue" "sky"
              rawllm embed --base-url http://localhost:8080 --json "blue" | jq -c .embedding
              rawllm embed --provider openai --dimensions 256 --json - < lines.txt > embeddings.jsonl
              rawllm embed --provider gemini --whole --json < page.md

            Environment:
              OPENAI_API_KEY and others   API keys, one variable per service; rawllm providers lists them

            Exit codes:
              0    success
              1    the call failed, or the output could not be written
              2    wrong usage
              3    the call failed after some of the embeddings were printed
              130  canceled
              141  the output was closed early, for example by head
            """;

    private async Task<int> RunAsync(ParseResult parsed, CancellationToken cancellationToken)
    {
        bool isJson = parsed.GetValue(_json);
        EmbeddingRequest request;
        Target chosen;
        string? model;
        try
        {
            (string? service, model) = _target.Names(parsed, parsed.GetValue(_model));
            request = new EmbeddingRequest(await ReadTextsAsync(parsed, cancellationToken).ConfigureAwait(false))
            {
                Dimensions = parsed.GetValue(_dimensions),
            };
            chosen = await _target.ChooseAsync(parsed, service, model, _shell, cancellationToken).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (isJson && cancellationToken.IsCancellationRequested)
        {
            WriteError(target: null, parsed.GetValue(_model), error: null);
            throw;
        }
        await using var target = chosen;
        RefuseDemo(target);
        var printer = new EmbeddingPrinter(_shell, isJson);
        LlmException? error = null;
        bool isCancelled = false;
        try
        {
            TargetNotice.Write(_shell, target, model, model is null ? target.ListAddress : target.EmbeddingAddress(model));
            if (model is null)
            {
                model = await target.ChooseEmbeddingModelAsync(given: null, cancellationToken).ConfigureAwait(false);
                TargetNotice.WriteModel(_shell, model, target.EmbeddingAddress(model));
            }
            await EmbedAsync(target, model, request, printer, cancellationToken).ConfigureAwait(false);
        }
        catch (LlmException e)
        {
            error = e;
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            isCancelled = true;
        }
        catch (ArgumentException e)
        {
            throw new UsageException(e.Message);
        }
        printer.End(request.Inputs.Count, model);
        if (isJson && (error is not null || isCancelled))
            WriteError(target, model, error);
        if (isCancelled)
            throw new OperationCanceledException(cancellationToken);
        if (error is null)
            return ExitCode.Ok;
        ErrorText.Write(_shell, error, target, model, isEmbedding: true);
        return printer.Count > 0 ? ExitCode.Incomplete : ExitCode.Failed;
    }

    // Request by request, so that a failure does not lose what has already been paid for.
    private static async Task EmbedAsync(
        Target target,
        string model,
        EmbeddingRequest request,
        EmbeddingPrinter printer,
        CancellationToken cancellationToken
    )
    {
        using var client = target.CreateClient(model);
        // The library reports a wire without embeddings.
        int most = Math.Max(1, target.Provider.Protocol.MaxEmbeddingInputs);
        foreach (string[] texts in request.Inputs.Chunk(most))
        {
            var embeddings = await client.EmbedAsync(request with { Inputs = texts }, cancellationToken).ConfigureAwait(false);
            printer.Print(texts, embeddings);
        }
    }

    private static void RefuseDemo(Target target)
    {
        if (target.Demo is null)
            return;
        throw new UsageException(
            target.Reason is { } why
                ? $"No service to ask for embeddings: {why}. Set OPENAI_API_KEY or another API key variable (rawllm providers lists them), start Ollama, or name a server with --base-url."
                : "The built-in demonstration has no embeddings. Name a service with --provider or --base-url."
        );
    }

    private async Task<IReadOnlyList<string>> ReadTextsAsync(ParseResult parsed, CancellationToken cancellationToken)
    {
        RefuseUnknownOptions(parsed, _texts);
        if (parsed.GetValue(_dimensions) <= 0)
            throw new UsageException(DimensionsRange);
        bool isWhole = parsed.GetValue(_whole);
        var words = Words(parsed, _texts);
        if (isWhole && words.Count > 0 && !words.Any(static word => word.IsInput))
            throw new UsageException("--whole is for standard input, which - stands for.");
        if (words.Count == 0)
        {
            return _shell.IsInTerminal
                ? throw new UsageException("There is no text. Pass one, as in rawllm embed \"Why is the sky blue?\", or pipe lines in.")
                : await ReadInputAsync(isWhole, cancellationToken).ConfigureAwait(false);
        }
        int empty = words.FindIndex(static word => string.IsNullOrWhiteSpace(word.Text));
        if (empty >= 0)
            throw new UsageException($"Text {empty + 1} is empty.");
        var texts = new List<string>();
        foreach (var (text, isInput) in words)
        {
            if (isInput)
                texts.AddRange(await ReadInputAsync(isWhole, cancellationToken).ConfigureAwait(false));
            else
                texts.Add(text);
        }
        return texts;
    }

    private async Task<IReadOnlyList<string>> ReadInputAsync(bool isWhole, CancellationToken cancellationToken)
    {
        string input = await InputText.ReadAsync(_shell, cancellationToken).ConfigureAwait(false);
        if (string.IsNullOrWhiteSpace(input))
            throw new UsageException("Standard input contains no text.");
        if (isWhole)
            return [input];
        string[] lines = input.Split('\n');
        // Most services refuse an empty text, and with it the whole request.
        return [.. lines.Select(static line => line.TrimEnd('\r')).Where(static line => !string.IsNullOrWhiteSpace(line))];
    }

    private void WriteError(Target? target, string? model, LlmException? error) =>
        ReplyJson.WriteLine(
            _shell.Out,
            json =>
            {
                json.WriteString("provider", target?.Provider.Name);
                json.WriteString("model", model);
                ReplyJson.WriteError(json, error, isCancelled: error is null);
            }
        );
}
