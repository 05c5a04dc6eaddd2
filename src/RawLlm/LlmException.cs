using System.Globalization;
using System.Text;
using System.Text.Json.Serialization;
using RawLlm.Protocols;

namespace RawLlm;

/// <summary>A call to a model failed: the service said no, the connection broke, or the answer was not what its wire prescribes.</summary>
/// <remarks>
/// Misuse by the caller is an <see cref="ArgumentException"/> or <see cref="InvalidOperationException"/>, cancelling is always
/// <see cref="OperationCanceledException"/>, a timeout never is. No message, code or id holds a key, the request's text, or more of the service's own
/// text than <see cref="LlmLimits.ErrorTextCharacters"/>, with control characters made visible. What was asked and answered is in
/// <see cref="Body"/>, <see cref="Partial"/>, <see cref="Reply"/> and <see cref="Run"/> alone, and what code of the program's own has thrown in <see cref="Exception.InnerException"/>.
/// </remarks>
[JsonConverter(typeof(LlmExceptionConverter))]
public sealed class LlmException : Exception
{
    /// <summary>Makes an error.</summary>
    public LlmException(LlmErrorKind kind, string message, Exception? inner = null)
        : base(message, inner) => Kind = kind;

    /// <summary>What went wrong.</summary>
    public LlmErrorKind Kind { get; }

    /// <summary>
    /// For <see cref="LlmErrorKind.StreamError"/>, what the service's own error means; for <see cref="LlmErrorKind.ServerError"/>, what the
    /// service blames the request for, when it does: the same request is then worth one more try at most; for <see cref="LlmErrorKind.ReplyUnfinished"/>,
    /// what ended the answer, where there is a kind for it.
    /// </summary>
    public LlmErrorKind? CauseKind { get; init; }

    /// <summary>How far the call had come.</summary>
    public LlmPhase Phase { get; init; }

    /// <summary>True when the same request may well succeed later, and no output had been handed on.</summary>
    public bool IsRetryable { get; init; }

    /// <summary>True when a part of the answer had been handed to the caller: to send again would give it twice.</summary>
    public bool OutputCommitted { get; init; }

    /// <summary>The HTTP status, when there was one.</summary>
    public int? Status { get; init; }

    /// <summary>The status with which a gateway answers its own caller where this error is why it cannot: what the service said of the gateway itself, such as that its key is wrong, is none of the caller's.</summary>
    /// <remarks>
    /// 400, 413 and 429 where the request, or how often it comes, is to blame (<see cref="CauseKind"/>, or else <see cref="Kind"/>); 503 where the service has no capacity or the account no credit; 504 where it took too long;
    /// 500 where the program is set up wrongly and nothing was sent; 502 for everything else, the service's 401, 403 and 404 included. Beside it goes <see cref="RetryAfter"/>.
    /// </remarks>
    public int GatewayStatus => (CauseKind ?? Kind) switch
    {
        LlmErrorKind.BadRequest or LlmErrorKind.ContextLengthExceeded or LlmErrorKind.ContentFiltered or LlmErrorKind.Unsupported => 400,
        LlmErrorKind.RequestTooLarge => 413,
        LlmErrorKind.RateLimited or LlmErrorKind.LocalThrottle or LlmErrorKind.BudgetExceeded => 429,
        LlmErrorKind.InvalidConfiguration => 500,
        LlmErrorKind.Overloaded or LlmErrorKind.CircuitOpen or LlmErrorKind.QuotaExhausted => 503,
        LlmErrorKind.ConnectTimeout or LlmErrorKind.HeadersTimeout or LlmErrorKind.FirstEventTimeout or LlmErrorKind.IdleTimeout or LlmErrorKind.StallTimeout or LlmErrorKind.DeadlineExceeded => 504,
        _ => 502,
    };

    /// <summary>The name of the provider.</summary>
    public string? Provider { get; init; }

    /// <summary>The model that was asked; where only an answer was at hand, the one that gave it.</summary>
    public string? Model { get; init; }

    /// <summary>The service's own code or type of the error.</summary>
    public string? ProviderCode { get; init; }

    /// <summary>The service's id of the request, for its support.</summary>
    public string? RequestId { get; init; }

    /// <summary>How long the service asks to wait.</summary>
    public TimeSpan? RetryAfter { get; init; }

    /// <summary>The tokens that the request would have needed, where the service says so (<see cref="LlmErrorKind.ContextLengthExceeded"/>); an estimate of the prompt's, where nothing was sent (<see cref="LlmPhase.Configure"/>).</summary>
    public long? RequestedTokens { get; init; }

    /// <summary>The most tokens that the model takes, where the service says so or they are known (<see cref="LlmErrorKind.ContextLengthExceeded"/>).</summary>
    public long? MaximumTokens { get; init; }

    /// <summary>Which bound was reached (<see cref="LlmErrorKind.LimitExceeded"/>).</summary>
    public LlmLimit? Limit { get; init; }

    /// <summary>What the answer had used when it broke off, where the service had said so.</summary>
    public Usage? Usage { get; init; }

    /// <summary>
    /// What the service sent as its error, where <see cref="LlmClientOptions.KeepsRaw"/> is set: the body of a response that failed, or that is not what its wire prescribes, cut at
    /// <see cref="LlmLimits.ErrorBodyBytes"/>, or the data of the event of a stream. Keys are taken out of it. Null where nothing is kept, or nothing came.
    /// </summary>
    /// <remarks>Somebody else's text, with its control characters, and it may repeat the prompt: no message holds it, nor what <see cref="ToString"/> or the converter writes.</remarks>
    public string? Body { get; init; }

    /// <summary>The headers of the response, where <see cref="LlmClientOptions.KeepsRaw"/> is set and there was one: each as the server spelt it, without cookies and keys.</summary>
    /// <remarks>Told by no message, by <see cref="ToString"/> or the converter.</remarks>
    public IReadOnlyList<KeyValuePair<string, string>> Headers { get; init; } = [];

    /// <summary>What had been gathered of an answer that broke off; its function calls are incomplete.</summary>
    public ChatReply? Partial { get; init; }

    /// <summary>The whole answer, where it was to be read as a value and could not be (<see cref="LlmErrorKind.ReplyUnfinished"/>, <see cref="LlmErrorKind.ReplyMismatch"/>).</summary>
    public ChatReply? Reply { get; init; }

    /// <summary>What was said before in a <see cref="ToolLoop"/> that this error ended; null outside of one, and where its first turn failed.</summary>
    /// <remarks>Where it holds something, <see cref="IsRetryable"/> is false: the same request would run functions again. One that goes on from it does not.</remarks>
    public ToolRun? Run { get; init; }

    /// <summary>What is left of the service's limits.</summary>
    public RateLimits? RateLimits { get; init; }

    /// <summary>All tries, the last one included, which this error tells of; empty when there was one alone.</summary>
    public IReadOnlyList<LlmAttempt> Attempts { get; init; } = [];

    /// <summary>True when the service cannot verify or read the thoughts that the request gives back to it.</summary>
    internal bool RefusesThoughts { get; init; }

    /// <summary>True when another try was worth while, but too many calls of this client failed of late: a retry would only add to the load.</summary>
    public bool RetriesSuppressed { get; init; }

    /// <summary>What kind of error it is and where it happened in one line, then its message, the tries, and where it was thrown; no secrets, and nothing of the answer. Of an inner exception that is not the library's own, the type alone.</summary>
    public override string ToString()
    {
        var text = new StringBuilder("RawLlm.LlmException: ").Append(Kind).Append(" (").Append(Phase);
        Append(text, CauseKind?.ToString());
        Append(text, Provider);
        Append(text, Model);
        Append(text, Status?.ToString(CultureInfo.InvariantCulture));
        Append(text, ProviderCode);
        Append(text, RequestId);
        text.AppendLine(")").Append(Message);
        foreach (var attempt in Attempts)
            Append(text.AppendLine(), attempt, Message);
        if (InnerException is not null)
            text.AppendLine().Append(" ---> ").Append(InnerException is LlmException ? InnerException.ToString() : InnerException.GetType().ToString());
        if (StackTrace is { } trace)
            text.AppendLine().Append(trace);
        return text.ToString();
    }

    /// <summary>What went wrong, whether a status or an event of the stream told it.</summary>
    internal LlmErrorKind Meaning => Kind == LlmErrorKind.StreamError ? CauseKind ?? Kind : Kind;

    /// <summary>Whether HTTP/2 refused the request, which was not looked at as long as nothing of an answer has come (RFC 9113, section 8.7).</summary>
    internal bool IsUnread => this is { Kind: LlmErrorKind.ConnectionLost, Phase: LlmPhase.AwaitHeaders, ProviderCode: "h2:7" };

    /// <summary>Whether the service may bill the attempt that ended so: it was sent, and not refused before a model looked at it, by its kind or by a status of 4xx.</summary>
    internal bool MayBeBilled => Phase is not (LlmPhase.Configure or LlmPhase.Connect) && !IsUnread && !(Phase == LlmPhase.AwaitHeaders && Status is >= 400 and < 500) && IsBillable(Meaning);

    private static bool IsBillable(LlmErrorKind kind) => kind is not (LlmErrorKind.InvalidConfiguration or LlmErrorKind.NameResolution or LlmErrorKind.ConnectFailed or LlmErrorKind.ConnectTimeout
        or LlmErrorKind.TlsFailed or LlmErrorKind.ProxyFailed or LlmErrorKind.UnexpectedRedirect or LlmErrorKind.BadRequest or LlmErrorKind.ContextLengthExceeded or LlmErrorKind.Authentication
        or LlmErrorKind.PermissionDenied or LlmErrorKind.NotFound or LlmErrorKind.RequestTooLarge or LlmErrorKind.RateLimited or LlmErrorKind.QuotaExhausted or LlmErrorKind.Overloaded
        or LlmErrorKind.Unsupported or LlmErrorKind.BudgetExceeded);

    /// <summary>A copy that says more about where the error happened, and nothing of the secrets; what is known already stays.</summary>
    internal LlmException With(
        string? provider = null,
        string? model = null,
        string? requestId = null,
        RateLimits? rateLimits = null,
        bool outputCommitted = false,
        Usage? usage = null,
        ChatReply? partial = null,
        IReadOnlyList<LlmAttempt>? attempts = null,
        Redaction? redaction = null,
        string? note = null,
        string? hint = null,
        bool retriesSuppressed = false,
        TimeSpan? retryAfter = null,
        ToolRun? run = null,
        IReadOnlyList<LlmAttempt>? allAttempts = null,
        string? body = null,
        IReadOnlyList<KeyValuePair<string, string>>? headers = null) => new(Kind, (redaction?.Apply(Message + hint) ?? Message + hint) + note, InnerException)
        {
            CauseKind = CauseKind,
            Phase = Phase,
            IsRetryable = IsRetryable && !outputCommitted && note is null,
            OutputCommitted = OutputCommitted || outputCommitted,
            Status = Status,
            Provider = Provider ?? provider,
            Model = Model ?? model,
            ProviderCode = Redact(ProviderCode, redaction),
            RequestId = Redact(RequestId ?? requestId, redaction),
            RetryAfter = RetryAfter ?? retryAfter,
            RequestedTokens = RequestedTokens,
            MaximumTokens = MaximumTokens,
            Limit = Limit,
            Usage = Usage ?? usage,
            Body = (Body ?? body) is { } kept ? redaction?.ApplyToJson(kept) ?? kept : null,
            Headers = Headers.Count > 0 ? Headers : headers ?? [],
            Partial = Partial ?? partial,
            Reply = Reply,
            Run = Run ?? run,
            RateLimits = RateLimits ?? rateLimits,
            Attempts = Redact(allAttempts ?? (Attempts.Count > 0 ? Attempts : attempts ?? []), redaction),
            RefusesThoughts = RefusesThoughts,
            RetriesSuppressed = RetriesSuppressed || retriesSuppressed,
        };

    private static void Append(StringBuilder text, LlmAttempt attempt, string message)
    {
        text.Append("   tried ").Append(attempt.Endpoint).Append(": ").Append(attempt.Kind);
        Append(text, attempt.Status?.ToString(CultureInfo.InvariantCulture));
        Append(text, attempt.ProviderCode);
        Append(text, attempt.RequestId);
        text.Append(", ").Append((long)attempt.Elapsed.TotalMilliseconds).Append(" ms");
        // The last one's is the error's own, to which something was added at most.
        if (attempt.Message is { } own && !message.StartsWith(own, StringComparison.Ordinal))
            text.Append(": ").Append(own);
    }

    private static void Append(StringBuilder text, string? known)
    {
        if (known is not null)
            text.Append(", ").Append(known);
    }

    private static IReadOnlyList<LlmAttempt> Redact(IReadOnlyList<LlmAttempt> attempts, Redaction? redaction)
    {
        if (redaction is null || attempts.Count == 0)
            return attempts;
        var told = new LlmAttempt[attempts.Count];
        for (int i = 0; i < told.Length; i++)
        {
            var attempt = attempts[i];
            told[i] = attempt with { ProviderCode = Redact(attempt.ProviderCode, redaction), RequestId = Redact(attempt.RequestId, redaction), Message = Redact(attempt.Message, redaction) };
        }
        return told;
    }

    private static string? Redact(string? text, Redaction? redaction) => text is null || redaction is null ? text : redaction.Apply(text);
}
