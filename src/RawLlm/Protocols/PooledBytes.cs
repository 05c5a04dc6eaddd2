using RawLlm.Framing;

namespace RawLlm.Protocols;

/// <summary>A pooled byte array that grows geometrically. Keep this struct in one place: copies share the array.</summary>
internal struct PooledBytes
{
    private byte[]? _array;
    private int _length;

    public readonly int Length => _length;

    public readonly ReadOnlySpan<byte> Span => _array.AsSpan(0, _length);

    public readonly ReadOnlyMemory<byte> Memory => _array.AsMemory(0, _length);

    /// <summary>The array that starts with the bytes; valid until more are added.</summary>
    public readonly byte[]? Array => _array;

    public void Append(ReadOnlySpan<byte> bytes)
    {
        bytes.CopyTo(Reserve(bytes.Length));
        _length += bytes.Length;
    }

    /// <summary>Returns room at the end, which <see cref="Commit"/> then counts.</summary>
    public Span<byte> Reserve(int maxLength)
    {
        if (_array is null || _array.Length - _length < maxLength)
            Grow(maxLength);
        return _array.AsSpan(_length, maxLength);
    }

    public void Commit(int count) => _length += count;

    /// <summary>Removes the last bytes.</summary>
    public void Drop(int count) => _length -= count;

    /// <summary>Removes the first bytes and moves the others to the front.</summary>
    public void DropFirst(int count)
    {
        Span[count..].CopyTo(_array);
        _length -= count;
    }

    public void Clear() => _length = 0;

    public void Return()
    {
        byte[]? array = _array;
        _array = null;
        _length = 0;
        if (array is not null)
            ByteArrays.Return(array);
    }

    private void Grow(int maxAdded)
    {
        byte[] larger = ByteArrays.Rent(Math.Max(256, AnswerErrors.GrownLength(_length, _length + (long)maxAdded)));
        Span.CopyTo(larger);
        if (_array is not null)
            ByteArrays.Return(_array);
        _array = larger;
    }
}
