using System.Text.Json.Serialization;

namespace RawLlm;

/// <summary>What came of a <see cref="ToolLoop"/>, or of as much of it as there is: what to append to the conversation, and what it took. Immutable.</summary>
/// <param name="Replies">The answer of each turn; empty only where the run ended with calls that the conversation had brought along.</param>
/// <param name="Messages">What the model said and what the functions gave, to be appended to the conversation as they are; every call but those of <see cref="Pending"/> has its result, and stands as it was run where <see cref="ToolLoopOptions.Repair"/> made JSON of it.</param>
/// <param name="Invocations">What became of each call, turn by turn in the model's order.</param>
public sealed record ToolRun(IReadOnlyList<ChatReply> Replies, IReadOnlyList<Message> Messages, IReadOnlyList<ToolInvocation> Invocations)
{
    /// <summary>The calls that wait for a decision (<see cref="ToolApproval.Defer"/>), as they would run; as a rule none.</summary>
    /// <remarks>
    /// They stand in the conversation without a result, which no service takes: have a loop go on with it, which asks <see cref="ToolLoopOptions.Approve"/> again, or
    /// answer each with a <see cref="Message.ToolResult(ToolCall, string)"/> before something else is said.
    /// </remarks>
    public IReadOnlyList<ToolCall> Pending { get; init; } = [];

    /// <summary>The last answer; its <see cref="ChatReply.StopReason"/> says whether it came to its end.</summary>
    /// <exception cref="InvalidOperationException">There is none: the run ended with calls that the conversation had brought along.</exception>
    [JsonIgnore]
    public ChatReply Reply => Replies.Count > 0 ? Replies[^1] : throw new InvalidOperationException("The model was not asked in this run: the calls that the conversation had brought along wait still, or the run ended with them.");

    /// <summary>All text of the last answer; empty where there is none.</summary>
    public string Text => Replies.Count > 0 ? Replies[^1].Text : "";

    /// <summary>How many times the model answered.</summary>
    public int Turns => Replies.Count;

    /// <summary>What all answers used together, counted as most services do (<see cref="RawLlm.Usage.AllInside"/>), whatever each one's own convention is; null when nothing was said.</summary>
    /// <remarks>Input, output and total are null as soon as one answer does not say them, the rest is the sum of what was said. A sum that its type cannot hold is null too. What it cost is <see cref="Cost"/>.</remarks>
    public Usage? Usage
    {
        get
        {
            var all = new List<Usage>(Replies.Count);
            foreach (var reply in Replies)
            {
                if (reply.Usage is { } usage)
                    all.Add(usage.AllInside(reply.UsageConvention ?? UsageConvention.AllInside));
            }
            bool isWhole = all.Count == Replies.Count;
            return all.Count == 0 ? null : new Usage
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
                Compaction = SumOfCompactions(all),
                ReportedCost = SumOfCosts(),
            };
        }
    }

    /// <summary>What all answers cost together; null as soon as it is not known of one, or the sum is more than a <see cref="decimal"/> holds.</summary>
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

    // What is reckoned in part is reckoned; a table that did not price all of it is not named.
    private static Cost? Add(Cost a, Cost b)
    {
        if (Add(a.Amount, b.Amount) is not { } amount)
            return null;
        var (first, second) = a.Source == CostSource.Table ? (a, b) : (b, a);
        bool isSame = second.Source == CostSource.Reported || (first.Prices == second.Prices && first.PricesAsOf == second.PricesAsOf);
        return new(amount, first.Source)
        {
            Prices = isSame ? first.Prices : null,
            PricesAsOf = isSame ? first.PricesAsOf : null,
        };
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
        return !isSaid ? null : new Usage
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

    // Services report what they like.
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
