using RawLlm.Tests.Support;

namespace RawLlm.Tests.Corruption;

/// <summary>A seed for which neighboring values give unrelated sequences.</summary>
internal readonly record struct SplitMixSeed(ulong Seed)
{
    public SplitMix64 Random => new(0xC0FFEE_2026 + (Seed * 0xD1342543DE82EF95));
}
