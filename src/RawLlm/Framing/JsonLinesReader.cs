using System.Diagnostics.CodeAnalysis;

namespace RawLlm.Framing;

/// <summary>Reads newline-delimited JSON without copying: one value per line, each line ended by LF or CR LF.</summary>
/// <remarks>Blank lines and white space before a value are skipped. The last line may lack its line end
/// (<see cref="Frame.IsUnterminated"/>).</remarks>
[Experimental("RLLM903")]
public sealed class JsonLinesReader : FrameReader
{
    private int _searched;
    private bool _isPastByteOrderMark;
    private bool _isInLine;

    /// <inheritdoc/>
    public override bool TryRead(ReadOnlySpan<byte> unread, bool isFinal, out Frame frame, out int consumed)
    {
        frame = default;
        consumed = 0;
        if (!_isPastByteOrderMark)
        {
            if (!ByteOrderMark.TryMeasure(unread, isFinal, out consumed))
                return false;
            CanPass = _isPastByteOrderMark = true;
        }
        if (!_isInLine)
        {
            int start = unread[consumed..].IndexOfAnyExcept(" \t\r\n"u8);
            if (start < 0)
            {
                consumed = unread.Length;
                return false;
            }
            _isInLine = true;
            _searched = consumed += start;
        }

        int lineStart = consumed;
        int length = unread[_searched..].IndexOf((byte)'\n');
        if (length < 0 && !isFinal)
        {
            _searched = unread.Length - lineStart;
            Measure(_searched);
            return false;
        }
        consumed = length < 0 ? unread.Length : _searched + length + 1;
        _searched = 0;
        _isInLine = false;
        var raw = unread[lineStart..consumed];
        var data = length < 0 ? raw : raw[..^1];
        if (data[^1] == (byte)'\r')
            data = data[..^1];
        Measure(raw.Length);
        frame = new Frame(data, raw) { IsUnterminated = length < 0 };
        return true;
    }

    internal override void Pass(int length)
    {
        Measure(length);
        _searched = 0;
        _isInLine = false;
    }
}
