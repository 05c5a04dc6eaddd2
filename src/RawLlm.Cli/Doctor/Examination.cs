using System.Diagnostics;
using System.Text.Json;
using RawLlm.Cli.Targets;
using RawLlm.Protocols;

namespace RawLlm.Cli.Doctor;

/// <summary>Examines one endpoint, check after check. Where a server of chat completions refuses a request, the dialect is bent until it takes it.</summary>
internal sealed class Examination : IDisposable
{
    public const string ReachCheck = "reachable";
    public const string TlsCheck = "TLS";
    public const string KeyCheck = "key";
    public const string ModelsCheck = "models";
    public const string WholeCheck = "whole answer";
    public const string StreamCheck = "stream";
    public const string UsageCheck = "usage";
    public const string ToolsCheck = "tools";
    public const string ParallelCheck = "parallel tools";
    public const string ChoiceCheck = "tool choice";
    public const string SchemaCheck = "JSON schema";
    public const string ReasoningCheck = "reasoning";
    public const string ImageCheck = "image";
    public const string ErrorCheck = "error shape";
    public const string LimitsCheck = "rate-limit headers";

    private static readonly string[] ModelChecks =
        [WholeCheck, StreamCheck, UsageCheck, ToolsCheck, ParallelCheck, ChoiceCheck, SchemaCheck, ReasoningCheck, ImageCheck, ErrorCheck, LimitsCheck];

    private readonly LlmClientOptions _options;
    private readonly List<Finding> _findings = [];
    private readonly List<Quirk> _quirks = [];
    private readonly List<DialectBend> _bends = [];
    private readonly Target _target;
    private readonly Provider _given;
    private readonly string? _address;
    private readonly TimeSpan _patience;
    private Provider _provider;
    private LlmClient? _client;
    private string? _model;
    private StreamTiming? _timing;
    private Usage? _wholeUsage;
    private Usage? _streamUsage;
    private RateLimits? _limits;

    /// <param name="target">The endpoint.</param>
    /// <param name="address">The address as it was given, when it was; for the expression that makes the provider.</param>
    /// <param name="patience">The longest that one question may take.</param>
    public Examination(Target target, string? address, TimeSpan patience)
    {
        _target = target;
        _given = _provider = target.Provider;
        _address = address;
        _patience = patience;
        _options = target.Options with
        {
            // Every answer counts as it is, and the endpoint decides what it can do.
            Retries = LlmRetries.None,
            ChecksCapabilities = false,
            Timeouts = TargetOptions.Waits(patience),
        };
    }

    /// <summary>What has been found so far.</summary>
    public Diagnosis Diagnosis => new(_provider, _model, _findings, _quirks, _timing, ProviderExpression.Write(_target, _address, _bends), ProviderExpression.Options(_target));

    /// <summary>Makes every check.</summary>
    /// <param name="model">The model to ask; null for the service's usual one, or the first that it lists.</param>
    /// <param name="progress">Is told of each finding as it is made.</param>
    /// <param name="cancellationToken">Ends the examination.</param>
    public async Task RunAsync(string? model, Action<Finding> progress, CancellationToken cancellationToken)
    {
        // What is known to be wrong is said before a name is looked up or a connection opened.
        if (CreateClient(model ?? _given.DefaultModel ?? "any") is { } problem)
        {
            Skip([ReachCheck, TlsCheck], "the set-up is wrong", progress);
            Add(new Finding(KeyCheck, Verdict.Fails, problem), progress);
            Skip([ModelsCheck, .. ModelChecks], "the checks before failed", progress);
        }
        else if (await ReachAsync(progress, cancellationToken).ConfigureAwait(false))
        {
            Add(new Finding(KeyCheck, Verdict.Skipped, SentFrom is null ? "none is sent, or a placeholder; no answer has come" : $"sent, from {SentFrom}; no answer has come that shows whether it works"), progress);
            await CheckAsync(ModelsCheck, token => ListAsync(model, token), progress, cancellationToken).ConfigureAwait(false);
            if (_model is null)
                Skip(ModelChecks, "no model is known: name one with --model", progress);
            else
                await AskAsync(progress, cancellationToken).ConfigureAwait(false);
        }
        else
        {
            Skip([ModelsCheck, .. ModelChecks], "the checks before failed", progress);
        }
    }

    public void Dispose() => _client?.Dispose();

    private async Task<bool> ReachAsync(Action<Finding> progress, CancellationToken cancellationToken)
    {
        // What lies behind a proxy is its own to reach: the questions go through it.
        if (NetworkProbe.ProxyFor(_provider.BaseUrl, HttpClient.DefaultProxy) is { } proxy)
        {
            Skip([ReachCheck, TlsCheck], $"the system's proxy {proxy.Authority} connects", progress);
            return true;
        }
        using var network = new NetworkProbe();
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        deadline.CancelAfter(_patience);
        try
        {
            Add(await network.ReachAsync(_provider.BaseUrl, deadline.Token).ConfigureAwait(false), progress);
            if (_findings[^1].Verdict != Verdict.Fails)
                Add(await network.SecureAsync(_provider.BaseUrl, deadline.Token).ConfigureAwait(false), progress);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            Add(new Finding(_findings.Count == 0 ? ReachCheck : TlsCheck, Verdict.Fails, $"no answer within {Duration.Text(_patience)}"), progress);
        }
        // Plain HTTP is skipped, not failed.
        if (_findings[^1].Verdict != Verdict.Fails)
            return true;
        Skip(_findings.Count == 1 ? [TlsCheck, KeyCheck] : [KeyCheck], "the checks before failed", progress);
        return false;
    }

    // Makes the client; gives what is wrong with the set-up when that cannot be.
    private string? CreateClient(string model)
    {
        if (_target.Problem is { } problem)
            return problem.Hint is null ? problem.Text : $"{problem.Text} To mend it, {problem.Hint}.";
        try
        {
            _client = new LlmClient(_provider, model, _options);
            return null;
        }
        catch (LlmException e)
        {
            return e.Message;
        }
    }

    private async Task AskAsync(Action<Finding> progress, CancellationToken cancellationToken)
    {
        Recreate();
        await CheckAsync(WholeCheck, AskWholeAsync, progress, cancellationToken).ConfigureAwait(false);
        await CheckAsync(StreamCheck, AskStreamAsync, progress, cancellationToken).ConfigureAwait(false);
        if (_findings.TakeLast(2).All(finding => finding.Verdict == Verdict.Fails))
        {
            Skip(ModelChecks[2..], "the model gives no answer", progress);
            return;
        }
        Add(UsageFinding(), progress);
        await CheckAsync(ToolsCheck, AskToolAsync, progress, cancellationToken).ConfigureAwait(false);
        bool hasTools = _findings[^1].Verdict is Verdict.Works or Verdict.Differs;
        if (hasTools)
        {
            await CheckAsync(ParallelCheck, AskTwoToolsAsync, progress, cancellationToken).ConfigureAwait(false);
            await CheckAsync(ChoiceCheck, AskChoiceAsync, progress, cancellationToken).ConfigureAwait(false);
        }
        else
        {
            Skip([ParallelCheck, ChoiceCheck], "there are no tools", progress);
        }
        await CheckAsync(SchemaCheck, AskSchemaAsync, progress, cancellationToken).ConfigureAwait(false);
        await CheckAsync(ReasoningCheck, AskThoughtAsync, progress, cancellationToken).ConfigureAwait(false);
        await CheckAsync(ImageCheck, AskImageAsync, progress, cancellationToken).ConfigureAwait(false);
        await CheckAsync(ErrorCheck, AskNoSuchModelAsync, progress, cancellationToken).ConfigureAwait(false);
        Add(LimitsFinding(), progress);
    }

    private async Task CheckAsync(string check, Func<CancellationToken, Task<Finding>> ask, Action<Finding> progress, CancellationToken cancellationToken)
    {
        Finding finding;
        try
        {
            finding = await ask(cancellationToken).ConfigureAwait(false);
            // Lists of models are open to everybody at some services.
            if (check is not (ModelsCheck or ErrorCheck))
                Judge(Verdict.Works, SentFrom is null ? "the service takes none, or a placeholder is sent" : $"from {SentFrom}", progress);
        }
        catch (LlmException e)
        {
            if ((e.CauseKind ?? e.Kind) is LlmErrorKind.Authentication or LlmErrorKind.PermissionDenied)
                Judge(Verdict.Fails, SentFrom is null ? "the service wants one: name its variable with --key-env" : $"the service refuses the one in {SentFrom}", progress);
            string code = e.ProviderCode is null ? "" : $", code {e.ProviderCode}";
            finding = new Finding(check, Verdict.Fails, $"{e.CauseKind ?? e.Kind}{(e.Status is { } status ? $" (HTTP {status}{code})" : "")}: {e.Message}");
        }
        catch (ArgumentException e)
        {
            finding = new Finding(check, Verdict.Fails, $"this wire cannot carry it: {e.Message}");
        }
        Add(finding, progress);
    }

    // The variable of a key that goes out; a placeholder does in its place where the service can do without.
    private string? SentFrom => _given.Credential.IsSecret ? _target.KeyVariable : null;

    // The first answer tells: a key that a model has answered to is not refused as a whole by what comes later.
    private void Judge(Verdict verdict, string detail, Action<Finding> progress)
    {
        int index = _findings.FindIndex(finding => finding.Check == KeyCheck);
        if (_findings[index].Verdict == Verdict.Works)
            return;
        _findings[index] = new Finding(KeyCheck, verdict, detail);
        progress(_findings[index]);
    }

    private async Task<Finding> ListAsync(string? model, CancellationToken cancellationToken)
    {
        _model = model ?? _given.DefaultModel;
        var models = await _client!.ListModelsAsync(cancellationToken).ConfigureAwait(false);
        _model ??= Target.First(models);
        bool isListed = _model is null || models.Any(entry => entry.Id == _model);
        return new Finding(ModelsCheck, isListed ? Verdict.Works : Verdict.Differs, $"{models.Count} listed{(isListed ? "" : $", {_model} is not among them")}");
    }

    private async Task<Finding> AskWholeAsync(CancellationToken cancellationToken)
    {
        long start = Stopwatch.GetTimestamp();
        var reply = await SendAsync(Questions.Hello, cancellationToken, DialectBend.OldMaxTokens, DialectBend.NewMaxTokens, DialectBend.NoRootPath).ConfigureAwait(false);
        _wholeUsage = reply.Usage;
        string said = reply.Text.Length > 0 ? $"\u201C{Short(reply.Text)}\u201D" : "no text";
        return new Finding(WholeCheck, reply.Text.Length > 0 && reply.IsComplete ? Verdict.Works : Verdict.Differs, $"{said}, {Stop(reply)}, {Duration.Text(Stopwatch.GetElapsedTime(start))}");
    }

    private async Task<Finding> AskStreamAsync(CancellationToken cancellationToken)
    {
        var reply = await StreamAsync(Questions.Count, cancellationToken, DialectBend.NoStreamOptions, DialectBend.OldMaxTokens, DialectBend.NewMaxTokens).ConfigureAwait(false);
        _streamUsage = reply.Reply.Usage;
        _timing = StreamTiming.Of(reply.Times);
        if (_timing is not { } timing)
            return new Finding(StreamCheck, Verdict.Differs, $"no content, {Stop(reply.Reply)}");
        bool isOnePiece = timing.Events < 3;
        return new Finding(
            StreamCheck,
            isOnePiece ? Verdict.Differs : Verdict.Works,
            $"{timing.Events} pieces, first after {Duration.Text(timing.FirstEvent)}, then every {Duration.Text(timing.MedianGap)} (longest {Duration.Text(timing.LongestGap)}), {Stop(reply.Reply)}{(isOnePiece ? "; the server may hold its answer back" : "")}");
    }

    private Finding UsageFinding() => new(
        UsageCheck,
        _wholeUsage is not null && _streamUsage is not null ? Verdict.Works : _wholeUsage is null && _streamUsage is null ? Verdict.Fails : Verdict.Differs,
        $"whole: {Tokens(_wholeUsage)}; stream: {Tokens(_streamUsage)}");

    private async Task<Finding> AskToolAsync(CancellationToken cancellationToken)
    {
        var reply = await SendAsync(Questions.OneTool, cancellationToken, DialectBend.NoStrict).ConfigureAwait(false);
        if (reply.CompletedToolCalls is not [var call, ..])
            return new Finding(ToolsCheck, Verdict.Fails, $"answered without a call: \u201C{Short(reply.Text)}\u201D");
        return new Finding(ToolsCheck, call.ReadArguments().Text("city") is null ? Verdict.Differs : Verdict.Works, $"{call.Name}({Short(call.Arguments)}), {Stop(reply)}");
    }

    private async Task<Finding> AskTwoToolsAsync(CancellationToken cancellationToken)
    {
        var streamed = await StreamAsync(Questions.TwoTools, cancellationToken, DialectBend.NoParallelSwitch).ConfigureAwait(false);
        int calls = streamed.Reply.CompletedToolCalls.Count;
        return new Finding(ParallelCheck, calls > 1 ? Verdict.Works : Verdict.Differs, $"{calls} {(calls == 1 ? "call" : "calls")} in one streamed turn");
    }

    private async Task<Finding> AskChoiceAsync(CancellationToken cancellationToken)
    {
        var forced = await SendAsync(Questions.ForcedTool, cancellationToken, DialectBend.RequiredIsAny, DialectBend.NoChoice).ConfigureAwait(false);
        var named = await SendAsync(Questions.NamedTool, cancellationToken, DialectBend.NoNamedChoice, DialectBend.NoChoice).ConfigureAwait(false);
        var none = await SendAsync(Questions.NoTool, cancellationToken, DialectBend.NoChoice).ConfigureAwait(false);
        bool[] kept = [forced.ToolCalls.Count > 0, named.ToolCalls.Count > 0, none.ToolCalls.Count == 0];
        string detail = $"required {Kept(kept[0])}, named {Kept(kept[1])}, none {Kept(kept[2])}";
        return new Finding(ChoiceCheck, kept.All(isKept => isKept) ? Verdict.Works : kept.Any(isKept => isKept) ? Verdict.Differs : Verdict.Fails, detail);

        static string Kept(bool isKept) => isKept ? "obeyed" : "ignored";
    }

    private async Task<Finding> AskSchemaAsync(CancellationToken cancellationToken)
    {
        var reply = await SendAsync(Questions.Schema, cancellationToken, DialectBend.NoStrict, DialectBend.NoSchema).ConfigureAwait(false);
        try
        {
            using var json = JsonDocument.Parse(reply.Text);
            bool fits = json.RootElement.ValueKind == JsonValueKind.Object && json.RootElement.TryGetProperty("capital", out _);
            return new Finding(SchemaCheck, fits ? Verdict.Works : Verdict.Differs, fits ? Short(reply.Text) : $"JSON, but not of the schema: {Short(reply.Text)}");
        }
        catch (JsonException)
        {
            return new Finding(SchemaCheck, Verdict.Fails, $"the answer is no JSON: \u201C{Short(reply.Text)}\u201D");
        }
    }

    private async Task<Finding> AskThoughtAsync(CancellationToken cancellationToken)
    {
        var streamed = await StreamAsync(Questions.Thought, cancellationToken, DialectBend.NoThinking).ConfigureAwait(false);
        string fields = string.Join(", ", streamed.ReasoningFields);
        long? tokens = streamed.Reply.Usage?.ReasoningTokens;
        if (streamed.Reply.Reasoning.Length > 0)
            return new Finding(ReasoningCheck, Verdict.Works, $"{streamed.Reply.Reasoning.Length} characters{(fields.Length > 0 ? $" under {fields}" : "")}{(tokens is null ? "" : $", {tokens} tokens")}");
        return new Finding(ReasoningCheck, tokens > 0 ? Verdict.Differs : Verdict.Fails, tokens > 0 ? $"{tokens} tokens, not shown" : "the model shows no thoughts");
    }

    private async Task<Finding> AskImageAsync(CancellationToken cancellationToken)
    {
        var reply = await SendAsync(Questions.Image, cancellationToken).ConfigureAwait(false);
        bool isSeen = reply.Text.Contains("red", StringComparison.OrdinalIgnoreCase);
        return new Finding(ImageCheck, isSeen ? Verdict.Works : Verdict.Differs, $"a red square is called \u201C{Short(reply.Text)}\u201D");
    }

    private async Task<Finding> AskNoSuchModelAsync(CancellationToken cancellationToken)
    {
        try
        {
            var reply = await _client!.SendAsync(Questions.NoSuchModel, cancellationToken).ConfigureAwait(false);
            return new Finding(ErrorCheck, Verdict.Differs, $"a model that does not exist answers \u201C{Short(reply.Text)}\u201D");
        }
        catch (LlmException e)
        {
            var kind = e.CauseKind ?? e.Kind;
            bool isClear = kind is LlmErrorKind.NotFound or LlmErrorKind.BadRequest or LlmErrorKind.PermissionDenied or LlmErrorKind.Authentication;
            return new Finding(ErrorCheck, isClear ? Verdict.Works : Verdict.Differs, $"{kind}, HTTP {e.Status?.ToString(System.Globalization.CultureInfo.InvariantCulture) ?? "-"}, code {e.ProviderCode ?? "-"}: {Short(e.Message)}");
        }
    }

    private Finding LimitsFinding()
    {
        (string Name, RateLimit? Limit)[] limits = [("requests", _limits?.Requests), ("tokens", _limits?.Tokens), ("input tokens", _limits?.InputTokens), ("output tokens", _limits?.OutputTokens)];
        string seen = string.Join(", ", limits.Where(entry => entry.Limit is not null).Select(entry => $"{entry.Name} {entry.Limit!.Remaining} of {entry.Limit.Limit}"));
        return seen.Length > 0 ? new Finding(LimitsCheck, Verdict.Works, seen) : new Finding(LimitsCheck, Verdict.Skipped, "the service sends none");
    }

    private Task<ChatReply> SendAsync(ChatRequest request, CancellationToken cancellationToken, params DialectBend[] bends) =>
        BendAsync(async token => Keep(await _client!.SendAsync(request, token).ConfigureAwait(false)), bends, cancellationToken);

    private Task<StreamedAnswer> StreamAsync(ChatRequest request, CancellationToken cancellationToken, params DialectBend[] bends) =>
        BendAsync(
            async token =>
            {
                var answer = await StreamedAnswer.ReadAsync(_client!, request, token).ConfigureAwait(false);
                Keep(answer.Reply);
                return answer;
            },
            bends,
            cancellationToken);

    // A refusal that a bend turns into an answer shows that the server wants the bend; if none does, the first refusal is what counts.
    private async Task<T> BendAsync<T>(Func<CancellationToken, Task<T>> ask, DialectBend[] bends, CancellationToken cancellationToken)
    {
        try
        {
            return await ask(cancellationToken).ConfigureAwait(false);
        }
        catch (LlmException refusal) when (_provider.Protocol is ChatCompletionsProtocol dialect && refusal.Kind is LlmErrorKind.BadRequest or LlmErrorKind.NotFound)
        {
            var before = _provider;
            foreach (var bend in bends.Where(bend => bend.Apply((ChatCompletionsProtocol)before.Protocol) != before.Protocol))
            {
                _provider = before with { Protocol = bend.Apply((ChatCompletionsProtocol)before.Protocol) };
                Recreate();
                try
                {
                    var answer = await ask(cancellationToken).ConfigureAwait(false);
                    _bends.Add(bend);
                    return answer;
                }
                catch (LlmException)
                {
                }
            }
            _provider = before;
            Recreate();
            throw;
        }
    }

    private void Recreate()
    {
        _client?.Dispose();
        _client = new LlmClient(_provider, _model!, _options);
    }

    private ChatReply Keep(ChatReply reply)
    {
        _limits = reply.RateLimits ?? _limits;
        foreach (var quirk in reply.Quirks)
        {
            if (!_quirks.Contains(quirk))
                _quirks.Add(quirk);
        }
        return reply;
    }

    private void Skip(IEnumerable<string> checks, string why, Action<Finding> progress)
    {
        foreach (string check in checks)
            Add(new Finding(check, Verdict.Skipped, why), progress);
    }

    private void Add(Finding finding, Action<Finding> progress)
    {
        _findings.Add(finding);
        progress(finding);
    }

    private static string Stop(ChatReply reply) => reply.RawStopReason is { } raw ? $"{reply.StopReason} ({raw})" : $"{reply.StopReason}";

    private static string Tokens(Usage? usage) => usage is null ? "none" : $"{usage.InputTokens?.ToString(System.Globalization.CultureInfo.InvariantCulture) ?? "?"} in, {usage.OutputTokens?.ToString(System.Globalization.CultureInfo.InvariantCulture) ?? "?"} out";

    internal static string Short(string text)
    {
        text = text.ReplaceLineEndings(" ").Trim();
        return text.Length <= 80 ? text : TextCut.Of(text, 80) + "\u2026";
    }
}
