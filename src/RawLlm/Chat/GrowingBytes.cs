using System.Runtime.CompilerServices;

namespace RawLlm;

/// <summary>Bytes that grow geometrically in an array of their own. A struct to be kept in one place: copies share the array.</summary>
internal struct GrowingBytes
{
    private const int SmallestArray = 256;

    private byte[]? _array;

    /// <summary>How many there are. May be set to fewer, or to as many more as room was made for.</summary>
    public int Length;

    public readonly ReadOnlySpan<byte> Span => _array.AsSpan(0, Length);

    public void Append(ReadOnlySpan<byte> bytes)
    {
        bytes.CopyTo(Room(bytes.Length));
        Length += bytes.Length;
    }

    /// <summary>Room at the end, which <see cref="Length"/> then counts.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public Span<byte> Room(int more)
    {
        if (_array is null || _array.Length - Length < more)
            Grow(more);
        return _array.AsSpan(Length, more);
    }

    private void Grow(int more)
    {
        byte[] larger = GC.AllocateUninitializedArray<byte>((int)Math.Min(Array.MaxLength, Math.Max(Math.Max(SmallestArray, (long)Length + more), 2L * Length)));
        Span.CopyTo(larger);
        _array = larger;
    }
}
