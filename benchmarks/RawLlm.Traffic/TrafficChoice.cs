namespace RawLlm.Traffic;

/// <summary>What a decoder must make of one choice of a shape.</summary>
public sealed record TrafficChoice
{
    /// <summary>The whole text.</summary>
    public required string Text { get; init; }

    /// <summary>How many pieces of text come out; a delta that only holds half a surrogate pair gives none.</summary>
    public required int TextCount { get; init; }

    /// <summary>The whole reasoning.</summary>
    public required string Reasoning { get; init; }

    /// <summary>How many pieces of reasoning come out.</summary>
    public required int ReasoningCount { get; init; }

    /// <summary>The function calls.</summary>
    public required IReadOnlyList<TrafficCall> Calls { get; init; }

    /// <summary>The finish reason on the wire.</summary>
    public required string FinishReason { get; init; }
}
