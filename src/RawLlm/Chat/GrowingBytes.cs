using System.Runtime.CompilerServices;

namespace RawLlm;

/// <summary>Bytes that grow geometrically in their own array. Keep this struct in one place: copies share the array.</summary>
internal struct GrowingBytes
{
    private const int SmallestArray = 256;

    private byte[]? _array;

    /// <summary>How many bytes there are. Can be set to fewer, or to as many more as <see cref="Room"/> made space for.</summary>
    public int Length;

    public readonly ReadOnlySpan<byte> Span => _array.AsSpan(0, Length);

    public void Append(ReadOnlySpan<byte> bytes)
    {
        bytes.CopyTo(Room(bytes.Length));
        Length += bytes.Length;
    }

    /// <summary>Returns space at the end; add to <see cref="Length"/> what is used of it.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public Span<byte> Room(int more)
    {
        if (_array is null || _array.Length - Length < more)
            Grow(more);
        return _array.AsSpan(Length, more);
    }

    private void Grow(int more)
    {
        byte[] larger = GC.AllocateUninitializedArray<byte>(
            (int)Math.Min(Array.MaxLength, Math.Max(Math.Max(SmallestArray, (long)Length + more), 2L * Length))
        );
        Span.CopyTo(larger);
        _array = larger;
    }
}
