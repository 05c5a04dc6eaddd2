using System.Text.Json.Serialization;

namespace RawLlm;

/// <summary>The owned twin of a <see cref="StreamEvent"/>: it may be kept, listed and passed on.</summary>
/// <param name="Kind">What it tells.</param>
/// <param name="Choice">Which of several answers side by side it belongs to.</param>
/// <param name="Index">Which part of the answer it belongs to.</param>
/// <param name="Text">The event's bytes as text; null where it has none.</param>
public sealed record StreamUpdate(StreamEventKind Kind, int Choice, int Index, string? Text)
{
    /// <summary>The id of the function call, or of the whole answer in <see cref="StreamEventKind.Done"/>.</summary>
    public string? Id { get; init; }

    /// <summary>The name of the function, of the wire's own event type, of the media type, or of the model in <see cref="StreamEventKind.Done"/>.</summary>
    public string? Name { get; init; }

    /// <summary>What a piece of text is to the answer, where the service says it before (<see cref="TextPart.Phase"/>).</summary>
    [JsonIgnore]
    public string? Phase => Kind == StreamEventKind.Text ? Name : null;

    /// <summary>What the answer used.</summary>
    public Usage? Usage { get; init; }

    /// <summary>Why the choice ended.</summary>
    public StopReason StopReason { get; init; }

    /// <summary>The service's own word for it.</summary>
    public string? RawStopReason { get; init; }

    /// <summary>What the service says of why the choice ended; null where it says no more than its word.</summary>
    public string? StopMessage { get; init; }

    /// <summary>The source that is cited.</summary>
    public Citation? Citation { get; init; }

    /// <summary>How likely some tokens were.</summary>
    public LogProbs? LogProbs { get; init; }

    /// <summary>The seam, and whether the answer is continued behind it.</summary>
    public StreamSwitch? Switch { get; init; }

    /// <summary>Which service alone can verify what it wants back (<see cref="WireData.Origin"/>).</summary>
    public string? Origin { get; init; }
}
