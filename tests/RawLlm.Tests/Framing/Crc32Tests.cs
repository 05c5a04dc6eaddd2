using RawLlm.Framing;
using RawLlm.Tests.Support;

namespace RawLlm.Tests.Framing;

public sealed class Crc32Tests
{
    [Fact]
    public void Compute_StandardCheckInput_ReturnsStandardValue() => Assert.Equal(0xCBF43926u, Crc32.Compute("123456789"u8));

    [Fact]
    public void Compute_AnyLengthAndOffset_EqualsBitwiseDivision()
    {
        var random = new SplitMix64(32);
        byte[] bytes = new byte[300];
        for (int i = 0; i < bytes.Length; i++)
            bytes[i] = (byte)random.Next();
        for (int start = 0; start < 9; start++)
        {
            for (int length = 0; start + length <= bytes.Length; length++)
            {
                uint expected = AwsMessage.Checksum(bytes.AsSpan(start, length));
                Assert.Equal(expected, Crc32.Compute(bytes.AsSpan(start, length)));
                Assert.Equal(expected, Crc32Tables.Compute(bytes.AsSpan(start, length)));
            }
        }
    }
}
