namespace RawLlm;

/// <summary>Calculates the cost of an answer from its tokens, by the service's counting convention.</summary>
internal static class CostSum
{
    private const decimal Million = 1_000_000m;

    /// <summary>Returns the cost in US dollars; null if the usage is incomplete, or the sum overflows.</summary>
    public static decimal? Of(Usage usage, Price price, UsageConvention convention)
    {
        try
        {
            var sum = Sum(usage, price, convention);
            return usage.Compaction is { } beside ? sum + Sum(beside, price with { PerRequest = 0 }, convention) : sum;
        }
        catch (OverflowException)
        {
            return null;
        }
    }

    /// <summary>Returns the tokens of an answer, with reasoning; null if the usage does not report them.</summary>
    public static long? OutputTokens(Usage usage, UsageConvention convention)
    {
        if (usage.OutputTokens is null)
            return null;
        try
        {
            var (output, reasoning) = usage.OutputParts(convention);
            return checked(output + reasoning + (usage.Compaction?.OutputTokens ?? 0));
        }
        catch (OverflowException)
        {
            return null;
        }
    }

    private static decimal? Sum(Usage usage, Price price, UsageConvention convention)
    {
        if (usage.InputTokens is not { } input || (usage.OutputTokens is null && price.Output != 0))
            return null;
        long cached = usage.CachedInputTokens ?? 0;
        long written = usage.CacheWriteTokens ?? 0;
        long writtenForLong = Math.Min(usage.CacheWriteOneHourTokens ?? 0, written);
        long fresh = input;
        if (!convention.HasFlag(UsageConvention.CacheOnTop))
        {
            // xAI has reported more cached tokens than input tokens (2026); the excess cannot have been read.
            cached = Math.Min(cached, input);
            written = Math.Min(written, input - cached);
            writtenForLong = Math.Min(writtenForLong, written);
            fresh = input - cached - written;
        }
        if (price is { LongPromptTokens: { } limit, LongPrompt: { } longer } && checked(fresh + cached + written) > limit)
            price = longer with { PerRequest = price.PerRequest };

        var (output, reasoning) = usage.OutputParts(convention);
        long audioInput = Math.Min(usage.AudioInputTokens ?? 0, fresh);
        long audioOutput = Math.Min(usage.AudioOutputTokens ?? 0, output);
        // Audio costs many times as much as text: without its price, the cost is unknown.
        if ((audioInput > 0 && price.AudioInput is null) || (audioOutput > 0 && price.AudioOutput is null))
            return null;
        decimal cacheWrite = price.CacheWrite ?? price.Input;
        decimal sum =
            ((fresh - audioInput) * price.Input)
            + (audioInput * price.AudioInput.GetValueOrDefault())
            + (cached * (price.CachedInput ?? price.Input))
            + ((written - writtenForLong) * cacheWrite)
            + (writtenForLong * (price.CacheWriteOneHour ?? cacheWrite))
            + ((output - audioOutput) * price.Output)
            + (audioOutput * price.AudioOutput.GetValueOrDefault())
            + (reasoning * (price.Reasoning ?? price.Output));
        return (sum / Million) + price.PerRequest;
    }
}
