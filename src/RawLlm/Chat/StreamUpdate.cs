using System.Text.Json.Serialization;

namespace RawLlm;

/// <summary>An owned copy of a <see cref="StreamEvent"/>, which can be kept, stored in a list and passed on.</summary>
/// <param name="Kind">The kind of event.</param>
/// <param name="Choice">The index of the choice that it belongs to.</param>
/// <param name="Index">The index of the part of the answer that it belongs to.</param>
/// <param name="Text">The event's bytes as text; null if it has none.</param>
public sealed record StreamUpdate(StreamEventKind Kind, int Choice, int Index, string? Text)
{
    /// <summary>The ID of the tool call, or of the whole answer for <see cref="StreamEventKind.Done"/>.</summary>
    public string? Id { get; init; }

    /// <summary>
    /// The name of the tool, the wire, the wire's own event type, the media type, or, for <see cref="StreamEventKind.Done"/>, the model.
    /// </summary>
    public string? Name { get; init; }

    /// <summary>The role of a piece of text in the answer, if the service sends it beforehand (<see cref="TextPart.Phase"/>).</summary>
    [JsonIgnore]
    public string? Phase => Kind == StreamEventKind.Text ? Name : null;

    /// <summary>What the answer used.</summary>
    public Usage? Usage { get; init; }

    /// <summary>Why the choice ended.</summary>
    public StopReason StopReason { get; init; }

    /// <summary>The service's own stop reason.</summary>
    public string? RawStopReason { get; init; }

    /// <summary>What the service says about why the choice ended; null if it sends nothing but the stop reason.</summary>
    public string? StopMessage { get; init; }

    /// <summary>The stop sequence that ended the choice (<see cref="ChatChoice.StopSequence"/>); null if the service names none.</summary>
    public string? StopSequence { get; init; }

    /// <summary>The citation.</summary>
    public Citation? Citation { get; init; }

    /// <summary>The log probabilities of this event's tokens only.</summary>
    public LogProbs? LogProbs { get; init; }

    /// <summary>The seam, and whether the answer is continued after it.</summary>
    public StreamSwitch? Switch { get; init; }

    /// <summary>The only service that can verify the wire data (<see cref="WireData.Origin"/>).</summary>
    public string? Origin { get; init; }
}
