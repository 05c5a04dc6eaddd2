namespace RawLlm;

/// <summary>A byte order mark, or the beginning of one, before bytes that do not tell yet what an answer is: of white space the only part that means something to a decoder. Not thread-safe.</summary>
internal struct HeldMark
{
    private static ReadOnlySpan<byte> Mark => "\uFEFF"u8;

    private int _length;
    private bool _isPast;

    /// <summary>What comes before the bytes that tell.</summary>
    public readonly ReadOnlySpan<byte> Bytes => Mark[.._length];

    /// <summary>Takes note of white space.</summary>
    public void Note(ReadOnlySpan<byte> blank)
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
