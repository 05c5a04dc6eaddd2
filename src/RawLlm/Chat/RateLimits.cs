namespace RawLlm;

/// <summary>A service's limits as its response headers told them.</summary>
/// <remarks>The windows are the service's own: Groq counts requests per day and tokens per minute, others both per minute.</remarks>
public sealed record RateLimits
{
    /// <summary>Requests.</summary>
    public RateLimit? Requests { get; init; }

    /// <summary>Tokens, in and out together.</summary>
    public RateLimit? Tokens { get; init; }

    /// <summary>Tokens of prompts.</summary>
    public RateLimit? InputTokens { get; init; }

    /// <summary>Tokens of answers.</summary>
    public RateLimit? OutputTokens { get; init; }
}
