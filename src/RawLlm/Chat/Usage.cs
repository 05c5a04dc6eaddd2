using System.Globalization;
using System.Text;

namespace RawLlm;

/// <summary>What an answer used, mostly in tokens, as the service reported it. Counts that it did not report are null.</summary>
/// <remarks>
/// Services count differently: whether <see cref="InputTokens"/> include cached tokens, and <see cref="OutputTokens"/> reasoning, depends
/// on the service (<see cref="UsageConvention"/>). Numbers that do not add up are passed on unchanged, with a quirk.
/// </remarks>
public sealed record Usage
{
    /// <summary>Tokens of the prompt, and of what the service's own tools added to it.</summary>
    public long? InputTokens { get; init; }

    /// <summary>Tokens of the answer.</summary>
    public long? OutputTokens { get; init; }

    /// <summary>The total, as the service reported it.</summary>
    public long? TotalTokens { get; init; }

    /// <summary>Tokens of the prompt that were read from the service's cache.</summary>
    public long? CachedInputTokens { get; init; }

    /// <summary>Tokens of the prompt that were written to the service's cache.</summary>
    public long? CacheWriteTokens { get; init; }

    /// <summary>Those of <see cref="CacheWriteTokens"/> that are cached for an hour.</summary>
    public long? CacheWriteOneHourTokens { get; init; }

    /// <summary>Tokens of reasoning.</summary>
    public long? ReasoningTokens { get; init; }

    /// <summary>Tokens of audio in the prompt.</summary>
    public long? AudioInputTokens { get; init; }

    /// <summary>Tokens of audio in the answer.</summary>
    public long? AudioOutputTokens { get; init; }

    /// <summary>Predicted tokens that were used.</summary>
    public long? AcceptedPredictionTokens { get; init; }

    /// <summary>Predicted tokens that were rejected.</summary>
    public long? RejectedPredictionTokens { get; init; }

    /// <summary>
    /// How often the service searched the web for the answer, which some services charge for each time; not tokens. Prices
    /// (<see cref="Cost"/>) do not include it.
    /// </summary>
    public long? WebSearchRequests { get; init; }

    /// <summary>
    /// What the service used in addition to summarize a conversation that had grown too long
    /// (Anthropic, 2026). It is billed with the answer, but not included in any of the counts here.
    /// </summary>
    public Usage? Compaction { get; init; }

    /// <summary>The cost that the service reported, in US dollars.</summary>
    public decimal? ReportedCost { get; init; }

    /// <summary>
    /// Returns the same usage by the convention of most services: the input includes cached tokens,
    /// the output includes reasoning, and the total, if the service sent none, is their sum.
    /// </summary>
    /// <remarks>
    /// The result follows <see cref="UsageConvention.Inclusive"/>. Use that convention for prices and for
    /// a second call, because any other counts the included tokens twice. A sum that overflows is null.
    /// </remarks>
    /// <param name="convention">How the service counts: <see cref="ChatReply.UsageConvention"/>, or that of its wire.</param>
    public Usage Normalize(UsageConvention convention)
    {
        long? input = convention.HasFlag(UsageConvention.CacheOnTop) ? Sum(InputTokens, CachedInputTokens, CacheWriteTokens) : InputTokens;
        long? output = Output(convention);
        return this with
        {
            InputTokens = input,
            OutputTokens = output,
            TotalTokens = TotalTokens ?? (output is null ? null : Sum(input, output)),
            Compaction = Compaction?.Normalize(convention),
        };
    }

    /// <summary>
    /// Returns the reported counts, as in <c>10 in, 5 out, 4 cached</c>; the total only if it is not the sum of the first two.
    /// </summary>
    public override string ToString()
    {
        var text = new StringBuilder();
        Append(text, InputTokens, " in");
        Append(text, OutputTokens, " out");
        if (TotalTokens != Sum(InputTokens, OutputTokens) || InputTokens is null || OutputTokens is null)
            Append(text, TotalTokens, " total");
        AppendAny(text, CachedInputTokens, " cached");
        AppendAny(text, CacheWriteTokens, " written to the cache");
        AppendAny(text, ReasoningTokens, " reasoning");
        AppendAny(text, AudioInputTokens, " audio in");
        AppendAny(text, AudioOutputTokens, " audio out");
        AppendAny(text, AcceptedPredictionTokens, " predicted");
        AppendAny(text, RejectedPredictionTokens, " predicted but rejected");
        AppendAny(text, WebSearchRequests, " web searches");
        if (Compaction is not null)
            text.Append(text.Length > 0 ? ", " : "").Append(Compaction).Append(" for compaction");
        if (ReportedCost is { } cost)
            text.Append(text.Length > 0 ? ", " : "").Append(cost.ToString(CultureInfo.InvariantCulture)).Append(" USD");
        return text.Length > 0 ? text.ToString() : "not reported";
    }

    /// <summary>Returns the tokens of the answer and, separately, those of reasoning; zero if the usage does not say.</summary>
    /// <exception cref="OverflowException">The difference between the total and the other counts overflows.</exception>
    internal (long Answer, long Reasoning) OutputParts(UsageConvention convention)
    {
        long output = OutputTokens ?? 0;
        long reasoning = ReasoningTokens ?? 0;
        long? rest = checked(TotalTokens - InputTokens - output);
        if (convention.HasFlag(UsageConvention.ReasoningOnTop))
        {
            // Gemini's compatible endpoint includes reasoning only in the total (2025).
            return (output, ReasoningTokens ?? Math.Max(0, rest ?? 0));
        }
        // If the total is the output plus the reasoning, the reasoning comes on top, whatever the service's convention: Grok through other
        // services.
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

    // Services can report any number: a sum that overflows is unknown.
    private static long? Sum(long? first, long? second, long? third = null) =>
        first is { } known && (Int128)known + (second ?? 0) + (third ?? 0) is var sum && sum >= long.MinValue && sum <= long.MaxValue
            ? (long)sum
            : null;

    // Zero is not worth showing.
    private static void AppendAny(StringBuilder text, long? count, string what) => Append(text, count == 0 ? null : count, what);

    private static void Append(StringBuilder text, long? count, string what)
    {
        if (count is { } known)
            text.Append(text.Length > 0 ? ", " : "").Append(known).Append(what);
    }
}
