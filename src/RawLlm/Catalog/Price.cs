namespace RawLlm;

/// <summary>The price of a model, in US dollars per million tokens.</summary>
/// <param name="Input">Tokens of the prompt.</param>
/// <param name="Output">Tokens of the answer.</param>
public sealed record Price(decimal Input, decimal Output)
{
    /// <summary>Tokens of the prompt that are read from the service's cache; null for the price of <see cref="Input"/>.</summary>
    public decimal? CachedInput { get; init; }

    /// <summary>
    /// Tokens of the prompt that are written to the service's cache for five minutes; null for the price of <see cref="Input"/>.
    /// </summary>
    public decimal? CacheWrite { get; init; }

    /// <summary>
    /// Tokens of the prompt that are written to the service's cache for an hour; null for the price of <see cref="CacheWrite"/>.
    /// </summary>
    public decimal? CacheWriteOneHour { get; init; }

    /// <summary>Reasoning tokens; null for the price of <see cref="Output"/>.</summary>
    public decimal? Reasoning { get; init; }

    /// <summary>Audio tokens of the prompt. If null, the cost of an answer that used any is unknown.</summary>
    public decimal? AudioInput { get; init; }

    /// <summary>Audio tokens of the answer. If null, the cost of an answer that used any is unknown.</summary>
    public decimal? AudioOutput { get; init; }

    /// <summary>The additional cost of each request, in US dollars.</summary>
    public decimal PerRequest { get; init; }

    /// <summary>The number of prompt tokens above which <see cref="LongPrompt"/> applies to the whole request.</summary>
    public long? LongPromptTokens { get; init; }

    /// <summary>The price of requests whose prompt is longer than <see cref="LongPromptTokens"/>.</summary>
    public Price? LongPrompt { get; init; }
}
