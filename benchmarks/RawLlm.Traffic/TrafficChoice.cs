namespace RawLlm.Traffic;

/// <summary>What a decoder must read from one choice of a shape.</summary>
public sealed record TrafficChoice
{
    /// <summary>The whole text.</summary>
    public required string Text { get; init; }

    /// <summary>The number of text pieces; a delta with only half a surrogate pair adds none.</summary>
    public required int TextCount { get; init; }

    /// <summary>The whole reasoning.</summary>
    public required string Reasoning { get; init; }

    /// <summary>The number of reasoning pieces.</summary>
    public required int ReasoningCount { get; init; }

    /// <summary>The tool calls.</summary>
    public required IReadOnlyList<TrafficCall> Calls { get; init; }

    /// <summary>The finish reason on the wire.</summary>
    public required string FinishReason { get; init; }
}
