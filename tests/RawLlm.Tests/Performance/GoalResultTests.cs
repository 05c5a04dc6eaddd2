using RawLlm.Comparisons.Results;

namespace RawLlm.Tests.Performance;

public sealed class GoalResultTests
{
    [Theory]
    [InlineData(30, 30, true, true)]
    [InlineData(29.999, 30, true, false)]
    [InlineData(31, 30, true, true)]
    [InlineData(12.5, 12.5, false, true)]
    [InlineData(12.501, 12.5, false, false)]
    [InlineData(-1, 12.5, false, true)]
    [InlineData(double.NaN, 30, true, false)]
    [InlineData(double.NaN, 30, false, false)]
    public void IsMet_LowerOrUpperBound_ComparesInItsDirection(double reached, double bound, bool isLeast, bool isMet) =>
        Assert.Equal(isMet, new GoalResult("g", reached, bound, isLeast, "x").IsMet);

    [Fact]
    public void ToString_MetOrNotMet_ContainsFigureAndBound()
    {
        Assert.Equal("NOT MET  stream: 21.877 x (goal ≥ 30 x)", new GoalResult("stream", 21.8768, 30, IsLeast: true, "x").ToString());
        Assert.Equal("met      heap: 0.5 KiB (goal ≤ 1,024 KiB)", new GoalResult("heap", 0.5, 1024, IsLeast: false, "KiB").ToString());
    }
}
