namespace RawLlm;

/// <summary>
/// A byte order mark, or its beginning, before the bytes that show what an answer is. Of all white space, only the mark matters to a
/// decoder. Not thread-safe.
/// </summary>
internal struct PendingByteOrderMark
{
    private static ReadOnlySpan<byte> Mark => "\uFEFF"u8;

    private int _length;
    private bool _isPast;

    /// <summary>The bytes of the mark, to be decoded first.</summary>
    public readonly ReadOnlySpan<byte> Bytes => Mark[.._length];

    /// <summary>Records white space.</summary>
    public void Record(ReadOnlySpan<byte> blank)
    {
        if (_isPast || blank.IsEmpty)
            return;
        int common = blank.CommonPrefixLength(Mark[_length..]);
        _length += common;
        if (common == blank.Length && _length < Mark.Length)
            return;
        _isPast = true;
        if (_length < Mark.Length)
            _length = 0;
    }
}
