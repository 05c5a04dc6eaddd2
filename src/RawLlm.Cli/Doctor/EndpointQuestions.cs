using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using RawLlm.Cli.Targets;
using RawLlm.Protocols;

namespace RawLlm.Cli.Doctor;

/// <summary>
/// Asks one endpoint the questions. If a chat completions server refuses one, repeats it with other settings of the dialect.
/// </summary>
internal sealed class EndpointQuestions(Provider provider, LlmClientOptions options) : IDisposable
{
    // The model's name in a request for the list of models, which does not use it.
    private const string AnyModel = "any";

    private static readonly TimeSpan LongestWait = TimeSpan.FromSeconds(30);

    private const string Obeyed = "obeyed";
    private const string Ignored = "ignored";

    // For a service that does not say how long.
    private static readonly TimeSpan UsualWait = TimeSpan.FromSeconds(2);

    private readonly List<Quirk> _quirks = [];
    private readonly List<DialectAdjustment> _adjustments = [];

    // Only a base URL without a path gets the root path. A server may have its list elsewhere than the conversation, so both are tried.
    private readonly DialectAdjustment[] _rootPaths =
        provider.BaseUrl.AbsolutePath == "/" && provider.Protocol is ChatCompletionsProtocol { RootPath: var usual }
            ? [DialectAdjustment.NoRootPath, DialectAdjustment.RootPath(usual)]
            : [];

    private readonly WireProtocol _originalProtocol = provider.Protocol;
    private readonly List<(string Question, Usage? Usage)> _usages = [];
    private LlmClient? _client;
    private bool _isStillLimited;
    private bool _isStreamRefused;
    private RateLimits? _limits;

    /// <summary>The endpoint with the dialect settings that it needed.</summary>
    public Provider Provider { get; private set; } = provider;

    /// <summary>The model to ask; null while unknown.</summary>
    public string? Model { get; private set; }

    /// <summary>The dialect settings that the endpoint needed.</summary>
    public IReadOnlyList<DialectAdjustment> Adjustments => _adjustments;

    /// <summary>The tolerated deviations in the answers.</summary>
    public IReadOnlyList<Quirk> Quirks => _quirks;

    /// <summary>The timing of the streamed answer; null if no pieces arrived.</summary>
    public StreamTiming? Timing { get; private set; }

    /// <summary>Creates the client.</summary>
    /// <exception cref="LlmException">The configuration is wrong.</exception>
    public void Create(string model)
    {
        _client?.Dispose();
        _client = new LlmClient(Provider, model, options);
    }

    public async Task<Finding> ListAsync(string? model, CancellationToken cancellationToken)
    {
        Model = model ?? Provider.DefaultModel;
        var models = await AdjustAsync(token => _client!.ListModelsAsync(token), _rootPaths, cancellationToken).ConfigureAwait(false);
        Model ??= Target.First(models);
        bool isListed = Model is null || models.Any(entry => entry.Id == Model);
        return new Finding(
            Checks.Models,
            isListed ? Verdict.Works : Verdict.Differs,
            $"{models.Count} listed{(isListed ? "" : $", {Model} is not among them")}"
        );
    }

    public async Task<Finding> AskWholeAsync(CancellationToken cancellationToken)
    {
        long start = Stopwatch.GetTimestamp();
        var reply = await SendAsync(
                Questions.Hello,
                cancellationToken,
                [DialectAdjustment.OldMaxTokens, DialectAdjustment.NewMaxTokens, .. _rootPaths]
            )
            .ConfigureAwait(false);
        _usages.Add(("whole", reply.Usage));
        string text = reply.Text.Length > 0 ? $"\u201C{Short(reply.Text)}\u201D" : "no text";
        return new Finding(
            Checks.Whole,
            reply.Text.Length > 0 && reply.IsComplete ? Verdict.Works : Verdict.Differs,
            $"{text}, {Stop(reply)}, {Duration.Text(Stopwatch.GetElapsedTime(start))}"
        );
    }

    public async Task<Finding> AskStreamAsync(CancellationToken cancellationToken)
    {
        StreamedAnswer reply;
        try
        {
            reply = await StreamAsync(
                    Questions.Count,
                    cancellationToken,
                    DialectAdjustment.NoStreamOptions,
                    DialectAdjustment.OldMaxTokens,
                    DialectAdjustment.NewMaxTokens
                )
                .ConfigureAwait(false);
        }
        catch (LlmException e) when (!IsLimit(e))
        {
            _isStreamRefused = true;
            throw;
        }
        _usages.Add(("stream", reply.Reply.Usage));
        Timing = StreamTiming.Of(reply.Times);
        if (Timing is not { } timing)
            return new Finding(Checks.Stream, Verdict.Differs, $"no content, {Stop(reply.Reply)}");
        bool isOnePiece = timing.Events < 3;
        return new Finding(
            Checks.Stream,
            isOnePiece ? Verdict.Differs : Verdict.Works,
            $"{timing.Events} pieces, first after {Duration.Text(timing.FirstEvent)}, then every {Duration.Text(timing.MedianGap)} (longest {Duration.Text(timing.LongestGap)}), {Stop(reply.Reply)}{(isOnePiece ? "; the server may be buffering its answer" : "")}"
        );
    }

    // A question that failed says nothing about usage.
    public Finding UsageFinding() =>
        new(
            Checks.Usage,
            _usages.All(entry => entry.Usage is not null) ? Verdict.Works
                : _usages.All(entry => entry.Usage is null) ? Verdict.Fails
                : Verdict.Differs,
            string.Join("; ", _usages.Select(entry => $"{entry.Question}: {Tokens(entry.Usage)}"))
        );

    public async Task<Finding> AskToolAsync(CancellationToken cancellationToken)
    {
        var reply = await SendAsync(Questions.OneTool, cancellationToken, DialectAdjustment.NoStrict).ConfigureAwait(false);
        if (reply.CompletedToolCalls is not [var call, ..])
        {
            return new Finding(
                Checks.Tools,
                Verdict.Fails,
                IsUnparsed(reply)
                    ? $"wrote the call as text: \u201C{Short(reply.Text)}\u201D; start the server with its tool-call parser"
                    : $"answered without a tool call: \u201C{Short(reply.Text)}\u201D"
            );
        }

        return new Finding(
            Checks.Tools,
            call.ReadArguments().Text("city") is null ? Verdict.Differs : Verdict.Works,
            $"{call.Name}({Short(call.Arguments)}), {Stop(reply)}"
        );
    }

    public async Task<Finding> AskTwoToolsAsync(CancellationToken cancellationToken)
    {
        var streamed = await StreamIfPossibleAsync(Questions.TwoTools, cancellationToken, DialectAdjustment.NoParallelSwitch)
            .ConfigureAwait(false);
        int calls = streamed.Reply.CompletedToolCalls.Count;
        return new Finding(
            Checks.Parallel,
            calls > 1 ? Verdict.Works : Verdict.Differs,
            $"{calls} {(calls == 1 ? "call" : "calls")} in one {(_isStreamRefused ? "turn" : "streamed turn")}"
        );
    }

    public async Task<Finding> AskChoiceAsync(CancellationToken cancellationToken)
    {
        var forced = await SendAsync(
                Questions.ForcedTool,
                cancellationToken,
                DialectAdjustment.RequiredIsAny,
                DialectAdjustment.RequiredIsAuto,
                DialectAdjustment.NoChoice
            )
            .ConfigureAwait(false);
        string required = Provider.Protocol is ChatCompletionsProtocol { SupportsToolChoice: true, RequiredToolChoice: "auto" }
            ? "not supported; auto sent instead"
            : Outcome(forced, forced.ToolCalls.Count > 0);
        var named = await SendAsync(Questions.NamedTool, cancellationToken, DialectAdjustment.NoNamedChoice, DialectAdjustment.NoChoice)
            .ConfigureAwait(false);
        var none = await SendAsync(Questions.NoTool, cancellationToken, DialectAdjustment.NoChoiceOfNone).ConfigureAwait(false);
        string[] outcomes = [required, Outcome(named, named.ToolCalls.Count > 0), Outcome(none, none.ToolCalls.Count == 0)];
        return new Finding(
            Checks.Choice,
            outcomes.All(static outcome => outcome == Obeyed) ? Verdict.Works
                : outcomes.All(static outcome => outcome == Ignored) ? Verdict.Fails
                : Verdict.Differs,
            $"required {outcomes[0]}, named {outcomes[1]}, none {outcomes[2]}"
        );

        // Without the choice, the model may still happen to do what it says.
        static string Outcome(ChatReply reply, bool isObeyed) =>
            reply.Quirks.FirstOrDefault(static quirk => quirk.Place is "tool_choice" or "tools") switch
            {
                { Place: "tools" } => "not supported; tools left out",
                { Kind: QuirkKind.LeftOut } => "not supported; left out",
                { Kind: QuirkKind.Adapted } => "not supported; another sent instead",
                _ => isObeyed ? Obeyed : Ignored,
            };
    }

    public async Task<Finding> AskSchemaAsync(CancellationToken cancellationToken)
    {
        var reply = await SendAsync(Questions.Schema, cancellationToken, DialectAdjustment.NoStrict, DialectAdjustment.NoSchema)
            .ConfigureAwait(false);
        try
        {
            using var json = JsonDocument.Parse(reply.Text);
            bool fits = json.RootElement.ValueKind == JsonValueKind.Object && json.RootElement.TryGetProperty("capital", out _);
            return new Finding(
                Checks.Schema,
                fits ? Verdict.Works : Verdict.Differs,
                fits ? Short(reply.Text) : $"JSON, but it does not follow the schema: {Short(reply.Text)}"
            );
        }
        catch (JsonException)
        {
            return new Finding(Checks.Schema, Verdict.Fails, $"the answer is not JSON: \u201C{Short(reply.Text)}\u201D");
        }
    }

    public async Task<Finding> AskReasoningAsync(CancellationToken cancellationToken)
    {
        var streamed = await StreamIfPossibleAsync(Questions.Thought, cancellationToken, DialectAdjustment.NoThinking)
            .ConfigureAwait(false);
        string fields = string.Join(", ", streamed.ReasoningFields);
        long? tokens = streamed.Reply.Usage?.ReasoningTokens;
        if (streamed.Reply.Reasoning.Length > 0)
        {
            return new Finding(
                Checks.Reasoning,
                Verdict.Works,
                $"{streamed.Reply.Reasoning.Length} characters{(fields.Length > 0 ? $" in {fields}" : "")}{(tokens is null ? "" : $", {tokens} tokens")}"
            );
        }

        return new Finding(
            Checks.Reasoning,
            tokens > 0 ? Verdict.Differs : Verdict.Fails,
            tokens > 0 ? $"{tokens} tokens, not shown" : "the model returns no reasoning"
        );
    }

    public async Task<Finding> AskImageAsync(CancellationToken cancellationToken)
    {
        var reply = await SendAsync(Questions.Image, cancellationToken).ConfigureAwait(false);
        bool isSeen = reply.Text.Contains("red", StringComparison.OrdinalIgnoreCase);
        return new Finding(
            Checks.Image,
            isSeen ? Verdict.Works : Verdict.Differs,
            $"described a red square as \u201C{Short(reply.Text)}\u201D"
        );
    }

    public async Task<Finding> AskNoSuchModelAsync(CancellationToken cancellationToken)
    {
        try
        {
            var reply = await SendAsync(Questions.NoSuchModel, cancellationToken).ConfigureAwait(false);
            return new Finding(Checks.Error, Verdict.Differs, $"a model that does not exist answered \u201C{Short(reply.Text)}\u201D");
        }
        // A router may well say that it has no capacity for such a model.
        catch (LlmException e) when (KindOf(e) != LlmErrorKind.RateLimited)
        {
            var kind = KindOf(e);
            bool isClear =
                kind is LlmErrorKind.NotFound or LlmErrorKind.BadRequest or LlmErrorKind.PermissionDenied or LlmErrorKind.Authentication;
            return new Finding(
                Checks.Error,
                isClear ? Verdict.Works : Verdict.Differs,
                $"{kind}, HTTP {e.Status?.ToString(CultureInfo.InvariantCulture) ?? "-"}, code {e.ProviderCode ?? "-"}: {Short(e.Message)}"
            );
        }
    }

    public Finding LimitsFinding()
    {
        (string Name, RateLimit? Limit)[] limits =
        [
            ("requests", _limits?.Requests),
            ("tokens", _limits?.Tokens),
            ("input tokens", _limits?.InputTokens),
            ("output tokens", _limits?.OutputTokens),
        ];
        string seen = string.Join(
            ", ",
            limits.Where(entry => entry.Limit is not null).Select(entry => $"{entry.Name} {entry.Limit!.Remaining} of {entry.Limit.Limit}")
        );
        return seen.Length > 0
            ? new Finding(Checks.Limits, Verdict.Works, seen)
            : new Finding(Checks.Limits, Verdict.Skipped, "the service sends none");
    }

    public void Dispose() => _client?.Dispose();

    /// <summary>Whether the service did not answer because of a limit that passes, which says nothing about what it can do.</summary>
    public static bool IsLimit(LlmException e) => KindOf(e) is LlmErrorKind.RateLimited or LlmErrorKind.Overloaded;

    internal static string Short(string text)
    {
        text = text.ReplaceLineEndings(" ").Trim();
        return text.Length <= 80 ? text : TextCut.Of(text, 80) + "\u2026";
    }

    private Task<ChatReply> SendAsync(ChatRequest request, CancellationToken cancellationToken, params DialectAdjustment[] adjustments) =>
        AdjustAsync(async token => Record(await _client!.SendAsync(request, token).ConfigureAwait(false)), adjustments, cancellationToken);

    private Task<StreamedAnswer> StreamAsync(
        ChatRequest request,
        CancellationToken cancellationToken,
        params DialectAdjustment[] adjustments
    ) =>
        AdjustAsync(
            async token =>
            {
                var answer = await StreamedAnswer.ReadAsync(_client!, request, token).ConfigureAwait(false);
                Record(answer.Reply);
                return answer;
            },
            adjustments,
            cancellationToken
        );

    private async Task<StreamedAnswer> StreamIfPossibleAsync(
        ChatRequest request,
        CancellationToken cancellationToken,
        params DialectAdjustment[] adjustments
    ) =>
        _isStreamRefused
            ? new StreamedAnswer(await SendAsync(request, cancellationToken, adjustments).ConfigureAwait(false), [], [])
            : await StreamAsync(request, cancellationToken, adjustments).ConfigureAwait(false);

    // If an adjustment turns a refusal into an answer, the server needs it. If none does, the first refusal is the result.
    private async Task<T> AdjustAsync<T>(
        Func<CancellationToken, Task<T>> ask,
        DialectAdjustment[] adjustments,
        CancellationToken cancellationToken
    )
    {
        try
        {
            return await AskAsync(ask, cancellationToken).ConfigureAwait(false);
        }
        catch (LlmException refusal) when (Provider.Protocol is ChatCompletionsProtocol dialect && IsRefusal(refusal))
        {
            var before = Provider;
            string model = Model ?? AnyModel;
            foreach (var adjustment in adjustments)
            {
                if (adjustment.Apply(dialect, model) is var adjusted && adjusted == dialect)
                    continue;
                Provider = before with { Protocol = adjusted };
                Create(model);
                try
                {
                    var answer = await AskAsync(ask, cancellationToken).ConfigureAwait(false);
                    // A later question may need another value of the same property.
                    _adjustments.RemoveAll(earlier => earlier.Property == adjustment.Property);
                    if (_originalProtocol is ChatCompletionsProtocol given && adjustment.Apply(given, model) != given)
                        _adjustments.Add(adjustment);
                    return answer;
                }
                catch (LlmException e) when (IsRefusal(e)) { }
                catch (LlmException e)
                {
                    Provider = before;
                    Create(model);
                    // A limit does not show whether the server accepts the setting.
                    if (IsLimit(e))
                        throw;
                    throw refusal;
                }
            }
            Provider = before;
            Create(model);
            throw;
        }
    }

    // Waits once if a limit is reached that passes soon. If a wait did not help, later questions do not wait.
    private async Task<T> AskAsync<T>(Func<CancellationToken, Task<T>> ask, CancellationToken cancellationToken)
    {
        TimeSpan wait;
        try
        {
            return await ask(cancellationToken).ConfigureAwait(false);
        }
        catch (LlmException e) when (IsLimit(e) && !_isStillLimited && !(e.RetryAfter > LongestWait))
        {
            wait = e.RetryAfter ?? UsualWait;
        }
        await Task.Delay(wait, options.Time, cancellationToken).ConfigureAwait(false);
        try
        {
            return await ask(cancellationToken).ConfigureAwait(false);
        }
        catch (LlmException e) when (IsLimit(e))
        {
            _isStillLimited = true;
            throw;
        }
    }

    private static LlmErrorKind KindOf(LlmException e) => e.CauseKind ?? e.Kind;

    private static bool IsRefusal(LlmException e) => e.Kind is LlmErrorKind.BadRequest or LlmErrorKind.NotFound;

    private ChatReply Record(ChatReply reply)
    {
        _limits = reply.RateLimits ?? _limits;
        foreach (var quirk in reply.Quirks)
        {
            if (!_quirks.Contains(quirk))
                _quirks.Add(quirk);
        }
        return reply;
    }

    private static bool IsUnparsed(ChatReply reply) => reply.Quirks.Any(quirk => quirk.Kind == QuirkKind.ToolCallAsText);

    private static string Stop(ChatReply reply) => reply.RawStopReason is { } raw ? $"{reply.StopReason} ({raw})" : $"{reply.StopReason}";

    private static string Tokens(Usage? usage) =>
        usage is null
            ? "none"
            : $"{usage.InputTokens?.ToString(CultureInfo.InvariantCulture) ?? "?"} in, {usage.OutputTokens?.ToString(CultureInfo.InvariantCulture) ?? "?"} out";
}
