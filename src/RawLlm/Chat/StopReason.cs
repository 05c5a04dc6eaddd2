using System.Text.Json.Serialization;

namespace RawLlm;

/// <summary>Why the model stopped; the service's own word is always kept beside it. Values may be added: treat an unknown one like <see cref="Unknown"/>.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<StopReason>))]
public enum StopReason
{
    /// <summary>The service gave no reason, or one that is not known here.</summary>
    Unknown,

    /// <summary>The model had said what it had to say.</summary>
    EndTurn,

    /// <summary>The limit of output tokens was reached: the answer is cut off.</summary>
    MaxTokens,

    /// <summary>One of the request's stop sequences came up.</summary>
    StopSequence,

    /// <summary>The model waits for the results of the functions that it called.</summary>
    ToolUse,

    /// <summary>The service withheld the answer or a part of it.</summary>
    ContentFilter,

    /// <summary>The model declined to answer.</summary>
    Refusal,

    /// <summary>The service paused a long turn; send the answer back as it is to go on.</summary>
    Paused,

    /// <summary>The model's context was full before the answer ended.</summary>
    ContextOverflow,

    /// <summary>The service broke the answer off because of a fault of its own or of the model.</summary>
    Error,
}
