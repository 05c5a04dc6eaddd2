namespace RawLlm;

/// <summary>What a model costs, in US dollars per million tokens.</summary>
/// <param name="Input">Tokens of the prompt.</param>
/// <param name="Output">Tokens of the answer.</param>
public sealed record Price(decimal Input, decimal Output)
{
    /// <summary>Tokens of the prompt that are read from the service's cache; as <see cref="Input"/> when null.</summary>
    public decimal? CachedInput { get; init; }

    /// <summary>Tokens of the prompt that are written to the service's cache for five minutes; as <see cref="Input"/> when null.</summary>
    public decimal? CacheWrite { get; init; }

    /// <summary>Tokens of the prompt that are written to the service's cache for an hour; as <see cref="CacheWrite"/> when null.</summary>
    public decimal? CacheWriteOneHour { get; init; }

    /// <summary>Tokens spent on thinking; as <see cref="Output"/> when null.</summary>
    public decimal? Reasoning { get; init; }

    /// <summary>Tokens of sound in the prompt; when null, the cost of an answer that used some is not known.</summary>
    public decimal? AudioInput { get; init; }

    /// <summary>Tokens of sound in the answer; when null, the cost of an answer that used some is not known.</summary>
    public decimal? AudioOutput { get; init; }

    /// <summary>What every request costs on top, in US dollars.</summary>
    public decimal PerRequest { get; init; }

    /// <summary>From how many tokens of prompt on <see cref="LongPrompt"/> holds for the whole request: it holds for prompts that are longer than this.</summary>
    public long? LongPromptTokens { get; init; }

    /// <summary>The price of requests with a longer prompt than <see cref="LongPromptTokens"/>.</summary>
    public Price? LongPrompt { get; init; }
}
