namespace RawLlm;

/// <summary>What came of a <see cref="ToolLoop"/>, or of as much of it as there is: what to append to the conversation, and what it took. Immutable.</summary>
/// <param name="Replies">The answer of each turn; never empty.</param>
/// <param name="Messages">What the model said and what the functions gave, to be appended to the conversation as they are; every call has its result.</param>
/// <param name="Invocations">What became of each call, turn by turn in the model's order.</param>
public sealed record ToolRun(IReadOnlyList<ChatReply> Replies, IReadOnlyList<Message> Messages, IReadOnlyList<ToolInvocation> Invocations)
{
    /// <summary>The last answer; its <see cref="ChatReply.StopReason"/> says whether it came to its end.</summary>
    public ChatReply Reply => Replies[^1];

    /// <summary>All text of the last answer.</summary>
    public string Text => Reply.Text;

    /// <summary>How many times the model answered.</summary>
    public int Turns => Replies.Count;

    /// <summary>What all answers used together, by what was said of them; null when nothing was.</summary>
    public Usage? Usage
    {
        get
        {
            Usage? sum = null;
            foreach (var reply in Replies)
                sum = sum is null ? reply.Usage : reply.Usage is null ? sum : Add(sum, reply.Usage);
            return sum;
        }
    }

    /// <summary>What all answers cost together; null as soon as it is not known of one.</summary>
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
            }
            return sum;
        }
    }

    // What is reckoned in part is reckoned; a table that did not price all of it is not named.
    private static Cost Add(Cost a, Cost b)
    {
        var (first, second) = a.Source == CostSource.Table ? (a, b) : (b, a);
        bool isSame = second.Source == CostSource.Reported || (first.Prices == second.Prices && first.PricesAsOf == second.PricesAsOf);
        return new(a.Amount + b.Amount, first.Source)
        {
            Prices = isSame ? first.Prices : null,
            PricesAsOf = isSame ? first.PricesAsOf : null,
        };
    }

    private static Usage Add(Usage a, Usage b) => new()
    {
        InputTokens = Add(a.InputTokens, b.InputTokens),
        OutputTokens = Add(a.OutputTokens, b.OutputTokens),
        TotalTokens = Add(a.TotalTokens, b.TotalTokens),
        CachedInputTokens = Add(a.CachedInputTokens, b.CachedInputTokens),
        CacheWriteTokens = Add(a.CacheWriteTokens, b.CacheWriteTokens),
        CacheWriteOneHourTokens = Add(a.CacheWriteOneHourTokens, b.CacheWriteOneHourTokens),
        ReasoningTokens = Add(a.ReasoningTokens, b.ReasoningTokens),
        AudioInputTokens = Add(a.AudioInputTokens, b.AudioInputTokens),
        AudioOutputTokens = Add(a.AudioOutputTokens, b.AudioOutputTokens),
        AcceptedPredictionTokens = Add(a.AcceptedPredictionTokens, b.AcceptedPredictionTokens),
        RejectedPredictionTokens = Add(a.RejectedPredictionTokens, b.RejectedPredictionTokens),
        ReportedCost = a.ReportedCost is null ? b.ReportedCost : a.ReportedCost + (b.ReportedCost ?? 0),
    };

    private static long? Add(long? a, long? b) => a is null ? b : a + (b ?? 0);
}
