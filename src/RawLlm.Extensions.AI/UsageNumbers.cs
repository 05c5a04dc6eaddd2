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
            input += (usage.CachedInputTokens ?? 0) + (usage.CacheWriteTokens ?? 0);
        long? output = usage.OutputTokens;
        if (output is not null && convention.HasFlag(UsageConvention.ReasoningOnTop))
            output += usage.ReasoningTokens ?? 0;
        var details = new UsageDetails
        {
            InputTokenCount = input,
            OutputTokenCount = output,
            TotalTokenCount = usage.TotalTokens ?? input + output,
            CachedInputTokenCount = usage.CachedInputTokens,
            ReasoningTokenCount = usage.ReasoningTokens,
        };
        Add(details, "cache_write_tokens", usage.CacheWriteTokens);
        Add(details, "cache_write_one_hour_tokens", usage.CacheWriteOneHourTokens);
        Add(details, "audio_input_tokens", usage.AudioInputTokens);
        Add(details, "audio_output_tokens", usage.AudioOutputTokens);
        Add(details, "accepted_prediction_tokens", usage.AcceptedPredictionTokens);
        Add(details, "rejected_prediction_tokens", usage.RejectedPredictionTokens);
        return details;
    }

    private static void Add(UsageDetails details, string name, long? count)
    {
        if (count is { } known)
            (details.AdditionalCounts ??= []).Add(name, known);
    }
}
