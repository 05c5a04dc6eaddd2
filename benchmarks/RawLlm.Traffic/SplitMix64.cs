namespace RawLlm.Traffic;

/// <summary>
/// A random number generator with the same sequence on every platform and runtime, which <see cref="Random"/> does not guarantee.
/// </summary>
/// <param name="seed">The initial state.</param>
public struct SplitMix64(ulong seed)
{
    private ulong _state = seed;

    /// <summary>Returns the next 64 bits.</summary>
    public ulong Next()
    {
        ulong z = _state += 0x9E3779B97F4A7C15;
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
        return z ^ (z >> 31);
    }

    /// <summary>Returns a number from 0 to <paramref name="bound"/>, exclusive.</summary>
    public int Below(int bound) => (int)(Next() % (uint)bound);

    /// <summary>Picks one of several values.</summary>
    public T Pick<T>(ReadOnlySpan<T> items) => items[Below(items.Length)];
}
