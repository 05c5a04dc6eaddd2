namespace RawLlm;

/// <summary>A service's rate limits, as reported in its response headers.</summary>
/// <remarks>The windows depend on the service: Groq counts requests per day and tokens per minute, others count both per minute.</remarks>
public sealed record RateLimits
{
    /// <summary>The limit on requests.</summary>
    public RateLimit? Requests { get; init; }

    /// <summary>The limit on tokens of prompts and answers together.</summary>
    public RateLimit? Tokens { get; init; }

    /// <summary>The limit on tokens of prompts.</summary>
    public RateLimit? InputTokens { get; init; }

    /// <summary>The limit on tokens of answers.</summary>
    public RateLimit? OutputTokens { get; init; }
}
