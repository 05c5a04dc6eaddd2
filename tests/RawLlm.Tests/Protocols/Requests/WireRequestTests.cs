using RawLlm.Protocols;

namespace RawLlm.Tests.Protocols;

public sealed class WireRequestTests
{
    [Fact]
    public void Expect_PartOfListWritten_ReservesRoomForRest()
    {
        using var wire = Written(16_000);

        wire.ReserveRest(16, 200);

        Assert.InRange(Room(wire), 16_000 / 16 * 184, int.MaxValue);
        Assert.Equal(16_000, wire.Length);
    }

    [Fact]
    public void Expect_HugeEstimate_ReservesAtMostSixteenTimesWrittenBytes()
    {
        using var wire = Written(16_000);

        wire.ReserveRest(16, 100_000);

        Assert.InRange(Room(wire), 16 * 16_000, 2 * 17 * 16_000);
    }

    [Theory]
    [InlineData(1_000_000, 100_000)]
    [InlineData(40_000, 100_000)]
    [InlineData(16_000, 16)]
    [InlineData(16_000, 0)]
    [InlineData(0, 200)]
    public void Expect_TooLargeOrNothingRemaining_ReservesNothing(int written, int all)
    {
        using var wire = Written(written);
        int before = Room(wire);

        wire.ReserveRest(16, all);

        Assert.Equal(before, Room(wire));
    }

    [Fact]
    public void GetSpan_BodyLargerThan2GB_ThrowsArgumentException()
    {
        using var wire = Written(1);

        var error = Assert.Throws<ArgumentException>(() => wire.GetSpan(int.MaxValue).Length);

        Assert.Contains("2 GB", error.Message);
        Assert.Equal(1, wire.Body.Length);
    }

    private static WireRequest Written(int length)
    {
        var wire = new WireRequest { BaseUrl = new Uri("https://llm.example.org/v1/") };
        wire.GetSpan(Math.Max(length, 1));
        wire.Advance(length);
        wire.GetSpan(1);
        return wire;
    }

    private static int Room(WireRequest wire) => wire.GetMemory(1).Length;
}
