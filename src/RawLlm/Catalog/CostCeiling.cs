namespace RawLlm;

/// <summary>The most that an answer costs for so many tokens, before it is known how they are counted.</summary>
internal static class CostCeiling
{
    /// <summary>US dollars; no more than a decimal holds.</summary>
    /// <param name="price">The model's price.</param>
    /// <param name="input">Tokens of the prompt, all taken to be written to the cache where that is dearer.</param>
    /// <param name="output">Tokens of the answer, all taken to be thoughts where these are dearer.</param>
    /// <param name="keepsForAnHour">Whether the prompt asks to be kept for an hour.</param>
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
