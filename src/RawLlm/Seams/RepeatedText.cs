namespace RawLlm;

/// <summary>Takes out of a text that goes on what it says again of the text before. Not thread-safe.</summary>
/// <param name="echo">What the service may give again in full before it goes on; empty where it does not.</param>
/// <param name="owed">What was not sent of the text before, and comes again as far as the model finds it itself: white space at its end.</param>
internal sealed class RepeatedText(byte[] echo, byte[] owed)
{
    private int _echoed;
    private int _repaid;
    private bool _hasEchoed = echo.Length == 0;

    /// <summary>True once nothing more is taken out.</summary>
    public bool IsOver { get; private set; } = echo.Length == 0 && owed.Length == 0;

    /// <summary>What a piece says that was not said before; valid until the next call.</summary>
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
            int same = piece.CommonPrefixLength(owed.AsSpan(_repaid));
            _repaid += same;
            piece = piece[same..];
            IsOver = !piece.IsEmpty || _repaid == owed.Length;
        }
        return piece;
    }

    /// <summary>No more pieces come, or other events: what was held back and is no whole echo.</summary>
    public ReadOnlySpan<byte> End()
    {
        IsOver = true;
        return _hasEchoed ? default : echo.AsSpan(0, _echoed);
    }
}
