namespace RawLlm.Protocols;

/// <summary>How much of a text was given, and how that ended: enough to see whether the whole of it, which comes later, goes on from there.</summary>
/// <remarks>To keep or to hash every piece would cost more than to find it.</remarks>
internal sealed class TextCount
{
    // The last bytes of the last piece, the last one lowest.
    private ulong _last;
    private int _lastLength;

    // The same before the last pieces were counted.
    private ulong _before;
    private int _beforeLength;

    /// <summary>How many bytes were given.</summary>
    public long Length { get; private set; }

    /// <summary>Counts pieces that were given.</summary>
    /// <param name="length">How many bytes they have together.</param>
    /// <param name="last">The last of them.</param>
    public void Add(long length, ReadOnlySpan<byte> last)
    {
        if (length == 0)
            return;
        Length += length;
        (_before, _beforeLength) = (_last, _lastLength);
        _lastLength = Math.Min(last.Length, sizeof(ulong));
        _last = Last(last, _lastLength);
    }

    /// <summary>Some of the pieces that were counted last will be read and counted again.</summary>
    /// <param name="length">How many bytes they have together.</param>
    /// <param name="last">The last one before them; empty where it is kept.</param>
    public void TakeBack(long length, ReadOnlySpan<byte> last)
    {
        Length -= length;
        KeepBefore(last);
        (_last, _lastLength) = (_before, _beforeLength);
    }

    /// <summary>Keeps what was given before pieces that may be taken back.</summary>
    /// <param name="last">The last piece; empty where it is kept.</param>
    public void KeepBefore(ReadOnlySpan<byte> last)
    {
        if (!last.IsEmpty)
            (_before, _beforeLength) = (Last(last, Math.Min(last.Length, sizeof(ulong))), Math.Min(last.Length, sizeof(ulong)));
    }

    /// <summary>Whether this is, as far as is known, the text that was given.</summary>
    public bool MayBe(ReadOnlySpan<byte> whole) => whole.Length == Length && MayBegin(whole);

    /// <summary>Whether a text begins, as far as is known, with what was given: it is long enough, and holds the last piece where that ended.</summary>
    public bool MayBegin(ReadOnlySpan<byte> whole) =>
        whole.Length >= Length && Last(whole[..(int)Length], _lastLength) == _last;

    private static ulong Last(ReadOnlySpan<byte> text, int length)
    {
        ulong last = 0;
        foreach (byte b in text[^length..])
            last = (last << 8) | b;
        return last;
    }
}
