using System.Text.Json.Serialization;

namespace RawLlm;

/// <summary>
/// The kind of a <see cref="StreamEvent"/>. Values are added as wires grow: treat an unknown one like <see cref="Other"/>.
/// </summary>
[JsonConverter(typeof(JsonStringEnumConverter<StreamEventKind>))]
public enum StreamEventKind
{
    /// <summary>No event: nothing has been read yet.</summary>
    None,

    /// <summary>The service has started to answer. Always the first event.</summary>
    Connected,

    /// <summary>A piece of the answer's text.</summary>
    Text,

    /// <summary>A piece of the model's reasoning.</summary>
    Reasoning,

    /// <summary>A piece of the words with which the model declines.</summary>
    Refusal,

    /// <summary>A tool call starts: its ID and name are known.</summary>
    ToolCallStarted,

    /// <summary>A fragment of a tool call's arguments.</summary>
    ToolArguments,

    /// <summary>
    /// A tool call is complete. Its arguments were checked to be complete JSON, unless it calls a custom tool, which takes plain text.
    /// </summary>
    ToolCall,

    /// <summary>
    /// Data that the service requires back unchanged with the part of this index, or as a part of its own if there is none.
    /// </summary>
    WireData,

    /// <summary>A choice has ended; the event says why.</summary>
    Stop,

    /// <summary>What the answer used.</summary>
    Usage,

    /// <summary>The answer is complete. Always the last event, and never sent for an answer that was cut off.</summary>
    Done,

    /// <summary>Something that has no kind of its own; <see cref="StreamEvent.Frame"/> contains it.</summary>
    Other,

    /// <summary>
    /// A citation in the part of this index. Comes after the text that cites the source, and only once, however often the service repeats
    /// it.
    /// </summary>
    Citation,

    /// <summary>
    /// A seam: the answer broke and continues at another service or restarts there, as <see cref="StreamEvent.Switch"/> says. Occurs only
    /// in streams of a <see cref="FallbackChain"/> with this option enabled (<see cref="StreamFailover"/>).
    /// </summary>
    Switched,

    /// <summary>
    /// A whole image or a piece of audio that the model made: base64 that can be decoded by itself, or the URL of an image.
    /// </summary>
    Media,

    /// <summary>
    /// A piece of the transcript of the audio in the part of this index. It is not part of the text that the model wrote.
    /// </summary>
    Transcript,

    /// <summary>
    /// The log probabilities of the preceding text's tokens. Only if they were
    /// requested (<see cref="ChatRequest.TopLogProbs"/>) and the service sends them.
    /// </summary>
    LogProbs,
}
