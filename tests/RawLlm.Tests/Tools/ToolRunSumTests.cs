namespace RawLlm.Tests.Tools;

/// <summary>Usage and cost of a run, added up over its answers.</summary>
public sealed class ToolRunSumTests
{
    [Fact]
    public void Sums_PartlyUnknownUsageAndCost_IncludeOnlyKnownValues()
    {
        var reply = new ChatReply(
            "c",
            "m",
            [new ChatChoice(0, Message.Assistant("x"), StopReason.EndTurn, "stop")],
            new Usage { InputTokens = 1, CachedInputTokens = 1 }
        );
        var table = new Cost(1m, CostSource.Table) { Prices = "p", PricesAsOf = new(2026, 1, 1) };

        var run = new ToolRun(
            [
                reply with
                {
                    Cost = table,
                },
                reply with
                {
                    Usage = null,
                    Cost = table,
                },
                reply with
                {
                    Usage = new Usage { InputTokens = 2 },
                    Cost = new(2m, CostSource.Reported),
                },
            ],
            [],
            []
        );

        Assert.Equal(new Usage { CachedInputTokens = 1 }, run.Usage);
        Assert.Equal(3, (run with { Replies = [run.Replies[0], run.Replies[2]] }).Usage!.InputTokens);
        Assert.Equal(table with { Amount = 4m }, run.Cost);
        Assert.Null((run with { Replies = [reply, reply with { Cost = table }] }).Cost);
        Assert.Null((run with { Replies = [reply with { Cost = table }, reply with { Cost = table with { Prices = "q" } }] }).Cost!.Prices);
        Assert.Equal(new Cost(4m, CostSource.Reported), (run with { Replies = [.. run.Replies.Skip(2), .. run.Replies.Skip(2)] }).Cost);
    }

    [Theory]
    [InlineData("p", "2026-01-01", "p", "2026-03-01", "$2 (p of 2026-01-01)")]
    [InlineData("p", "2026-03-01", "p", "2026-01-01", "$2 (p of 2026-01-01)")]
    [InlineData("p", "2026-03-01", "p", null, "$2 (p)")]
    [InlineData("p", null, "p", "2026-03-01", "$2 (p)")]
    [InlineData("p", "2026-01-01", "q", "2026-01-01", "$2 (calculated)")]
    [InlineData(null, "2026-03-01", null, "2026-01-01", "$2 (prices of 2026-01-01)")]
    public void Cost_PartsFromTables_NamesSingleTableAndOldestDay(string? a, string? ofA, string? b, string? ofB, string expected)
    {
        var replies = new[] { Priced(a, ofA), Priced(b, ofB) };
        Assert.Equal(expected, new ToolRun(replies, [], []).Cost!.ToString());

        static ChatReply Priced(string? table, string? day) =>
            new("c", "m", [new ChatChoice(0, Message.Assistant("x"), StopReason.EndTurn, "stop")], Usage: null)
            {
                Cost = new Cost(1m, CostSource.Table)
                {
                    Prices = table,
                    PricesAsOf = day is null ? null : DateOnly.Parse(day, System.Globalization.CultureInfo.InvariantCulture),
                },
            };
    }

    [Fact]
    public void Usage_DifferentConventions_IsNormalizedBeforeSum()
    {
        var reply = new ChatReply("c", "m", [new ChatChoice(0, Message.Assistant("x"), StopReason.EndTurn, "stop")], Usage: null);
        var run = new ToolRun(
            [
                reply with
                {
                    Usage = new Usage
                    {
                        InputTokens = 10,
                        OutputTokens = 5,
                        CachedInputTokens = 3,
                        CacheWriteTokens = 2,
                    },
                    UsageConvention = UsageConvention.CacheOnTop,
                },
                reply with
                {
                    Usage = new Usage
                    {
                        InputTokens = 10,
                        OutputTokens = 5,
                        ReasoningTokens = 7,
                        WebSearchRequests = 2,
                        TotalTokens = 22,
                    },
                    UsageConvention = UsageConvention.ReasoningOnTop,
                },
                reply with
                {
                    Usage = new Usage
                    {
                        InputTokens = 10,
                        OutputTokens = 5,
                        CachedInputTokens = 4,
                        ReasoningTokens = 1,
                        WebSearchRequests = 3,
                        TotalTokens = 15,
                    },
                    UsageConvention = UsageConvention.Inclusive,
                },
            ],
            [],
            []
        );

        Assert.Equal(
            new Usage
            {
                InputTokens = 35,
                OutputTokens = 22,
                TotalTokens = 57,
                CachedInputTokens = 7,
                CacheWriteTokens = 2,
                ReasoningTokens = 8,
                WebSearchRequests = 5,
            },
            run.Usage
        );
        Assert.Null((run with { Replies = [run.Replies[0], reply with { Usage = new Usage { InputTokens = 1 } }] }).Usage!.TotalTokens);
    }

    [Fact]
    public void Sums_Overflow_AreNull()
    {
        var reply = new ChatReply(
            "c",
            "m",
            [new ChatChoice(0, Message.Assistant("x"), StopReason.EndTurn, "stop")],
            new Usage
            {
                InputTokens = long.MaxValue,
                OutputTokens = 1,
                ReportedCost = decimal.MaxValue,
            }
        )
        {
            Cost = new(decimal.MaxValue, CostSource.Reported),
        };

        var run = new ToolRun([reply, reply, reply], [], []);

        Assert.Equal(new Usage { OutputTokens = 3 }, run.Usage);
        Assert.Null(run.Cost);
    }
}
