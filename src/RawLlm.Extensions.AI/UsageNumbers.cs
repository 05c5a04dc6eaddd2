using Microsoft.Extensions.AI;
using RawLlm.Protocols;

namespace RawLlm.Extensions.AI;

/// <summary>Gives usage by the one convention of Microsoft.Extensions.AI: cached tokens are inside the input, reasoning is inside the output.</summary>
internal static class UsageNumbers
{
    public static UsageDetails? Read(Usage? usage, UsageConvention convention)
    {
        if (usage is null)
            return null;
        long? input = usage.InputTokens;
        if (input is not null && convention.HasFlag(UsageConvention.CacheOnTop))
            input = Sum(input, usage.CachedInputTokens, usage.CacheWriteTokens);
        long? output = usage.OutputTokens;
        if (output is not null && convention.HasFlag(UsageConvention.ReasoningOnTop))
            output = Sum(output, usage.ReasoningTokens);
        var details = new UsageDetails
        {
            InputTokenCount = input,
            OutputTokenCount = output,
            TotalTokenCount = usage.TotalTokens ?? (output is null ? null : Sum(input, output)),
            CachedInputTokenCount = usage.CachedInputTokens,
            ReasoningTokenCount = usage.ReasoningTokens,
        };
        Add(details, "cache_write_tokens", usage.CacheWriteTokens);
        Add(details, "cache_write_one_hour_tokens", usage.CacheWriteOneHourTokens);
        Add(details, "audio_input_tokens", usage.AudioInputTokens);
        Add(details, "audio_output_tokens", usage.AudioOutputTokens);
        Add(details, "accepted_prediction_tokens", usage.AcceptedPredictionTokens);
        Add(details, "rejected_prediction_tokens", usage.RejectedPredictionTokens);
        Add(details, "compaction_input_tokens", usage.Compaction?.InputTokens);
        Add(details, "compaction_output_tokens", usage.Compaction?.OutputTokens);
        return details;
    }

    // Services report what they like: a sum that is no count is not known.
    private static long? Sum(long? first, long? second, long? third = null) =>
        first is { } known && (Int128)known + (second ?? 0) + (third ?? 0) is var sum && sum >= long.MinValue && sum <= long.MaxValue ? (long)sum : null;

    private static void Add(UsageDetails details, string name, long? count)
    {
        if (count is { } known)
            (details.AdditionalCounts ??= []).Add(name, known);
    }
}
