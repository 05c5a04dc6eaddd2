using System.Text.Json.Serialization;

namespace RawLlm;

/// <summary>
/// The outcome of a <see cref="ToolLoop"/>, complete or so far: the messages to append to the conversation, usage and cost. Immutable.
/// </summary>
/// <param name="Replies">The answer of each turn; empty if the model has not answered, as when the run ended with calls that the
/// conversation already contained.</param>
/// <param name="Messages">The model's messages and the tool results, to append to the conversation unchanged. Every call except those in
/// <see cref="Pending"/> has its result. A call that <see cref="ToolLoopOptions.Repair"/> turned into valid JSON appears as it was
/// run.</param>
/// <param name="Invocations">The outcome of each call, turn by turn in the model's order.</param>
public sealed record ToolRun(IReadOnlyList<ChatReply> Replies, IReadOnlyList<Message> Messages, IReadOnlyList<ToolInvocation> Invocations)
{
    /// <summary>The calls that wait for a decision (<see cref="ToolApproval.Defer"/>), as they would run; usually empty.</summary>
    /// <remarks>
    /// They are in the conversation without a result, which no service accepts. Either continue the conversation with a loop that has the
    /// decisions (<see cref="ToolLoopOptions.Decisions"/>), or answer each call with a <see cref="Message.ToolResult(ToolCall, string)"/>
    /// before any other message.
    /// </remarks>
    public IReadOnlyList<ToolCall> Pending { get; init; } = [];

    /// <summary>
    /// The last answer; its <see cref="ChatReply.StopReason"/> says whether it is complete. <see cref="StopReason.ToolUse"/> without a call
    /// in <see cref="Pending"/> means that it ends with an item that the program must answer itself, in the service's own JSON.</summary>
    /// <exception cref="InvalidOperationException">The run has no answer (yet): only calls that the conversation already contained were
    /// handled.</exception>
    [JsonIgnore]
    public ChatReply Reply =>
        Replies.Count > 0
            ? Replies[^1]
            : throw new InvalidOperationException(
                "The run has no answer: the calls that the conversation already contained are still running or waiting, or ended the run."
            );

    /// <summary>The whole text of the last answer; empty if there is none.</summary>
    public string Text => Replies.Count > 0 ? Replies[^1].Text : "";

    /// <summary>How many times the model answered.</summary>
    public int Turns => Replies.Count;

    /// <summary>The usage of all answers together, counted as most services do (<see cref="RawLlm.Usage.Normalize"/>) whatever each
    /// service's own convention is; null if no answer reports usage.</summary>
    /// <remarks>Input, output and total tokens are null if any answer does not report them. The other counts are the sum of what was
    /// reported. A sum that overflows its type is also null. For the price, see <see cref="Cost"/>.</remarks>
    public Usage? Usage
    {
        get
        {
            var all = new List<Usage>(Replies.Count);
            foreach (var reply in Replies)
            {
                if (reply.Usage is { } usage)
                    all.Add(usage.Normalize(reply.UsageConvention ?? UsageConvention.Inclusive));
            }
            bool isWhole = all.Count == Replies.Count;
            return all.Count == 0
                ? null
                : new Usage
                {
                    InputTokens = isWhole ? SumOfAll(all, static usage => usage.InputTokens) : null,
                    OutputTokens = isWhole ? SumOfAll(all, static usage => usage.OutputTokens) : null,
                    TotalTokens = isWhole ? SumOfAll(all, static usage => usage.TotalTokens) : null,
                    CachedInputTokens = Sum(all, static usage => usage.CachedInputTokens),
                    CacheWriteTokens = Sum(all, static usage => usage.CacheWriteTokens),
                    CacheWriteOneHourTokens = Sum(all, static usage => usage.CacheWriteOneHourTokens),
                    ReasoningTokens = Sum(all, static usage => usage.ReasoningTokens),
                    AudioInputTokens = Sum(all, static usage => usage.AudioInputTokens),
                    AudioOutputTokens = Sum(all, static usage => usage.AudioOutputTokens),
                    AcceptedPredictionTokens = Sum(all, static usage => usage.AcceptedPredictionTokens),
                    RejectedPredictionTokens = Sum(all, static usage => usage.RejectedPredictionTokens),
                    WebSearchRequests = Sum(all, static usage => usage.WebSearchRequests),
                    Compaction = SumOfCompactions(all),
                    ReportedCost = SumOfCosts(),
                };
        }
    }

    /// <summary>
    /// The cost of all answers together; null if the cost of any answer is unknown, or if the sum overflows a <see cref="decimal"/>.
    /// </summary>
    /// <remarks>If one table priced all calculated parts, its name is kept, with the oldest day of the prices.</remarks>
    public Cost? Cost
    {
        get
        {
            Cost? sum = null;
            foreach (var reply in Replies)
            {
                if (reply.Cost is not { } cost)
                    return null;
                sum = sum is null ? cost : Add(sum, cost);
                if (sum is null)
                    return null;
            }
            return sum;
        }
    }

    // A sum with a calculated part counts as calculated. Its table is named only if it priced every calculated part, with the oldest of
    // its prices' days.
    private static Cost? Add(Cost a, Cost b)
    {
        if (Add(a.Amount, b.Amount) is not { } amount)
            return null;
        var (first, second) = a.Source == CostSource.Table ? (a, b) : (b, a);
        if (second.Source == CostSource.Reported)
            return first with { Amount = amount };
        return first.Prices == second.Prices
            ? new(amount, CostSource.Table)
            {
                Prices = first.Prices,
                PricesAsOf = second.PricesAsOf < first.PricesAsOf || second.PricesAsOf is null ? second.PricesAsOf : first.PricesAsOf,
            }
            : new(amount, CostSource.Table);
    }

    private static long? SumOfAll(List<Usage> all, Func<Usage, long?> count)
    {
        foreach (var usage in all)
        {
            if (count(usage) is null)
                return null;
        }
        return Sum(all, count);
    }

    private static long? Sum(List<Usage> all, Func<Usage, long?> count)
    {
        Int128? sum = null;
        foreach (var usage in all)
        {
            if (count(usage) is { } known)
                sum = (sum ?? 0) + known;
        }
        return sum >= long.MinValue && sum <= long.MaxValue ? (long)sum : null;
    }

    private static Usage? SumOfCompactions(List<Usage> all)
    {
        bool isSaid = false;
        foreach (var usage in all)
            isSaid |= usage.Compaction is not null;
        return !isSaid
            ? null
            : new Usage
            {
                InputTokens = Sum(all, static usage => usage.Compaction?.InputTokens),
                OutputTokens = Sum(all, static usage => usage.Compaction?.OutputTokens),
                TotalTokens = Sum(all, static usage => usage.Compaction?.TotalTokens),
                CachedInputTokens = Sum(all, static usage => usage.Compaction?.CachedInputTokens),
                CacheWriteTokens = Sum(all, static usage => usage.Compaction?.CacheWriteTokens),
            };
    }

    private decimal? SumOfCosts()
    {
        decimal? sum = null;
        foreach (var reply in Replies)
        {
            if (reply.Usage?.ReportedCost is not { } cost)
                continue;
            sum = sum is { } before ? Add(before, cost) : cost;
            if (sum is null)
                break;
        }
        return sum;
    }

    // Services can report any number.
    private static decimal? Add(decimal a, decimal b)
    {
        try
        {
            return a + b;
        }
        catch (OverflowException)
        {
            return null;
        }
    }
}
