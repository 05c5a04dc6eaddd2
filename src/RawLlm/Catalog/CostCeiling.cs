namespace RawLlm;

/// <summary>The maximum cost of an answer with a given number of tokens, before it is known how they are counted.</summary>
internal static class CostCeiling
{
    /// <summary>Returns the maximum cost in US dollars, at most <see cref="decimal.MaxValue"/>.</summary>
    /// <param name="price">The model's price.</param>
    /// <param name="input">The tokens of the prompt. All count as written to the cache if that is more expensive.</param>
    /// <param name="output">The tokens of the answer. All count as reasoning if that is more expensive.</param>
    /// <param name="keepsForAnHour">Whether the prompt asks to be cached for an hour.</param>
    public static decimal Of(Price price, long input, long output, bool keepsForAnHour)
    {
        if (price is { LongPromptTokens: { } limit, LongPrompt: { } longer } && input > limit)
            price = longer with { PerRequest = price.PerRequest };
        decimal dearest = Math.Max(price.Input, price.CacheWrite ?? 0);
        if (keepsForAnHour)
            dearest = Math.Max(dearest, price.CacheWriteOneHour ?? 0);
        try
        {
            return (((input * dearest) + (output * Math.Max(price.Output, price.Reasoning ?? 0))) / 1_000_000m) + price.PerRequest;
        }
        catch (OverflowException)
        {
            return decimal.MaxValue;
        }
    }
}
