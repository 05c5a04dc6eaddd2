using System.Globalization;
using System.Text;
using System.Text.Json.Serialization;
using RawLlm.Protocols;

namespace RawLlm;

/// <summary>
/// The error of a failed call to a model: the service refused, the connection broke, or the answer did not follow the wire's format.
/// </summary>
/// <remarks>
/// Misuse by the caller is an <see cref="ArgumentException"/> or <see cref="InvalidOperationException"/>. Cancellation is
/// always an <see cref="OperationCanceledException"/>; a timeout never is. No message, code or ID contains a key, text of
/// the request, or more of the service's own text than <see cref="LlmLimits.ErrorTextCharacters"/>; control characters
/// are made visible. Prompts and answers appear only in <see cref="Body"/>, <see cref="Partial"/>, <see cref="Reply"/>
/// and <see cref="Run"/>, and exceptions of the program's own code only in <see cref="Exception.InnerException"/>.
/// </remarks>
[JsonConverter(typeof(LlmExceptionConverter))]
public sealed class LlmException : Exception
{
    /// <summary>Creates an error.</summary>
    public LlmException(LlmErrorKind kind, string message, Exception? inner = null)
        : base(message, inner) => Kind = kind;

    /// <summary>What went wrong.</summary>
    public LlmErrorKind Kind { get; }

    /// <summary>
    /// The underlying kind, or null. For <see cref="LlmErrorKind.StreamError"/>: what the service's own error means. For
    /// <see cref="LlmErrorKind.ServerError"/> and <see cref="LlmErrorKind.Overloaded"/>: what the service says is wrong with the request or
    /// the account, if it says so; the request then gets one more attempt at most. For <see cref="LlmErrorKind.ReplyUnfinished"/>: what
    /// ended the answer, if there is a kind for it.
    /// </summary>
    public LlmErrorKind? CauseKind { get; init; }

    /// <summary>How far the call got.</summary>
    public LlmPhase Phase { get; init; }

    /// <summary>Whether the same request may well succeed later, and no output was delivered.</summary>
    public bool IsRetryable { get; init; }

    /// <summary>Whether part of the answer was already delivered; sending the request again would repeat it.</summary>
    public bool OutputCommitted { get; init; }

    /// <summary>The HTTP status, if there was one.</summary>
    public int? Status { get; init; }

    /// <summary>
    /// The HTTP status that a gateway should return to its own caller for this error. It hides what concerns only the gateway, such as a
    /// wrong API key.
    /// </summary>
    /// <remarks>
    /// 400, 413 or 429 if the request, or how often it is sent, is to blame (<see cref="CauseKind"/>, otherwise <see cref="Kind"/>); 401 or
    /// 403 if the service refused a credential that the request brought along (<see cref="UsedRequestCredential"/>), 402 if that
    /// credential's account has no credit; 503 if the service has no capacity or the account no credit; 504 if it took too long; 500 if the
    /// program is configured incorrectly and nothing was sent; 502 for everything else, including a 401 or 403 for the provider's own key,
    /// and the service's 404. Send <see cref="RetryAfter"/> along with it.
    /// </remarks>
    public int GatewayStatus =>
        (CauseKind ?? Kind) switch
        {
            LlmErrorKind.BadRequest or LlmErrorKind.ContextLengthExceeded or LlmErrorKind.ContentFiltered or LlmErrorKind.Unsupported =>
                400,
            LlmErrorKind.Authentication when UsedRequestCredential => 401,
            LlmErrorKind.QuotaExhausted when UsedRequestCredential => 402,
            LlmErrorKind.PermissionDenied when UsedRequestCredential => 403,
            LlmErrorKind.RequestTooLarge => 413,
            LlmErrorKind.RateLimited or LlmErrorKind.LocalThrottle or LlmErrorKind.BudgetExceeded => 429,
            LlmErrorKind.InvalidConfiguration => 500,
            LlmErrorKind.Overloaded or LlmErrorKind.CircuitOpen or LlmErrorKind.QuotaExhausted => 503,
            LlmErrorKind.ConnectTimeout
            or LlmErrorKind.HeadersTimeout
            or LlmErrorKind.FirstEventTimeout
            or LlmErrorKind.IdleTimeout
            or LlmErrorKind.StallTimeout
            or LlmErrorKind.DeadlineExceeded => 504,
            _ => 502,
        };

    /// <summary>
    /// Whether the request was sent with a credential of its own, such as a tenant's key, instead of the provider's:
    /// <see cref="ChatRequest.Credential"/>, or a key among its headers if the provider has none. False if nothing was sent.
    /// </summary>
    public bool UsedRequestCredential { get; init; }

    /// <summary>The name of the provider.</summary>
    public string? Provider { get; init; }

    /// <summary>The requested model, or the one that answered if only its answer was available.</summary>
    public string? Model { get; init; }

    /// <summary>The service's own error code or type.</summary>
    public string? ProviderCode { get; init; }

    /// <summary>The service's request ID, to quote to its support.</summary>
    public string? RequestId { get; init; }

    /// <summary>How long the service asks to wait before another attempt.</summary>
    public TimeSpan? RetryAfter { get; init; }

    /// <summary>
    /// The number of tokens that the request needed, if the service reports it (<see cref="LlmErrorKind.ContextLengthExceeded"/>), or an
    /// estimate for the prompt if nothing was sent (<see cref="LlmPhase.Configure"/>).
    /// </summary>
    public long? RequestedTokens { get; init; }

    /// <summary>
    /// The most tokens that the model accepts, if the service reports it or it is known (<see cref="LlmErrorKind.ContextLengthExceeded"/>).
    /// </summary>
    public long? MaximumTokens { get; init; }

    /// <summary>The limit that was reached (<see cref="LlmErrorKind.LimitExceeded"/>).</summary>
    public LlmLimit? Limit { get; init; }

    /// <summary>What the answer had used when it broke off, if the service had reported it.</summary>
    public Usage? Usage { get; init; }

    /// <summary>
    /// What the service sent as its error, if <see cref="LlmClientOptions.KeepRaw"/> is set: the body of a
    /// response that failed or does not follow the wire's format, cut at <see cref="LlmLimits.ErrorBodyBytes"/>,
    /// or the data of the stream's event. API keys are removed. Null if nothing is kept or nothing arrived.
    /// </summary>
    /// <remarks>
    /// Untrusted text, control characters included, that may repeat the prompt. No message
    /// contains it, nor does the output of <see cref="ToString"/> or the JSON converter.
    /// </remarks>
    public string? Body { get; init; }

    /// <summary>
    /// The headers of the response, if <see cref="LlmClientOptions.KeepRaw"/> is set and
    /// there was a response: names as the server wrote them, without cookies and keys.
    /// </summary>
    /// <remarks>No message contains them, nor does the output of <see cref="ToString"/> or the JSON converter.</remarks>
    public IReadOnlyList<KeyValuePair<string, string>> Headers { get; init; } = [];

    /// <summary>What had arrived of an answer that broke off; its tool calls are incomplete.</summary>
    public ChatReply? Partial { get; init; }

    /// <summary>
    /// The whole answer, if it should have been read as a value and could not be
    /// (<see cref="LlmErrorKind.ReplyUnfinished"/>, <see cref="LlmErrorKind.ReplyMismatch"/>).
    /// </summary>
    public ChatReply? Reply { get; init; }

    /// <summary>
    /// The earlier turns of a <see cref="ToolLoop"/> that this error ended; null outside a loop, and if its first turn failed.
    /// </summary>
    /// <remarks>
    /// If it is not null, <see cref="IsRetryable"/> is false, because the same request
    /// would run the tools again. A request that continues from the run does not.
    /// </remarks>
    public ToolRun? Run { get; init; }

    /// <summary>What remains of the service's rate limits.</summary>
    public RateLimits? RateLimits { get; init; }

    /// <summary>All attempts, including the last one, which this error describes; empty if there was only one.</summary>
    public IReadOnlyList<LlmAttempt> Attempts { get; init; } = [];

    /// <summary>Whether the service cannot verify or read the reasoning that the request returns to it.</summary>
    internal bool RefusesReasoning { get; init; }

    /// <summary>
    /// Whether another attempt was worthwhile but was not made, because too many calls
    /// of this client failed recently: a retry would only have added to the load.
    /// </summary>
    public bool RetriesSuppressed { get; init; }

    /// <summary>
    /// Returns the kind and place of the error on one line, followed by its message, the attempts and the stack trace. Contains no secrets
    /// and nothing of the answer; of an inner exception that is not the library's own, only the type.
    /// </summary>
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
        {
            text.AppendLine()
                .Append(" ---> ")
                .Append(InnerException is LlmException ? InnerException.ToString() : InnerException.GetType().ToString());
        }

        if (StackTrace is { } trace)
            text.AppendLine().Append(trace);
        return text.ToString();
    }

    /// <summary>What went wrong, whether a status or an event of the stream reported it.</summary>
    internal LlmErrorKind Meaning => Kind == LlmErrorKind.StreamError ? CauseKind ?? Kind : Kind;

    /// <summary>
    /// Whether this concerns only the account of a credential that the request brought along, and says nothing about requests with another
    /// one.
    /// </summary>
    internal bool IsOfRequestCredential =>
        UsedRequestCredential
        && Meaning
            is LlmErrorKind.RateLimited
                or LlmErrorKind.QuotaExhausted
                or LlmErrorKind.Authentication
                or LlmErrorKind.PermissionDenied;

    /// <summary>
    /// Whether the server refused the request by HTTP/2 without processing it; that
    /// holds only as long as no part of an answer has arrived (RFC 9113, section 8.7).
    /// </summary>
    internal bool IsUnread => this is { Kind: LlmErrorKind.ConnectionLost, Phase: LlmPhase.AwaitHeaders, ProviderCode: "h2:7" };

    /// <summary>
    /// Whether the service may bill the attempt that ended with this error: it was sent,
    /// and not refused before a model processed it, judging by its kind or a 4xx status.
    /// </summary>
    internal bool MayBeBilled =>
        Phase is not (LlmPhase.Configure or LlmPhase.Connect)
        && !IsUnread
        && !(Phase == LlmPhase.AwaitHeaders && Status is >= 400 and < 500)
        && IsBillable(Meaning);

    private static bool IsBillable(LlmErrorKind kind) =>
        kind
            is not (
                LlmErrorKind.InvalidConfiguration
                or LlmErrorKind.NameResolution
                or LlmErrorKind.ConnectFailed
                or LlmErrorKind.ConnectTimeout
                or LlmErrorKind.TlsFailed
                or LlmErrorKind.ProxyFailed
                or LlmErrorKind.UnexpectedRedirect
                or LlmErrorKind.BadRequest
                or LlmErrorKind.ContextLengthExceeded
                or LlmErrorKind.Authentication
                or LlmErrorKind.PermissionDenied
                or LlmErrorKind.NotFound
                or LlmErrorKind.RequestTooLarge
                or LlmErrorKind.RateLimited
                or LlmErrorKind.QuotaExhausted
                or LlmErrorKind.Overloaded
                or LlmErrorKind.Unsupported
                or LlmErrorKind.BudgetExceeded
            );

    /// <summary>Returns a copy with more context and without secrets; values that are already set are kept.</summary>
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
        IReadOnlyList<KeyValuePair<string, string>>? headers = null,
        bool usedRequestCredential = false,
        bool forbidsRetry = false
    ) =>
        new(Kind, (redaction?.Apply(Message + hint) ?? Message + hint) + note, InnerException)
        {
            CauseKind = CauseKind,
            Phase = Phase,
            IsRetryable = IsRetryable && !outputCommitted && !forbidsRetry && note is null,
            OutputCommitted = OutputCommitted || outputCommitted,
            Status = Status,
            UsedRequestCredential = UsedRequestCredential || usedRequestCredential,
            Provider = Provider ?? provider,
            Model = Model ?? model,
            ProviderCode = Redact(ProviderCode, redaction),
            RequestId = Redact(RequestId ?? requestId, redaction),
            RetryAfter = RetryAfter ?? retryAfter,
            RequestedTokens = RequestedTokens,
            MaximumTokens = MaximumTokens,
            Limit = Limit,
            Usage = Usage ?? usage,
            Body = (Body ?? body) is { } kept ? redaction?.Apply(kept) ?? kept : null,
            Headers = Headers.Count > 0 ? Headers : headers ?? [],
            Partial = Partial ?? partial,
            Reply = Reply,
            Run = Run ?? run,
            RateLimits = RateLimits ?? rateLimits,
            Attempts = Redact(allAttempts ?? (Attempts.Count > 0 ? Attempts : attempts ?? []), redaction),
            RefusesReasoning = RefusesReasoning,
            RetriesSuppressed = RetriesSuppressed || retriesSuppressed,
        };

    private static void Append(StringBuilder text, LlmAttempt attempt, string message)
    {
        text.Append("   tried ").Append(attempt.Endpoint).Append(": ").Append(attempt.Kind);
        Append(text, attempt.Status?.ToString(CultureInfo.InvariantCulture));
        Append(text, attempt.ProviderCode);
        Append(text, attempt.RequestId);
        text.Append(", ").Append((long)attempt.Elapsed.TotalMilliseconds).Append(" ms");
        // The last attempt's message is that of the error, which at most adds something to it.
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
            told[i] = attempt with
            {
                ProviderCode = Redact(attempt.ProviderCode, redaction),
                RequestId = Redact(attempt.RequestId, redaction),
                Message = Redact(attempt.Message, redaction),
            };
        }
        return told;
    }

    private static string? Redact(string? text, Redaction? redaction) => text is null || redaction is null ? text : redaction.Apply(text);
}
