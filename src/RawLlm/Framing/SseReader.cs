using System.Buffers;

namespace RawLlm.Framing;

/// <summary>Reads server-sent events to the letter of the WHATWG specification (HTML, section 9.2), without copying one-line data.</summary>
/// <remarks>
/// <para>
/// An event stays in the caller's buffer until its blank line has come; what was found so far is kept as offsets, so no byte is
/// looked at twice, however small the pieces are in which it arrives. Lines outside an event (comments, blank lines, unknown
/// fields) are consumed at once, so a server that only sends comments fills no buffer.
/// </para>
/// <para>A blank line ended by a lone CR dispatches at once; if an LF follows, it belongs to that line end and is swallowed by the next call.</para>
/// </remarks>
public sealed class SseReader : FrameReader
{
    private const byte CarriageReturn = (byte)'\r';
    private const byte LineFeed = (byte)'\n';

    // Offsets are relative to the caller's unread bytes.
    private int _lineStart;
    private int _searched;
    private int _eventStart;
    private int _dataStart;
    private int _dataLength;
    private int _typeStart;
    private int _typeLength;

    private bool _isPastByteOrderMark;
    private bool _skipLineFeed;
    private bool _isInEvent;
    private bool _hasData;
    private bool _isJoined;
    private bool _isEnded;

    private byte[] _joined = [];
    private int _joinedLength;
    private byte[] _lastId = [];
    private int _lastIdLength;

    private static ReadOnlySpan<byte> ByteOrderMark => [0xEF, 0xBB, 0xBF];

    /// <summary>The reconnection time that the server last set, in milliseconds; null when it set none.</summary>
    public long? Retry { get; private set; }

    /// <inheritdoc/>
    public override bool TryRead(ReadOnlySpan<byte> unread, bool isFinal, out Frame frame, out int consumed)
    {
        frame = default;
        consumed = 0;
        if (_isEnded || (!_isPastByteOrderMark && !TryPassByteOrderMark(unread, isFinal)))
            return false;

        while (_searched < unread.Length)
        {
            if (_skipLineFeed)
            {
                _skipLineFeed = false;
                if (unread[_searched] == LineFeed)
                {
                    _lineStart = ++_searched;
                    continue;
                }
            }
            int length = unread[_searched..].IndexOfAny(CarriageReturn, LineFeed);
            if (length < 0)
            {
                _searched = unread.Length;
                break;
            }
            int lineStart = _lineStart;
            int lineEnd = _searched + length;
            int next = lineEnd + 1;
            if (unread[lineEnd] == CarriageReturn)
            {
                if (next == unread.Length)
                    _skipLineFeed = true;
                else if (unread[next] == LineFeed)
                    next++;
            }
            _lineStart = _searched = next;
            if (lineEnd > lineStart)
            {
                ReadLine(unread, lineStart, lineEnd);
            }
            else if (_hasData)
            {
                frame = Dispatch(unread, next, isUnterminated: false);
                consumed = next;
                Rebase(next);
                return true;
            }
            else
            {
                ForgetEvent();
            }
        }

        if (isFinal)
            return TryEnd(unread, out frame, out consumed);
        consumed = _isInEvent ? _eventStart : _lineStart;
        Rebase(consumed);
        return false;
    }

    /// <inheritdoc/>
    public override void Dispose()
    {
        byte[] joined = _joined;
        _joined = [];
        if (joined.Length > 0)
            ArrayPool<byte>.Shared.Return(joined);
    }

    // Spec: "If there is a leading U+FEFF BYTE ORDER MARK, strip it": one, at the very start.
    private bool TryPassByteOrderMark(ReadOnlySpan<byte> unread, bool isFinal)
    {
        if (unread.Length < ByteOrderMark.Length && !isFinal && ByteOrderMark.StartsWith(unread))
            return false;
        _isPastByteOrderMark = true;
        if (unread.StartsWith(ByteOrderMark))
            _lineStart = _searched = ByteOrderMark.Length;
        return true;
    }

    private void ReadLine(ReadOnlySpan<byte> unread, int start, int end)
    {
        var line = unread[start..end];
        int colon = line.IndexOf((byte)':');
        // Spec: "If the line starts with a U+003A COLON character (:): ignore the line."
        if (colon == 0)
            return;
        var name = colon < 0 ? line : line[..colon];
        int valueStart = colon < 0 ? end : start + colon + 1;
        // Spec: "If value starts with a U+0020 SPACE character, remove it from value."
        if (valueStart < end && unread[valueStart] == (byte)' ')
            valueStart++;

        if (name.SequenceEqual("data"u8))
        {
            EnterEvent(start);
            AddData(unread, valueStart, end - valueStart);
        }
        else if (name.SequenceEqual("event"u8))
        {
            EnterEvent(start);
            _typeStart = valueStart;
            _typeLength = end - valueStart;
        }
        else if (name.SequenceEqual("id"u8))
        {
            var value = unread[valueStart..end];
            // Spec: "If the field value does not contain U+0000 NULL, then set the last event ID buffer to the field value."
            if (!value.Contains((byte)0))
                KeepId(value);
        }
        else if (name.SequenceEqual("retry"u8))
        {
            ReadRetry(unread[valueStart..end]);
        }
    }

    private void EnterEvent(int start)
    {
        if (!_isInEvent)
        {
            _isInEvent = true;
            _eventStart = start;
        }
    }

    // Spec: each data line appends its value and one LF; the last LF is removed at dispatch. One line, the usual case, is only remembered.
    private void AddData(ReadOnlySpan<byte> unread, int start, int length)
    {
        if (!_hasData)
        {
            _hasData = true;
            _dataStart = start;
            _dataLength = length;
            return;
        }
        if (!_isJoined)
        {
            _isJoined = true;
            _joinedLength = 0;
            Join(unread.Slice(_dataStart, _dataLength));
        }
        Join("\n"u8);
        Join(unread.Slice(start, length));
    }

    private void Join(ReadOnlySpan<byte> bytes)
    {
        int needed = checked(_joinedLength + bytes.Length);
        if (_joined.Length < needed)
        {
            byte[] larger = ArrayPool<byte>.Shared.Rent((int)Math.Min(Array.MaxLength, Math.Max(256L, Math.Max(needed, 2L * _joined.Length))));
            _joined.AsSpan(0, _joinedLength).CopyTo(larger);
            if (_joined.Length > 0)
                ArrayPool<byte>.Shared.Return(_joined);
            _joined = larger;
        }
        bytes.CopyTo(_joined.AsSpan(_joinedLength));
        _joinedLength = needed;
    }

    private void KeepId(ReadOnlySpan<byte> id)
    {
        if (_lastId.Length < id.Length)
            _lastId = new byte[Math.Max(64, id.Length)];
        id.CopyTo(_lastId);
        _lastIdLength = id.Length;
    }

    // Spec: "If the field value consists of only ASCII digits"; a number beyond what a long holds is ignored like any other nonsense.
    private void ReadRetry(ReadOnlySpan<byte> value)
    {
        if (!value.IsEmpty && !value.ContainsAnyExceptInRange((byte)'0', (byte)'9')
            && System.Buffers.Text.Utf8Parser.TryParse(value, out long milliseconds, out int parsed) && parsed == value.Length)
        {
            Retry = milliseconds;
        }
    }

    private Frame Dispatch(ReadOnlySpan<byte> unread, int end, bool isUnterminated)
    {
        var frame = new Frame(
            _isJoined ? _joined.AsSpan(0, _joinedLength) : unread.Slice(_dataStart, _dataLength),
            unread[_eventStart..end])
        {
            Type = unread.Slice(_typeStart, _typeLength),
            Id = _lastId.AsSpan(0, _lastIdLength),
            IsUnterminated = isUnterminated,
        };
        ForgetEvent();
        return frame;
    }

    // Spec: an empty data buffer resets the event type as well, so a type never leaks into the next event.
    private void ForgetEvent()
    {
        _isInEvent = _hasData = _isJoined = false;
        _typeStart = _typeLength = 0;
    }

    // Spec: "Once the end of the file is reached, any pending data must be discarded." It is given out marked, so that a whole
    // JSON document or an end marker without its blank line can be told from a broken one.
    private bool TryEnd(ReadOnlySpan<byte> unread, out Frame frame, out int consumed)
    {
        _isEnded = true;
        consumed = unread.Length;
        if (_lineStart < unread.Length && unread[_lineStart] != (byte)':')
        {
            var rest = unread[_lineStart..];
            if (rest.StartsWith("data:"u8))
                ReadLine(unread, _lineStart, unread.Length);
            else
                IsCut = true;
        }
        if (_hasData)
        {
            frame = Dispatch(unread, unread.Length, isUnterminated: true);
            return true;
        }
        IsCut |= _isInEvent;
        frame = default;
        return false;
    }

    private void Rebase(int by)
    {
        _lineStart -= by;
        _searched -= by;
        _eventStart -= by;
        _dataStart -= by;
        _typeStart = _typeLength == 0 ? 0 : _typeStart - by;
    }
}
