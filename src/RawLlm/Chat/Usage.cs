using System.Globalization;
using System.Text;

namespace RawLlm;

/// <summary>What an answer used, in tokens, as the service reported it; null where it said nothing.</summary>
/// <remarks>
/// Services count differently: whether cached tokens are inside <see cref="InputTokens"/>, and reasoning inside
/// <see cref="OutputTokens"/>, is the service's own convention. Numbers that do not add up are passed on as they are, with a quirk.
/// </remarks>
public sealed record Usage
{
    /// <summary>Tokens of the prompt, and of what the service's own tools put beside it.</summary>
    public long? InputTokens { get; init; }

    /// <summary>Tokens of the answer.</summary>
    public long? OutputTokens { get; init; }

    /// <summary>The sum, as the service gave it.</summary>
    public long? TotalTokens { get; init; }

    /// <summary>Tokens of the prompt that were read from the service's cache.</summary>
    public long? CachedInputTokens { get; init; }

    /// <summary>Tokens of the prompt that were written to the service's cache.</summary>
    public long? CacheWriteTokens { get; init; }

    /// <summary>Of <see cref="CacheWriteTokens"/>, those kept for an hour.</summary>
    public long? CacheWriteOneHourTokens { get; init; }

    /// <summary>Tokens spent on thinking.</summary>
    public long? ReasoningTokens { get; init; }

    /// <summary>Tokens of sound in the prompt.</summary>
    public long? AudioInputTokens { get; init; }

    /// <summary>Tokens of sound in the answer.</summary>
    public long? AudioOutputTokens { get; init; }

    /// <summary>Predicted tokens that were used.</summary>
    public long? AcceptedPredictionTokens { get; init; }

    /// <summary>Predicted tokens that were thrown away.</summary>
    public long? RejectedPredictionTokens { get; init; }

    /// <summary>
    /// What the service spent beside the answer to sum up a conversation that had grown too long (Anthropic, 2026): it is billed with the answer, and in none of the
    /// counts here.
    /// </summary>
    public Usage? Compaction { get; init; }

    /// <summary>What the service says it charged, in US dollars.</summary>
    public decimal? ReportedCost { get; init; }

    /// <summary>The same by the one convention of most services: cached tokens are inside the input, reasoning is inside the output, and the total is both, where the service gave none.</summary>
    /// <remarks>It is <see cref="UsageConvention.AllInside"/> from then on: prices, and a second call, would count what is inside once more by another. A sum that no number holds is null.</remarks>
    /// <param name="convention">How the service counts: <see cref="ChatReply.UsageConvention"/>, or that of its wire.</param>
    public Usage AllInside(UsageConvention convention)
    {
        long? input = convention.HasFlag(UsageConvention.CacheOnTop) ? Sum(InputTokens, CachedInputTokens, CacheWriteTokens) : InputTokens;
        long? output = Output(convention);
        return this with
        {
            InputTokens = input,
            OutputTokens = output,
            TotalTokens = TotalTokens ?? (output is null ? null : Sum(input, output)),
            Compaction = Compaction?.AllInside(convention),
        };
    }

    /// <summary>The counts that were said, as in <c>10 in, 5 out, 4 cached</c>; a total only where it is not the sum of the first two.</summary>
    public override string ToString()
    {
        var text = new StringBuilder();
        Append(text, InputTokens, " in");
        Append(text, OutputTokens, " out");
        if (TotalTokens != Sum(InputTokens, OutputTokens) || InputTokens is null || OutputTokens is null)
            Append(text, TotalTokens, " in all");
        AppendAny(text, CachedInputTokens, " cached");
        AppendAny(text, CacheWriteTokens, " written to the cache");
        AppendAny(text, ReasoningTokens, " of reasoning");
        AppendAny(text, AudioInputTokens, " of sound in");
        AppendAny(text, AudioOutputTokens, " of sound out");
        AppendAny(text, AcceptedPredictionTokens, " predicted");
        AppendAny(text, RejectedPredictionTokens, " predicted in vain");
        if (Compaction is not null)
            text.Append(text.Length > 0 ? ", " : "").Append(Compaction).Append(" for the summary");
        if (ReportedCost is { } cost)
            text.Append(text.Length > 0 ? ", " : "").Append(CultureInfo.InvariantCulture, $"{cost} USD");
        return text.Length > 0 ? text.ToString() : "nothing said";
    }

    /// <summary>The tokens of the answer and, apart from them, those spent on thinking; zero where the usage does not say.</summary>
    /// <exception cref="OverflowException">No number holds what the total leaves.</exception>
    internal (long Answer, long Reasoning) OutputParts(UsageConvention convention)
    {
        long output = OutputTokens ?? 0;
        long reasoning = ReasoningTokens ?? 0;
        long? rest = checked(TotalTokens - InputTokens - output);
        if (convention.HasFlag(UsageConvention.ReasoningOnTop))
        {
            // Gemini's compatible endpoint tells of thinking in the sum alone (2025).
            return (output, ReasoningTokens ?? Math.Max(0, rest ?? 0));
        }
        // A sum that holds the reasoning beside the output shows that it is on top, whatever the service's convention: Grok behind other doors.
        if (reasoning > 0 && rest == reasoning)
            return (output, reasoning);
        reasoning = Math.Min(reasoning, output);
        return (output - reasoning, reasoning);
    }

    private long? Output(UsageConvention convention)
    {
        if (OutputTokens is null)
            return null;
        try
        {
            var (answer, reasoning) = OutputParts(convention);
            return checked(answer + reasoning);
        }
        catch (OverflowException)
        {
            return null;
        }
    }

    // Services report what they like: a sum that is no count is not known.
    private static long? Sum(long? first, long? second, long? third = null) =>
        first is { } known && (Int128)known + (second ?? 0) + (third ?? 0) is var sum && sum >= long.MinValue && sum <= long.MaxValue ? (long)sum : null;

    // None of it is no news.
    private static void AppendAny(StringBuilder text, long? count, string what) => Append(text, count == 0 ? null : count, what);

    private static void Append(StringBuilder text, long? count, string what)
    {
        if (count is { } known)
            text.Append(text.Length > 0 ? ", " : "").Append(known).Append(what);
    }
}
