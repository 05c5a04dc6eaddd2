using RawLlm.Protocols;

namespace RawLlm.Tests.Protocols;

public sealed class GeneratedIdTests
{
    private static readonly byte[] Answer = [.. Enumerable.Range(0, 600).Select(i => (byte)(' ' + (i % 90)))];

    [Fact]
    public void Seed_AnyBitOfFirst512BytesChanged_IsDifferent()
    {
        var seeds = new HashSet<uint> { GeneratedId.Seed(Answer) };
        for (int i = 0; i < 512; i++)
        {
            for (int bit = 0; bit < 8; bit++)
            {
                byte[] other = [.. Answer];
                other[i] ^= (byte)(1 << bit);
                Assert.True(seeds.Add(GeneratedId.Seed(other)), $"byte {i}, bit {bit}");
            }
        }
    }

    [Fact]
    public void Seed_BytesAfterFirst512_AreIgnored() => Assert.Equal(GeneratedId.Seed(Answer.AsSpan(0, 512)), GeneratedId.Seed(Answer));

    [Fact]
    public void Seed_EachLengthUpTo512_IsDistinct() =>
        Assert.Equal(513, Enumerable.Range(0, 513).Select(length => GeneratedId.Seed(Answer.AsSpan(0, length))).Distinct().Count());

    [Fact]
    public void Create_CallsOfOneAnswer_ReturnsDistinctStableIDs()
    {
        uint seed = GeneratedId.Seed(Answer);
        var ids = new HashSet<string>();
        for (int choice = 0; choice < 8; choice++)
        {
            for (int part = 0; part < 128; part++)
            {
                string id = GeneratedId.Create(seed, choice, part);
                Assert.Matches("^[a-z0-9]{9}$", id);
                Assert.Equal(id, GeneratedId.Create(seed, choice, part));
                Assert.True(ids.Add(id), $"choice {choice}, part {part}");
            }
        }
    }
}
