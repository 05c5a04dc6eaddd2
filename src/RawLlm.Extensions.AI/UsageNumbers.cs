using System.Runtime.CompilerServices;
using Microsoft.Extensions.AI;
using RawLlm.Protocols;

namespace RawLlm.Extensions.AI;

/// <summary>
/// Converts usage to the convention of Microsoft.Extensions.AI: the input includes cached tokens, the output includes reasoning.
/// </summary>
internal static class UsageNumbers
{
    public static UsageDetails? Read(Usage? usage, UsageConvention convention)
    {
        if (usage is null)
            return null;
        var counted = usage.Normalize(convention);
        var details = new UsageDetails
        {
            InputTokenCount = counted.InputTokens,
            OutputTokenCount = counted.OutputTokens,
            TotalTokenCount = counted.TotalTokens,
            CachedInputTokenCount = usage.CachedInputTokens,
            ReasoningTokenCount = usage.ReasoningTokens,
        };
        if (usage.AudioInputTokens is not null || usage.AudioOutputTokens is not null)
            AddAudio(details, usage);
        Add(details, "cache_write_tokens", usage.CacheWriteTokens);
        Add(details, "cache_write_one_hour_tokens", usage.CacheWriteOneHourTokens);
        Add(details, "accepted_prediction_tokens", usage.AcceptedPredictionTokens);
        Add(details, "rejected_prediction_tokens", usage.RejectedPredictionTokens);
        Add(details, "web_search_requests", usage.WebSearchRequests);
        Add(details, "compaction_input_tokens", usage.Compaction?.InputTokens);
        Add(details, "compaction_output_tokens", usage.Compaction?.OutputTokens);
        return details;
    }

    // The two properties are marked as experimental (10.11). A method of its own, so that a version without them fails only for usage with
    // audio.
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void AddAudio(UsageDetails details, Usage usage)
    {
#pragma warning disable MEAI001
        details.InputAudioTokenCount = usage.AudioInputTokens;
        details.OutputAudioTokenCount = usage.AudioOutputTokens;
#pragma warning restore MEAI001
    }

    private static void Add(UsageDetails details, string name, long? count)
    {
        if (count is { } known)
            (details.AdditionalCounts ??= []).Add(name, known);
    }
}
