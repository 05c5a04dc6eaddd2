using System.Runtime.CompilerServices;
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
        if (usage.AudioInputTokens is not null || usage.AudioOutputTokens is not null)
            AddSound(details, usage);
        Add(details, "cache_write_tokens", usage.CacheWriteTokens);
        Add(details, "cache_write_one_hour_tokens", usage.CacheWriteOneHourTokens);
        Add(details, "accepted_prediction_tokens", usage.AcceptedPredictionTokens);
        Add(details, "rejected_prediction_tokens", usage.RejectedPredictionTokens);
        Add(details, "compaction_input_tokens", usage.Compaction?.InputTokens);
        Add(details, "compaction_output_tokens", usage.Compaction?.OutputTokens);
        return details;
    }

    // The two are marked as experimental (10.11). In a method of its own, so that a version without them costs nobody but those who send sound.
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void AddSound(UsageDetails details, Usage usage)
    {
#pragma warning disable MEAI001
        details.InputAudioTokenCount = usage.AudioInputTokens;
        details.OutputAudioTokenCount = usage.AudioOutputTokens;
#pragma warning restore MEAI001
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
