namespace RawLlm;

/// <summary>What an answer used, in tokens, as the service reported it; null where it said nothing.</summary>
/// <remarks>
/// Services count differently: whether cached tokens are inside <see cref="InputTokens"/>, and reasoning inside
/// <see cref="OutputTokens"/>, is the service's own convention. Numbers that do not add up are passed on as they are, with a quirk.
/// </remarks>
public sealed record Usage
{
    /// <summary>Tokens of the prompt, and of what the service's own tools put beside it.</summary>
    public long? InputTokens { get; init; }

    /// <summary>Tokens of the answer.</summary>
    public long? OutputTokens { get; init; }

    /// <summary>The sum, as the service gave it.</summary>
    public long? TotalTokens { get; init; }

    /// <summary>Tokens of the prompt that were read from the service's cache.</summary>
    public long? CachedInputTokens { get; init; }

    /// <summary>Tokens of the prompt that were written to the service's cache.</summary>
    public long? CacheWriteTokens { get; init; }

    /// <summary>Of <see cref="CacheWriteTokens"/>, those kept for an hour.</summary>
    public long? CacheWriteOneHourTokens { get; init; }

    /// <summary>Tokens spent on thinking.</summary>
    public long? ReasoningTokens { get; init; }

    /// <summary>Tokens of sound in the prompt.</summary>
    public long? AudioInputTokens { get; init; }

    /// <summary>Tokens of sound in the answer.</summary>
    public long? AudioOutputTokens { get; init; }

    /// <summary>Predicted tokens that were used.</summary>
    public long? AcceptedPredictionTokens { get; init; }

    /// <summary>Predicted tokens that were thrown away.</summary>
    public long? RejectedPredictionTokens { get; init; }

    /// <summary>
    /// What the service spent beside the answer to sum up a conversation that had grown too long (Anthropic, 2026): it is billed with the answer, and in none of the
    /// counts here.
    /// </summary>
    public Usage? Compaction { get; init; }

    /// <summary>What the service says it charged, in US dollars.</summary>
    public decimal? ReportedCost { get; init; }
}
