using RawLlm.Comparisons.Results;

namespace RawLlm.Tests.Performance;

public sealed class PercentilesTests
{
    [Theory]
    [InlineData(0, 10)]
    [InlineData(1, 10)]
    [InlineData(25, 10)]
    [InlineData(25.1, 20)]
    [InlineData(50, 20)]
    [InlineData(75, 30)]
    [InlineData(99, 40)]
    [InlineData(100, 40)]
    public void At_FourValues_ReturnsNearestRank(double percent, double expected) =>
        Assert.Equal(expected, new Percentiles([30, 10, 40, 20]).At(percent));

    [Fact]
    public void At_ThousandValues_ReturnsExpectedPercentiles()
    {
        var found = new Percentiles(Enumerable.Range(1, 1000).Select(value => (double)value).Reverse());
        Assert.Equal((1, 500, 990, 999), (found.Least, found.Median, found.At(99), found.At(99.9)));
        Assert.Equal(1000, found.Count);
    }

    [Fact]
    public void At_SingleValue_ReturnsThatValue() => Assert.Equal(7, new Percentiles([7]).At(99.9));

    [Fact]
    public void Constructor_NoValues_Throws() => Assert.Throws<ArgumentException>(() => new Percentiles([]));

    [Theory]
    [InlineData(-1)]
    [InlineData(100.5)]
    public void At_PercentOutOfRange_Throws(double percent) =>
        Assert.Throws<ArgumentOutOfRangeException>(() => new Percentiles([1]).At(percent));
}
