namespace RawLlm.Protocols;

/// <summary>How much of a text was given, and how that ended: enough to see whether the whole of it, which comes later, goes on from there.</summary>
/// <remarks>To keep or to hash every piece would cost more than to find it.</remarks>
internal sealed class TextCount
{
    // The last bytes of the last piece, the last one lowest.
    private ulong _last;
    private int _lastLength;
    private bool _isLost;

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
        _lastLength = Math.Min(last.Length, sizeof(ulong));
        _last = Last(last, _lastLength);
    }

    /// <summary>Pieces that were counted are read and counted again: from here on nothing is known.</summary>
    public void Lose() => _isLost = true;

    /// <summary>Whether this is, as far as is known, the text that was given.</summary>
    public bool MayBe(ReadOnlySpan<byte> whole) => _isLost || (whole.Length == Length && MayBegin(whole));

    /// <summary>Whether a text begins, as far as is known, with what was given: it is long enough, and holds the last piece where that ended.</summary>
    public bool MayBegin(ReadOnlySpan<byte> whole) =>
        !_isLost && whole.Length >= Length && Last(whole[..(int)Length], _lastLength) == _last;

    private static ulong Last(ReadOnlySpan<byte> text, int length)
    {
        ulong last = 0;
        foreach (byte b in text[^length..])
            last = (last << 8) | b;
        return last;
    }
}
