namespace RawLlm;

/// <summary>Removes from a continued text what it repeats of the earlier text. Not thread-safe.</summary>
/// <param name="echo">What the service may repeat in full before it continues; empty if it repeats nothing.</param>
/// <param name="owed">The white space at the end of the earlier text, which was not sent; it comes again as far as the model writes it
/// itself.</param>
internal sealed class RepeatedText(byte[] echo, byte[] owed)
{
    private int _echoed;
    private int _matchedCount;
    private bool _hasEchoed = echo.Length == 0;

    /// <summary>Whether no more is removed.</summary>
    public bool IsOver { get; private set; } = echo.Length == 0 && owed.Length == 0;

    /// <summary>Returns the part of a piece that is new; valid until the next call.</summary>
    public ReadOnlySpan<byte> Skip(ReadOnlySpan<byte> piece)
    {
        if (!_hasEchoed)
        {
            int same = piece.CommonPrefixLength(echo.AsSpan(_echoed));
            if (same < piece.Length && _echoed + same < echo.Length)
            {
                IsOver = true;
                return (byte[])[.. echo.AsSpan(0, _echoed), .. piece];
            }
            _echoed += same;
            _hasEchoed = _echoed == echo.Length;
            piece = piece[same..];
        }
        if (_hasEchoed)
        {
            int same = piece.CommonPrefixLength(owed.AsSpan(_matchedCount));
            _matchedCount += same;
            piece = piece[same..];
            IsOver = !piece.IsEmpty || _matchedCount == owed.Length;
        }
        return piece;
    }

    /// <summary>
    /// Ends the comparison, after the last piece or at an event of another kind. Returns what was held back and is not a complete echo.
    /// </summary>
    public ReadOnlySpan<byte> End()
    {
        IsOver = true;
        return _hasEchoed ? default : echo.AsSpan(0, _echoed);
    }
}
