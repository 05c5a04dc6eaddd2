namespace RawLlm.Protocols;

/// <summary>
/// How much of a text was returned, and its last bytes: enough to tell whether the whole text, which arrives later, continues from there.
/// </summary>
/// <remarks>Keeping or hashing every piece would cost more than finding it.</remarks>
internal sealed class TextCount
{
    // The last bytes of the last piece; the last byte is the lowest.
    private ulong _last;
    private int _lastLength;

    // The same before the latest pieces were counted.
    private ulong _before;
    private int _beforeLength;

    /// <summary>The number of bytes returned.</summary>
    public long Length { get; private set; }

    /// <summary>Counts returned pieces.</summary>
    /// <param name="length">Their total number of bytes.</param>
    /// <param name="last">The last piece.</param>
    public void Add(long length, ReadOnlySpan<byte> last)
    {
        if (length == 0)
            return;
        Length += length;
        (_before, _beforeLength) = (_last, _lastLength);
        _lastLength = Math.Min(last.Length, sizeof(ulong));
        _last = Last(last, _lastLength);
    }

    /// <summary>Removes the latest pieces from the count, because they will be read and counted again.</summary>
    /// <param name="length">Their total number of bytes.</param>
    /// <param name="last">The last piece before them; empty if it is already kept.</param>
    public void Uncount(long length, ReadOnlySpan<byte> last)
    {
        Length -= length;
        StoreEnd(last);
        (_last, _lastLength) = (_before, _beforeLength);
    }

    /// <summary>Keeps the end of what was returned before pieces that may be taken back.</summary>
    /// <param name="last">The last piece; empty if it is already kept.</param>
    public void StoreEnd(ReadOnlySpan<byte> last)
    {
        if (!last.IsEmpty)
            (_before, _beforeLength) = (Last(last, Math.Min(last.Length, sizeof(ulong))), Math.Min(last.Length, sizeof(ulong)));
    }

    /// <summary>Whether a text is, as far as known, the one that was returned.</summary>
    public bool MayBe(ReadOnlySpan<byte> whole) => whole.Length == Length && MayBegin(whole);

    /// <summary>
    /// Whether a text begins, as far as known, with what was returned: it is long enough and has the last piece in the right place.
    /// </summary>
    public bool MayBegin(ReadOnlySpan<byte> whole) => whole.Length >= Length && Last(whole[..(int)Length], _lastLength) == _last;

    /// <summary>Whether a text is, as far as known, the one that was returned.</summary>
    /// <param name="length">Its length.</param>
    /// <param name="last">Its last bytes (<see cref="Last(ReadOnlySpan{byte})"/>).</param>
    public bool MayBe(int length, ulong last) =>
        length == Length && (_lastLength == sizeof(ulong) ? last : last & ((1UL << (8 * _lastLength)) - 1)) == _last;

    /// <summary>Returns up to eight last bytes of a text; the last byte is the lowest.</summary>
    public static ulong Last(ReadOnlySpan<byte> text) => Last(text, Math.Min(text.Length, sizeof(ulong)));

    private static ulong Last(ReadOnlySpan<byte> text, int length)
    {
        ulong last = 0;
        foreach (byte b in text[^length..])
            last = (last << 8) | b;
        return last;
    }
}
