namespace RawLlm.Tests.Calls;

public sealed class EmbeddingBatchesTests
{
    [Fact]
    public void Join_SeveralBatches_SumsUsage()
    {
        var all = EmbeddingBatches.Join([
            Batch(new() { InputTokens = 5, ReportedCost = 0.5m }),
            Batch(
                new()
                {
                    InputTokens = 7,
                    TotalTokens = 7,
                    ReportedCost = 1,
                }
            ),
        ]);
        Assert.Equal(new Usage { InputTokens = 12, ReportedCost = 1.5m }, all.Usage);
    }

    [Fact]
    public void Join_SumsOverflow_AreNull()
    {
        var tokens = Batch(new() { InputTokens = 9_000_000_000_000_000_000, TotalTokens = 1 });
        Assert.Equal(new Usage { TotalTokens = 2 }, EmbeddingBatches.Join([tokens, tokens]).Usage);
        var cost = Batch(new() { InputTokens = 1, ReportedCost = 70000000000000000000000000000m });
        Assert.Equal(new Usage { InputTokens = 2 }, EmbeddingBatches.Join([cost, cost]).Usage);
    }

    private static Embeddings Batch(Usage usage) =>
        new(
            [
                [0.5f],
            ],
            "m",
            usage
        );
}
