using System.Text.Json.Serialization;

namespace RawLlm;

/// <summary>
/// What went wrong. Values may be added: handle an unknown one by <see cref="LlmException.IsRetryable"/> and
/// <see cref="LlmException.Phase"/>.
/// </summary>
[JsonConverter(typeof(JsonStringEnumConverter<LlmErrorKind>))]
public enum LlmErrorKind
{
    /// <summary>The client, the provider or the request is configured incorrectly; nothing was sent.</summary>
    InvalidConfiguration,

    /// <summary>The host's name could not be resolved.</summary>
    NameResolution,

    /// <summary>The connection could not be established.</summary>
    ConnectFailed,

    /// <summary>Connecting, including TLS, took too long.</summary>
    ConnectTimeout,

    /// <summary>The server's certificate or the TLS handshake was rejected.</summary>
    TlsFailed,

    /// <summary>A proxy refused the connection.</summary>
    ProxyFailed,

    /// <summary>The server violated HTTP or the framing of the stream.</summary>
    ProtocolViolation,

    /// <summary>The server sent a redirect; redirects are never followed.</summary>
    UnexpectedRedirect,

    /// <summary>The response's head did not arrive in time.</summary>
    HeadersTimeout,

    /// <summary>The first event did not arrive in time.</summary>
    FirstEventTimeout,

    /// <summary>No bytes arrived for too long.</summary>
    IdleTimeout,

    /// <summary>Bytes arrived, but the answer made no progress for too long.</summary>
    StallTimeout,

    /// <summary>The time for the whole call was used up.</summary>
    DeadlineExceeded,

    /// <summary>The connection broke.</summary>
    ConnectionLost,

    /// <summary>The answer ended before the service marked it as complete.</summary>
    StreamTruncated,

    /// <summary>Something was larger than <see cref="LlmLimits"/> allows; <see cref="LlmException.Limit"/> says what.</summary>
    LimitExceeded,

    /// <summary>The compressed body is corrupt.</summary>
    DecompressionFailed,

    /// <summary>The body's media type is not one that an LLM service sends.</summary>
    UnexpectedContentType,

    /// <summary>The body does not follow the wire's format.</summary>
    MalformedResponse,

    /// <summary>The service rejected the request as invalid.</summary>
    BadRequest,

    /// <summary>The conversation exceeds the model's context length.</summary>
    ContextLengthExceeded,

    /// <summary>The service refused the content.</summary>
    ContentFiltered,

    /// <summary>The API key is missing or wrong.</summary>
    Authentication,

    /// <summary>The API key does not have permission.</summary>
    PermissionDenied,

    /// <summary>The model or the URL does not exist.</summary>
    NotFound,

    /// <summary>The request has too many bytes.</summary>
    RequestTooLarge,

    /// <summary>The rate limit for requests or tokens was reached.</summary>
    RateLimited,

    /// <summary>The account's credit or quota is used up.</summary>
    QuotaExhausted,

    /// <summary>The service currently has no capacity.</summary>
    Overloaded,

    /// <summary>The service failed.</summary>
    ServerError,

    /// <summary>The service reported an error inside the stream; <see cref="LlmException.CauseKind"/> says which kind.</summary>
    StreamError,

    /// <summary>The service reports that the model's tool call was malformed.</summary>
    ToolCallMalformed,

    /// <summary>The client itself held the request back. Reserved: the library does not report it yet.</summary>
    LocalThrottle,

    /// <summary>The circuit breaker for the service is open. Reserved: the library does not report it yet.</summary>
    CircuitOpen,

    /// <summary>
    /// The model or the service is known not to support the request
    /// (<see cref="LlmClientOptions.CheckCapabilities"/>), or the wire has no such request; nothing was sent.
    /// </summary>
    Unsupported,

    /// <summary>
    /// A model kept calling tools for more turns than <see cref="ToolLoopOptions.MaxTurns"/>
    /// allows; <see cref="LlmException.Run"/> contains what the run added to the conversation.
    /// </summary>
    TooManyTurns,

    /// <summary>
    /// An answer that should be read as a value was cut off, withheld or declined, or calls tools.
    /// <see cref="LlmException.Reply"/> contains it, with the <see cref="ChatReply.StopReason"/>.
    /// </summary>
    ReplyUnfinished,

    /// <summary>
    /// An answer that should be read as a value is not JSON or does not fit the type; <see cref="LlmException.Reply"/> contains it.
    /// </summary>
    ReplyMismatch,

    /// <summary>
    /// An attempt that might have exceeded a <see cref="Budget"/> was not sent, or a streamed answer that exceeded it was ended.
    /// </summary>
    BudgetExceeded,

    /// <summary>
    /// Another of two services that were asked in parallel (<see cref="FallbackOptions.HedgeAfter"/>)
    /// was faster. Appears only in <see cref="LlmAttempt.Kind"/>.
    /// </summary>
    HedgeLost,
}
