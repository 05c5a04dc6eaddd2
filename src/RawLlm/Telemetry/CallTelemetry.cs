using System.Diagnostics;
using RawLlm.Protocols;

namespace RawLlm.Telemetry;

/// <summary>
/// The telemetry of one call: its activity and its measurements. Created only if something listens. Ends once; the first end counts.
/// </summary>
internal sealed class CallTelemetry
{
    // The operations. The first two are the conventions'.
    public const string Chat = "chat";
    public const string Embeddings = "embeddings";
    public const string ListModels = "list_models";
    public const string GetModel = "get_model";
    public const string CountTokens = "count_tokens";

    private const int LongestText = 256;

    private readonly LlmClient _client;
    private ChainTelemetry? _chain;
    private readonly Activity? _activity;

    [DebuggerBrowsable(DebuggerBrowsableState.Never)]
    private readonly List<string>? _secrets;
    private readonly TimeProvider _time;
    private readonly long _start;

    // The tags of every measurement of the call.
    private readonly TagList _tags;

    [DebuggerBrowsable(DebuggerBrowsableState.Never)]
    private List<string>? _signed;
    private int _attempts;
    private long _lastChunk;
    private bool _hasChunk;
    private bool _measuresChunks;
    private bool _isCancelled;
    private string? _retriedAfter;
    private int _isEnded;

    private CallTelemetry(LlmClient client, string operation, string? model, List<string>? secrets, ChainTelemetry? chain)
    {
        _client = client;
        _chain = chain;
        _secrets = secrets;
        _time = client.Options.Time;
        _start = _time.GetTimestamp();
        var address = client.Provider.BaseUrl;
        _tags = new TagList
        {
            { Tags.Operation, operation },
            { Tags.Provider, ProviderNames.Of(client.Provider) },
            { Tags.ServerAddress, address.IdnHost },
            { Tags.ServerPort, address.Port },
        };
        if (model is not null)
            _tags.Add(Tags.RequestModel, model);
        if (DetachedActivity.MayBeWanted)
        {
            _activity = DetachedActivity.TryStart(
                model is null ? operation : $"{operation} {model}",
                ActivityKind.Client,
                chain?.Activity,
                _tags
            );
        }
    }

    /// <summary>Whether the activity records more than that there was a call.</summary>
    public bool IsRecorded => _activity is { IsAllDataRequested: true };

    /// <summary>Begins a call; null if nothing listens.</summary>
    public static CallTelemetry? Begin(
        LlmClient client,
        string operation,
        string? model = null,
        List<string>? secrets = null,
        ChainTelemetry? chain = null
    ) => TelemetrySource.IsObserved ? new(client, operation, model, secrets, chain) : null;

    /// <summary>Begins a chat call; null if nothing listens.</summary>
    public static CallTelemetry? Begin(LlmClient client, ChatRequest? request, bool isStream, ChainTelemetry? chain)
    {
        if (!TelemetrySource.IsObserved)
            return null;
        var call = new CallTelemetry(
            client,
            Chat,
            request?.Model ?? client.Model,
            request?.Headers is { } headers ? KeyHeaders.Secrets(headers) : null,
            chain
        );
        if (request is not null && call._activity is { IsAllDataRequested: true } activity)
            Describe(activity, request, isStream);
        return call;
    }

    /// <summary>Begins an embedding call; null if nothing listens.</summary>
    public static CallTelemetry? Begin(LlmClient client, EmbeddingRequest? request, ChainTelemetry? chain = null)
    {
        if (
            Begin(
                client,
                Embeddings,
                request?.Model ?? client.Model,
                request?.Headers is { } headers ? KeyHeaders.Secrets(headers) : null,
                chain
            )
            is not { } call
        )
        {
            return null;
        }

        if (request?.Dimensions is { } dimensions && call._activity is { IsAllDataRequested: true } activity)
            activity.SetTag(Tags.Dimensions, dimensions);
        return call;
    }

    /// <summary>Makes the activity the current one, so that .NET's activities become its children, until <see cref="EndSending"/> restores
    /// the previous one.</summary>
    /// <param name="secrets">The secrets that a custom credential has set; usually null.</param>
    public Activity? BeginSending(List<string>? secrets)
    {
        _signed = secrets;
        _attempts++;
        if (TelemetrySwitch.MeasuresToo)
            CountSending();
        var current = Activity.Current;
        if (_activity is not null)
            Activity.Current = _activity;
        return current;
    }

    /// <summary>Restores the activity that was current before, once the request is on its way.</summary>
    public void EndSending(Activity? current)
    {
        if (_activity is not null)
            Activity.Current = current;
    }

    /// <summary>Records that an attempt failed.</summary>
    /// <param name="failure">The error.</param>
    /// <param name="elapsed">The duration of the attempt.</param>
    /// <param name="wait">The wait before the next attempt; null if there is none.</param>
    public void AttemptFailed(LlmException failure, TimeSpan elapsed, TimeSpan? wait)
    {
        string kind = failure.Kind.ToString();
        // The retry is counted when it is sent, because the call may be canceled during the wait.
        _retriedAfter = wait is null ? null : kind;
        if (_activity is not { IsAllDataRequested: true })
            return;
        var facts = new ActivityTagsCollection
        {
            { Tags.Attempt, _attempts },
            { Tags.ErrorType, kind },
            { Tags.AttemptDuration, elapsed.TotalSeconds },
        };
        if (failure.Status is { } status)
            facts.Add(Tags.Status, status);
        if (wait is { } time)
            facts.Add(Tags.Wait, time.TotalSeconds);
        _activity.AddEvent(new ActivityEvent("rawllm.attempt_failed", tags: facts));
    }

    /// <summary>Records that a read of a stream's body delivered part of the answer.</summary>
    public void ChunkCame()
    {
        if (_hasChunk && !_measuresChunks)
            return;
        long now = _time.GetTimestamp();
        try
        {
            MeasureChunk(now);
        }
        catch (Exception)
        {
            // Thrown by a listener.
        }
        _lastChunk = now;
    }

    /// <summary>Ends the call when the task completes.</summary>
    /// <param name="task">The call.</param>
    /// <param name="facts">Returns what to report of the result.</param>
    public async Task<T> FollowAsync<T>(Task<T> task, Func<T, AnswerFacts>? facts = null)
    {
        T result;
        try
        {
            result = await task.ConfigureAwait(false);
        }
        catch (Exception e)
        {
            Failed(e);
            throw;
        }
        Done(facts?.Invoke(result) ?? new AnswerFacts());
        return result;
    }

    /// <summary>Ends the call with a whole answer.</summary>
    public void Done(in AnswerFacts facts) => End(Outcome.Done, errorType: null, facts);

    /// <summary>Ends the call with an exception.</summary>
    public void Failed(Exception e) => Failed(e, AnswerFacts.Of(e));

    /// <summary>Ends the call, and that of its chain, with the whole answer of a stream.</summary>
    public void StreamDone(in AnswerFacts facts)
    {
        Done(facts);
        _chain?.Ended(Outcome.Done, errorType: null);
    }

    /// <summary>Ends the call, and that of its chain, with the exception that ended a stream.</summary>
    /// <param name="e">The exception.</param>
    /// <param name="facts">What is known of the answer.</param>
    /// <param name="isCommitted">Whether the caller had already received part of the answer.</param>
    public void StreamFailed(Exception e, in AnswerFacts facts, bool isCommitted)
    {
        if (
            isCommitted
            && e is LlmException
            && TelemetrySwitch.MeasuresToo
            && Instruments.BrokenStreams.Enabled
            && Volatile.Read(ref _isEnded) == 0
        )
        {
            CountBroken(e);
        }

        Failed(e, facts);
        _chain?.Ended(Outcome.Of(e), Outcome.ErrorType(e));
    }

    /// <summary>Ends the call with the exception that ended a stream; the call of the chain continues with another client.</summary>
    /// <param name="e">The exception.</param>
    /// <param name="facts">What is known of the answer.</param>
    public void StreamBroken(LlmException e, in AnswerFacts facts)
    {
        if (TelemetrySwitch.MeasuresToo && Instruments.BrokenStreams.Enabled && Volatile.Read(ref _isEnded) == 0)
            CountBroken(e);
        Failed(e, facts);
    }

    /// <summary>Detaches the call from its chain because another client answered first.</summary>
    public void LeaveChain() => _chain = null;

    /// <summary>Records that a read was refused because its token was canceled, which does not end the stream.</summary>
    public void ReadRefused() => _isCancelled = true;

    /// <summary>Ends the call, and that of its chain, because the stream was disposed before its end.</summary>
    /// <param name="facts">What is known of the answer.</param>
    /// <param name="isCancelled">Whether the token that the stream was opened with is canceled.</param>
    public void StreamLeft(in AnswerFacts facts, bool isCancelled)
    {
        if (isCancelled || _isCancelled)
        {
            StreamFailed(new OperationCanceledException(), facts, isCommitted: true);
            return;
        }
        End(Outcome.Left, errorType: null, facts);
        _chain?.Ended(Outcome.Left, errorType: null);
    }

    private void MeasureChunk(long now)
    {
        if (_hasChunk)
        {
            Instruments.NextChunk.Record(_time.GetElapsedTime(_lastChunk, now).TotalSeconds, _tags);
        }
        else
        {
            _hasChunk = true;
            double seconds = _time.GetElapsedTime(_start, now).TotalSeconds;
            if (_activity is { IsAllDataRequested: true } activity)
                activity.SetTag(Tags.TimeToFirstChunk, seconds);
            if (TelemetrySwitch.MeasuresToo)
            {
                Instruments.FirstChunk.Record(seconds, _tags);
                _measuresChunks = Instruments.NextChunk.Enabled;
            }
        }
    }

    private void CountSending()
    {
        try
        {
            Instruments.Attempts.Add(1, _tags);
            if (_retriedAfter is not { } kind)
                return;
            _retriedAfter = null;
            var tags = _tags;
            tags.Add(Tags.ErrorType, kind);
            Instruments.Retries.Add(1, tags);
        }
        catch (Exception)
        {
            // Thrown by a listener.
        }
    }

    private void CountBroken(Exception e)
    {
        try
        {
            var tags = _tags;
            tags.Add(Tags.ErrorType, Outcome.ErrorType(e));
            Instruments.BrokenStreams.Add(1, tags);
        }
        catch (Exception)
        {
            // Thrown by a listener.
        }
    }

    private static void Describe(Activity activity, ChatRequest request, bool isStream)
    {
        // The conventions set this tag only for a call that streams.
        if (isStream)
            activity.SetTag(Tags.IsStream, true);
        Set(activity, Tags.MaxTokens, request.MaxTokens);
        Set(activity, Tags.Temperature, request.Temperature);
        Set(activity, Tags.TopP, request.TopP);
        Set(activity, Tags.FrequencyPenalty, request.FrequencyPenalty);
        Set(activity, Tags.PresencePenalty, request.PresencePenalty);
        Set(activity, Tags.Seed, request.Seed);
        if (request.ChoiceCount is { } choices and not 1)
            activity.SetTag(Tags.ChoiceCount, choices);
        if (request.Format is { } format)
            activity.SetTag(Tags.OutputType, format.Kind is ReplyFormatKind.Json or ReplyFormatKind.JsonSchema ? "json" : "text");
    }

    private static void Set<T>(Activity activity, string name, T? value)
        where T : struct
    {
        if (value is { } known)
            activity.SetTag(name, known);
    }

    private void Failed(Exception e, in AnswerFacts facts) => End(Outcome.Of(e), Outcome.ErrorType(e), facts, e as LlmException);

    private void End(string outcome, string? errorType, in AnswerFacts facts, LlmException? failure = null)
    {
        if (Interlocked.Exchange(ref _isEnded, 1) != 0)
            return;
        try
        {
            Record(outcome, errorType, facts, failure);
        }
        catch (Exception)
        {
            // Thrown by a listener, which must not lose an answer or hide an error.
        }
    }

    private void Record(string outcome, string? errorType, in AnswerFacts facts, LlmException? failure)
    {
        var elapsed = _time.GetElapsedTime(_start);
        var (input, output) = CallMeasurements.Counted(facts.Usage, _client.Provider.Protocol.UsageConvention);
        // What the service says about itself can contain the key, or anything else.
        var redaction = _client.Errors.Redaction(_signed is null ? _secrets : [.. _secrets ?? [], .. _signed]);
        string? model = Clean(facts.Model, redaction);
        if (TelemetrySwitch.MeasuresToo)
            CallMeasurements.Record(_tags, elapsed, model, errorType, input, output, facts.Quirks);
        if (_activity is null)
            return;
        if (_activity.IsAllDataRequested)
        {
            Set(_activity, Tags.InputTokens, input);
            Set(_activity, Tags.OutputTokens, output);
            Set(_activity, Tags.CacheReadTokens, facts.Usage?.CachedInputTokens);
            Set(_activity, Tags.CacheWriteTokens, facts.Usage?.CacheWriteTokens);
            Set(_activity, Tags.ReasoningTokens, facts.Usage?.ReasoningTokens);
            _activity.SetTag(Tags.ResponseModel, model);
            _activity.SetTag(Tags.ResponseId, Clean(facts.Id, redaction));
            _activity.SetTag(Tags.RequestId, Clean(facts.RequestId, redaction));
            if (facts.FinishReasons.Count > 0)
                _activity.SetTag(Tags.FinishReasons, Clean(facts.FinishReasons, redaction));
            _activity.SetTag(Tags.Attempts, _attempts);
            if (facts.Cost is { } cost)
                _activity.SetTag(Tags.Cost, (double)cost.Amount);
            Set(_activity, Tags.Status, failure?.Status);
            _activity.SetTag(Tags.ErrorCause, failure?.CauseKind?.ToString());
        }
        // The measured duration, by the client's own clock.
        _activity.SetEndTime(_activity.StartTimeUtc + elapsed);
        DetachedActivity.End(_activity, outcome, errorType);
    }

    // Only the part of a long text that may be shown is searched, plus the length of a secret that begins there.
    private static string? Clean(string? text, Redaction redaction)
    {
        if (text is null)
            return null;
        int maxLength = LongestText + redaction.Longest;
        return TextSanitizer.Clean(redaction.Apply(text.Length > maxLength ? text[..maxLength] : text), LongestText);
    }

    private static string[] Clean(IReadOnlyList<string> texts, Redaction redaction)
    {
        string[] clean = new string[texts.Count];
        for (int i = 0; i < clean.Length; i++)
            clean[i] = Clean(texts[i], redaction)!;
        return clean;
    }
}
