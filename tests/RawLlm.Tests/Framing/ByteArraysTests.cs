using RawLlm.Framing;

namespace RawLlm.Tests.Framing;

public sealed class ByteArraysTests
{
    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2047)]
    [InlineData(2048)]
    [InlineData(2049)]
    [InlineData(4096)]
    [InlineData(10_001)]
    public void Copy_AnyLength_CopiesExactlyThatMany(int length)
    {
        byte[] source = new byte[length];
        new Random(length).NextBytes(source);
        byte[] target = new byte[length + 1];

        ByteArrays.Copy(source, target);

        Assert.Equal([.. source, 0], target);
    }

    [Fact]
    public void Copy_TargetIsTooSmall_ThrowsArgumentException() =>
        Assert.Throws<ArgumentException>(() => ByteArrays.Copy(new byte[5000], new byte[4999]));
}
