using System.Text.Json.Serialization;

namespace RawLlm;

/// <summary>What went wrong. Values may be added: treat an unknown one by <see cref="LlmException.IsRetryable"/> and <see cref="LlmException.Phase"/>.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<LlmErrorKind>))]
public enum LlmErrorKind
{
    /// <summary>The client, the provider or the request is set up wrongly; nothing was sent.</summary>
    InvalidConfiguration,

    /// <summary>The host's name could not be resolved.</summary>
    NameResolution,

    /// <summary>No connection could be made.</summary>
    ConnectFailed,

    /// <summary>Connecting, TLS included, took too long.</summary>
    ConnectTimeout,

    /// <summary>The server's certificate or the TLS handshake was refused.</summary>
    TlsFailed,

    /// <summary>A proxy on the way refused.</summary>
    ProxyFailed,

    /// <summary>The server broke the rules of HTTP or of the framing.</summary>
    ProtocolViolation,

    /// <summary>The server sent the client elsewhere; redirects are never followed.</summary>
    UnexpectedRedirect,

    /// <summary>The response's head did not come in time.</summary>
    HeadersTimeout,

    /// <summary>The first event did not come in time.</summary>
    FirstEventTimeout,

    /// <summary>No byte came for too long.</summary>
    IdleTimeout,

    /// <summary>Bytes came, but no progress, for too long.</summary>
    StallTimeout,

    /// <summary>The time for the whole call was used up.</summary>
    DeadlineExceeded,

    /// <summary>The connection broke.</summary>
    ConnectionLost,

    /// <summary>The answer ended before the service had said that it was whole.</summary>
    StreamTruncated,

    /// <summary>Something was larger than <see cref="LlmLimits"/> allows.</summary>
    LimitExceeded,

    /// <summary>The compressed body is broken.</summary>
    DecompressionFailed,

    /// <summary>The body is not of a type that a model's service sends.</summary>
    UnexpectedContentType,

    /// <summary>The body is not what the wire prescribes.</summary>
    MalformedResponse,

    /// <summary>The service refused the request as wrong.</summary>
    BadRequest,

    /// <summary>The conversation is longer than the model can take.</summary>
    ContextLengthExceeded,

    /// <summary>The service refused the content.</summary>
    ContentFiltered,

    /// <summary>The key is missing or wrong.</summary>
    Authentication,

    /// <summary>The key may not do this.</summary>
    PermissionDenied,

    /// <summary>The model, or the address, does not exist.</summary>
    NotFound,

    /// <summary>The request has too many bytes.</summary>
    RequestTooLarge,

    /// <summary>Too many requests or tokens in the service's window.</summary>
    RateLimited,

    /// <summary>The account's credit or quota is used up.</summary>
    QuotaExhausted,

    /// <summary>The service has no capacity at the moment.</summary>
    Overloaded,

    /// <summary>The service failed.</summary>
    ServerError,

    /// <summary>The service reported an error inside the stream; <see cref="LlmException.CauseKind"/> says which.</summary>
    StreamError,

    /// <summary>The service says that the model's function call was malformed.</summary>
    ToolCallMalformed,

    /// <summary>The client itself held the request back. Nothing of the library reports it yet.</summary>
    LocalThrottle,

    /// <summary>The circuit to the service is open. Nothing of the library reports it yet.</summary>
    CircuitOpen,

    /// <summary>The model or the service is known to be unable to do what is asked (<see cref="LlmClientOptions.ChecksCapabilities"/>), or its wire has no such request; nothing was sent.</summary>
    Unsupported,

    /// <summary>A model went on calling functions for more turns than <see cref="ToolLoopOptions.MaxTurns"/> allows; <see cref="LlmException.Run"/> holds what was said.</summary>
    TooManyTurns,

    /// <summary>The answer was to be read as a value, and was cut off, withheld or declined, or calls functions: <see cref="LlmException.Reply"/> holds it, and its <see cref="ChatReply.StopReason"/> says which.</summary>
    ReplyUnfinished,

    /// <summary>The answer was to be read as a value, and is not JSON, or does not fit the type; <see cref="LlmException.Reply"/> holds it.</summary>
    ReplyMismatch,

    /// <summary>An attempt could have exceeded a <see cref="Budget"/> and was not sent, or an answer that was streamed went beyond it and was ended.</summary>
    BudgetExceeded,

    /// <summary>Of two services that were asked side by side (<see cref="FallbackOptions.HedgeAfter"/>) another one was first. In <see cref="LlmAttempt.Kind"/> alone.</summary>
    HedgeLost,
}
