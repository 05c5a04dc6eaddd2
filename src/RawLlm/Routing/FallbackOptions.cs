namespace RawLlm;

/// <summary>When a chain goes on to its next client, and how often it asks at all.</summary>
public sealed record FallbackOptions
{
    /// <summary>The defaults.</summary>
    public static FallbackOptions Default { get; } = new();

    /// <summary>How many times a request is sent at most, to all clients together, the first included; 4. Each client's own <see cref="LlmRetries.MaxAttempts"/> holds besides.</summary>
    public int MaxAttempts { get; init => field = value > 0 ? value : throw new ArgumentOutOfRangeException(nameof(value), "There is at least one attempt."); } = 4;

    /// <summary>Whether a key that is refused, or may not do this, is a reason to go on; false, since it is a mistake that somebody should see.</summary>
    public bool OnAuthentication { get; init; }

    /// <summary>Whether content that one service refuses is offered to the next; false.</summary>
    public bool OnContentFilter { get; init; }

    /// <summary>What a client is asked in place of the request, for models, headers and extra members that are one service's own; null asks all the same.</summary>
    /// <remarks>May be called again for each attempt at a call. What it throws is the caller's.</remarks>
    public Func<LlmClient, ChatRequest, ChatRequest>? RequestFor { get; init; }
}
