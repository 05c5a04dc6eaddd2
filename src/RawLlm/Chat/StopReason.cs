using System.Text.Json.Serialization;

namespace RawLlm;

/// <summary>
/// Why the model stopped. The service's own word is always kept as well. Values may be added: treat an unknown one like
/// <see cref="Unknown"/>.
/// </summary>
[JsonConverter(typeof(JsonStringEnumConverter<StopReason>))]
public enum StopReason
{
    /// <summary>The service sent no stop reason, or an unknown one.</summary>
    Unknown,

    /// <summary>The model finished its answer.</summary>
    EndTurn,

    /// <summary>The limit of output tokens was reached; the answer is cut off.</summary>
    MaxTokens,

    /// <summary>The answer reached one of the request's stop sequences.</summary>
    StopSequence,

    /// <summary>
    /// The model is waiting for the results of its tool calls, or for the answer to another item that the program must answer in the
    /// service's own JSON: an <see cref="OpaquePart"/>, such as a command for a shell or a request for approval (Responses).
    /// </summary>
    ToolUse,

    /// <summary>The service withheld the answer or part of it.</summary>
    ContentFilter,

    /// <summary>The model declined to answer.</summary>
    Refusal,

    /// <summary>The service paused a long turn; send the answer back unchanged to continue.</summary>
    Paused,

    /// <summary>The model's context was full before the answer was complete.</summary>
    ContextOverflow,

    /// <summary>The service ended the answer because of an error of its own or of the model.</summary>
    Error,
}
