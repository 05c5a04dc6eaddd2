using System.Text.Json.Serialization;

namespace RawLlm;

/// <summary>What a <see cref="StreamEvent"/> tells. Values are added as wires grow: treat an unknown one like <see cref="Other"/>.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<StreamEventKind>))]
public enum StreamEventKind
{
    /// <summary>Nothing: there has been no read yet.</summary>
    None,

    /// <summary>The service has begun to answer. Always the first event.</summary>
    Connected,

    /// <summary>A piece of the answer's text.</summary>
    Text,

    /// <summary>A piece of the model's thoughts.</summary>
    Reasoning,

    /// <summary>A piece of the words with which the model declines.</summary>
    Refusal,

    /// <summary>A function call begins: its id and its name are known.</summary>
    ToolCallStarted,

    /// <summary>A fragment of a function call's arguments.</summary>
    ToolArguments,

    /// <summary>A function call is complete; its whole arguments have been checked to be JSON, unless it is the call of a custom tool, which takes plain text.</summary>
    ToolCall,

    /// <summary>Something that the service wants back unchanged with the part of this number; a part of its own if there is none.</summary>
    WireData,

    /// <summary>A choice has ended, and why.</summary>
    Stop,

    /// <summary>What the answer used.</summary>
    Usage,

    /// <summary>The answer is whole. Always the last event, and never given for an answer that was cut off.</summary>
    Done,

    /// <summary>Something that has no kind here; <see cref="StreamEvent.Frame"/> holds it.</summary>
    Other,

    /// <summary>A source that the part of this number cites. Comes after the text that cites it, and once, however often the service repeats it.</summary>
    Citation,

    /// <summary>A seam: the answer broke and goes on at another service, or begins anew there, which <see cref="StreamEvent.Switch"/> tells. Only behind a <see cref="FallbackChain"/> that was asked to (<see cref="StreamFailover"/>).</summary>
    Switched,

    /// <summary>A picture that the model made, whole, or a piece of the sound that it made: base64 that can be decoded by itself, or the address of a picture.</summary>
    Media,

    /// <summary>A piece of what is said in the sound that the part of this number is. No text: that is what the model wrote.</summary>
    Transcript,

    /// <summary>How likely the tokens of the text before were. Only where they were asked for (<see cref="ChatRequest.TopLogProbs"/>) and the service tells.</summary>
    LogProbs,
}
