using System.Buffers.Text;
using System.Diagnostics.CodeAnalysis;
using System.Text.Unicode;

namespace RawLlm.Framing;

/// <summary>
/// Reads server-sent events exactly as the WHATWG specification (HTML, section 9.2) requires, without copying single-line data.
/// </summary>
/// <remarks>
/// <para>
/// An event stays in the caller's buffer until its blank line arrives. What was found so far is kept as offsets, so that no line is
/// searched twice, however small the pieces are in which it arrives. Lines outside an event (comments, blank lines, unknown
/// fields) are consumed at once, so that a server that sends only comments fills no buffer.
/// </para>
/// <para>A blank line ended by a lone CR dispatches at once. If an LF follows, it belongs to that line end, and the next call skips
/// it.</para>
/// </remarks>
[Experimental("RLLM903")]
public sealed class SseReader : FrameReader
{
    private const byte CarriageReturn = (byte)'\r';
    private const byte LineFeed = (byte)'\n';

    // Offsets are relative to the caller's unread bytes.
    private int _lineStart;
    private int _searched;
    private int _eventStart;
    private int _dataStart;
    private int _typeStart;
    private int _typeLength;

    // The data lines of the event: their length when joined by LF, and whether there are none, one or Several.
    private int _dataLength;
    private byte _dataLines;
    private const byte Several = 2;

    private JsonArrayReader? _document;
    private bool _isPastByteOrderMark;
    private bool _isBegun;

    // True until the line of the last document has ended.
    private bool _isBehindDocument;
    private bool _skipLineFeed;
    private bool _isInEvent;
    private bool _isEnded;

    // Whether the body is text so far, without any field: Unknown until its first line.
    private byte _text;
    private const byte Unknown = 1;
    private const byte Text = 2;
    private const int LongestText = 1024;

    // How many bytes after a bracket that may begin a document are known to be white space.
    private int _blank;

    private byte[] _joined = [];
    private byte[] _lastId = [];
    private int _lastIdLength;
    private long _retry = -1;

    /// <summary>The reconnection time that the server last set, in milliseconds; null if it set none.</summary>
    public long? Retry => _retry < 0 ? null : _retry;

    /// <summary>
    /// Whether to stop at a line outside an event that begins an object or an array of objects. The specification ignores such a line as an
    /// unknown field, but some services break a stream off with a JSON document. <see cref="IsAtDocument"/> then says that the unread bytes
    /// begin with that line.
    /// </summary>
    internal bool StopsAtDocument { get; init; }

    /// <summary>
    /// Whether to read JSON documents outside an event as frames of <see cref="DocumentCategory"/>: a body that, after any leading white
    /// space, is not a stream; each element of an array that is the body; and an object, or the elements of an array of objects, that
    /// begins a line between events. A field named <c>error</c> that contains an object is then an event of that type.
    /// </summary>
    internal bool ReadsDocuments { get; init; }

    /// <summary>
    /// Whether to return a short body of plain text as an event of type <c>error</c>: what a server or proxy says instead of a stream. The
    /// specification ignores its lines as unknown fields.
    /// </summary>
    internal bool ReadsText
    {
        init => _text = value ? Unknown : (byte)0;
    }

    private static ReadOnlySpan<byte> ErrorName => "error"u8;

    /// <summary>The category of a frame that is a JSON document instead of an event.</summary>
    internal static ReadOnlySpan<byte> DocumentCategory => "document"u8;

    /// <summary>Whether reading stopped at a line that begins a document; nothing more is read.</summary>
    internal bool IsAtDocument { get; private set; }

    /// <inheritdoc/>
    public override bool TryRead(ReadOnlySpan<byte> unread, bool isFinal, out Frame frame, out int consumed)
    {
        if (_isEnded || (!_isPastByteOrderMark && !TryPassByteOrderMark(unread, isFinal)))
        {
            frame = default;
            consumed = 0;
            return false;
        }
        if (_document is not null)
            return TryReadDocument(unread, isFinal, out frame, out consumed);

        while (_searched < unread.Length)
        {
            byte first = unread[_searched];
            if (_skipLineFeed)
            {
                _skipLineFeed = false;
                if (first == LineFeed)
                {
                    _lineStart = ++_searched;
                    continue;
                }
            }
            if ((ReadsDocuments || StopsAtDocument) && first is (byte)'{' or (byte)'[' && !_isInEvent && _searched == _lineStart)
            {
                if (!TryDetectDocument(unread[_searched..], isFinal, out bool isDocument))
                    break;
                if (isDocument && StopsAtDocument)
                {
                    IsAtDocument = _isEnded = true;
                    CanPass = false;
                    frame = default;
                    consumed = _lineStart;
                    return false;
                }
                if (isDocument)
                {
                    _document = new JsonArrayReader();
                    return TryReadDocument(unread, isFinal, out frame, out consumed);
                }
            }
            if (ReadsDocuments && !_isInEvent && _searched == _lineStart)
            {
                if (first is (byte)' ' or (byte)'\t' && (!_isBegun || _isBehindDocument))
                {
                    _lineStart = ++_searched;
                    continue;
                }
                _isBegun |= first is not (LineFeed or CarriageReturn);
                _isBehindDocument = false;
            }
            int length = first is LineFeed or CarriageReturn ? 0 : unread[_searched..].IndexOfAny(LineFeed, CarriageReturn);
            if (length < 0)
            {
                _searched = unread.Length;
                break;
            }
            int start = _lineStart;
            int end = _searched + length;
            int next = end + 1;
            if (unread[end] == CarriageReturn)
            {
                if (next == unread.Length)
                    _skipLineFeed = true;
                else if (unread[next] == LineFeed)
                    next++;
            }
            _lineStart = _searched = next;
            if (end > start)
            {
                ReadLine(unread, start, end);
            }
            else if (_dataLines > 0)
            {
                frame = Dispatch(unread, start, end + 1, isUnterminated: false);
                consumed = next;
                _lineStart = _searched = 0;
                return true;
            }
            else if (_isInEvent)
            {
                Measure(end - _eventStart);
                ClearEvent();
            }
        }

        if (isFinal)
            return TryEnd(unread, out frame, out consumed);
        frame = default;
        if (_text == Text && unread.Length - _eventStart > LongestText)
            _text = 0;
        consumed = _isInEvent || _text == Text ? _eventStart : _lineStart;
        Rebase(consumed);
        Measure(unread.Length - consumed);
        return false;
    }

    internal override void Pass(int length)
    {
        Measure(length);
        ClearEvent();
        _lineStart = _searched = 0;
        _skipLineFeed = false;
    }

    /// <inheritdoc/>
    public override void Dispose()
    {
        byte[] joined = _joined;
        _joined = [];
        ByteArrays.Return(joined);
    }

    // Whether a line outside an event begins a document; returns false if more bytes are needed to decide.
    private bool TryDetectDocument(ReadOnlySpan<byte> line, bool isFinal, out bool isDocument)
    {
        bool isObject = line[0] == '{';
        isDocument = true;
        if (ReadsDocuments ? !_isBegun : isObject)
            return true;
        // A line that only looks like a document, such as "[DONE]", is ignored, as the specification requires.
        int rest = line[(1 + _blank)..].IndexOfAnyExcept(" \t\r\n"u8);
        if (rest < 0)
        {
            // Next time, only the bytes that have arrived since are checked.
            _blank = line.Length - 1;
            isDocument = isObject;
            return isFinal;
        }
        byte next = line[1 + _blank + rest];
        _blank = 0;
        isDocument = isObject ? next is (byte)'"' or (byte)'}' : next == '{';
        return true;
    }

    // The unread bytes begin with the line that the document begins, or with the document's own first unread byte.
    private bool TryReadDocument(ReadOnlySpan<byte> unread, bool isFinal, out Frame frame, out int consumed)
    {
        _isBegun = true;
        _text = 0;
        int start = _lineStart;
        _lineStart = _searched = 0;
        bool isFound = _document!.TryRead(unread[start..], isFinal, out frame, out consumed);
        consumed += start;
        Measure(_document.LongestFrame);
        IsCut = _document.IsCut;
        if (isFound)
            frame = new Frame(frame.Data, frame.Raw) { Category = DocumentCategory };
        // After a single object, the events continue; an array is the whole body.
        CanPass = _document.IsPastObject;
        if (CanPass)
            _document = null;
        _isBehindDocument = CanPass;
        return isFound;
    }

    // Spec: "If there is a leading U+FEFF BYTE ORDER MARK, strip it": one, at the very start, and only a whole one.
    private bool TryPassByteOrderMark(ReadOnlySpan<byte> unread, bool isFinal)
    {
        if (!ByteOrderMark.TryMeasure(unread, isFinal, out int length))
            return false;
        // Lines before an event are consumed as soon as they are read. So the unread bytes begin with the event, or with a line outside any
        // event.
        CanPass = _isPastByteOrderMark = true;
        _lineStart = _searched = length;
        return true;
    }

    private void ReadLine(ReadOnlySpan<byte> unread, int start, int end)
    {
        if (TryMeasureData(unread[start..end], out int prefix))
        {
            AddDataLine(start, end, prefix);
        }
        else if (IsError(unread[start..end], out prefix))
        {
            AddDataLine(start, end, prefix);
            _typeStart = start;
            _typeLength = ErrorName.Length;
        }
        else
        {
            ReadOther(unread, start, end);
        }
    }

    private void AddDataLine(int start, int end, int prefix)
    {
        EnterEvent(start);
        // Spec: each data line appends its value and one LF; the last LF is removed at dispatch. A single line, the usual case, is only
        // kept as an offset.
        if (_dataLines == 0)
        {
            _dataLines = 1;
            _dataStart = start + prefix;
        }
        else
        {
            _dataLines = Several;
            _dataLength++;
        }
        _dataLength += end - start - prefix;
    }

    // llama.cpp until September 2025 reports an error in a field of its own instead of an event of that type, and then ends normally:
    // "error: {...}", "data: [DONE]".
    private bool IsError(ReadOnlySpan<byte> line, out int prefix)
    {
        prefix = ErrorName.Length + 1;
        if (!ReadsDocuments || line.Length <= prefix + 1 || !line.StartsWith(ErrorName) || line[ErrorName.Length] != (byte)':')
            return false;
        if (line[prefix] == (byte)' ')
            prefix++;
        return line[prefix] == (byte)'{';
    }

    // The common field is recognized by its first bytes. For any other, the end of the name has to be searched.
    private static bool TryMeasureData(ReadOnlySpan<byte> line, out int prefix)
    {
        if (line.StartsWith("data:"u8))
        {
            // Spec: "If value starts with a U+0020 SPACE character, remove it from value."
            prefix = line.Length > 5 && line[5] == (byte)' ' ? 6 : 5;
            return true;
        }
        prefix = 4;
        return line.SequenceEqual("data"u8);
    }

    private void ReadOther(ReadOnlySpan<byte> unread, int start, int end)
    {
        var line = unread[start..end];
        int colon = line.IndexOf((byte)':');
        // Spec: a line that starts with a colon is ignored; one without a colon is a field's name, with the empty string as value.
        var name = colon < 0 ? line : line[..colon];
        int valueStart = colon < 0 ? end : start + colon + 1;
        if (valueStart < end && unread[valueStart] == (byte)' ')
            valueStart++;

        if (name.SequenceEqual("event"u8))
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
                StoreId(value);
        }
        else if (name.SequenceEqual("retry"u8))
        {
            ReadRetry(unread[valueStart..end]);
        }
        else if (!name.IsEmpty)
        {
            RecordText(line, start);
            return;
        }
        _text = 0;
        if (!_isInEvent)
            Measure(end - start);
    }

    private void RecordText(ReadOnlySpan<byte> line, int start)
    {
        if (_text == Unknown)
            (_text, _eventStart) = (line[0] is (byte)'{' or (byte)'[' ? (byte)0 : Text, start);
        Measure(line.Length);
    }

    private void EnterEvent(int start)
    {
        _text = 0;
        if (!_isInEvent)
        {
            _isInEvent = true;
            _eventStart = start;
        }
    }

    private void StoreId(ReadOnlySpan<byte> id)
    {
        if (_lastId.Length < id.Length)
            _lastId = new byte[Math.Max(64, (int)Math.Min(Array.MaxLength, 2L * id.Length))];
        id.CopyTo(_lastId);
        _lastIdLength = id.Length;
    }

    // Spec: "If the field value consists of only ASCII digits"; a number that does not fit into a long is ignored like any other invalid
    // value.
    private void ReadRetry(ReadOnlySpan<byte> value)
    {
        if (
            !value.IsEmpty
            && !value.ContainsAnyExceptInRange((byte)'0', (byte)'9')
            && Utf8Parser.TryParse(value, out long milliseconds, out int parsed)
            && parsed == value.Length
        )
        {
            _retry = milliseconds;
        }
    }

    private Frame Dispatch(ReadOnlySpan<byte> unread, int linesEnd, int end, bool isUnterminated)
    {
        Measure(end - _eventStart);
        var frame = new Frame(
            _dataLines == 1 ? unread.Slice(_dataStart, _dataLength) : Join(unread[_eventStart..linesEnd]),
            unread[_eventStart..end]
        )
        {
            Type = unread.Slice(_typeStart, _typeLength),
            Id = _lastId.AsSpan(0, _lastIdLength),
            IsUnterminated = isUnterminated,
        };
        ClearEvent();
        return frame;
    }

    // The lines are searched a second time, but only now: an event that never ends is never copied.
    private ReadOnlySpan<byte> Join(ReadOnlySpan<byte> lines)
    {
        if (_joined.Length < _dataLength)
        {
            Dispose();
            _joined = ByteArrays.Rent(_dataLength);
        }
        var rest = _joined.AsSpan(0, _dataLength);
        while (true)
        {
            int end = lines.IndexOfAny(LineFeed, CarriageReturn);
            var line = end < 0 ? lines : lines[..end];
            lines = lines[(end + 1)..];
            if (!TryMeasureData(line, out int prefix) && !IsError(line, out prefix))
                continue;
            line[prefix..].CopyTo(rest);
            rest = rest[(line.Length - prefix)..];
            if (rest.IsEmpty)
                return _joined.AsSpan(0, _dataLength);
            rest[0] = LineFeed;
            rest = rest[1..];
        }
    }

    // Spec: an empty data buffer resets the event type as well, so a type never leaks into the next event.
    private void ClearEvent()
    {
        _isInEvent = false;
        _dataLines = 0;
        _dataLength = 0;
        _typeStart = _typeLength = 0;
    }

    // Spec: "Once the end of the file is reached, any pending data must be discarded." It is returned, marked as unterminated, so that a
    // complete JSON document or an end mark without its blank line can be distinguished from a broken one.
    private bool TryEnd(ReadOnlySpan<byte> unread, out Frame frame, out int consumed)
    {
        _isEnded = true;
        CanPass = false;
        consumed = unread.Length;
        Measure(unread.Length - (_isInEvent ? _eventStart : _lineStart));
        int linesEnd = _lineStart;
        if (_lineStart < unread.Length && unread[_lineStart] != (byte)':')
        {
            if (unread[_lineStart..].StartsWith("data:"u8) || IsError(unread[_lineStart..], out _))
                ReadLine(unread, _lineStart, linesEnd = unread.Length);
            else
                IsCut = !IsText(unread[_lineStart..]);
        }
        if (_dataLines > 0)
        {
            frame = Dispatch(unread, linesEnd, unread.Length, isUnterminated: true);
            return true;
        }
        if (_text == Text && unread.Length - _eventStart <= LongestText)
        {
            var text = unread[_eventStart..];
            if (IsPlainText(text))
            {
                frame = new Frame(text, text) { Type = ErrorName };
                return true;
            }
            IsCut = true;
        }
        IsCut |= _isInEvent;
        frame = default;
        return false;
    }

    // Whether the last line, which has no end, is text and not the beginning of a field.
    private bool IsText(ReadOnlySpan<byte> line)
    {
        if (_text == Unknown && !(Begins(line, "data:"u8) || Begins(line, "event:"u8) || Begins(line, "id:"u8) || Begins(line, "retry:"u8)))
            RecordText(line, _lineStart);
        return _text == Text;
    }

    // And not a file, for example.
    private static bool IsPlainText(ReadOnlySpan<byte> text)
    {
        foreach (byte b in text)
        {
            if (b < ' ' && b is not ((byte)'\t' or (byte)'\r' or (byte)'\n'))
                return false;
        }
        return Utf8.IsValid(text);
    }

    private static bool Begins(ReadOnlySpan<byte> line, ReadOnlySpan<byte> field) =>
        field.StartsWith(line[..Math.Min(line.Length, field.Length)]);

    private void Rebase(int by)
    {
        _lineStart -= by;
        _searched -= by;
        if (_isInEvent || _text == Text)
            _eventStart -= by;
        if (!_isInEvent)
            return;
        if (_dataLines > 0)
            _dataStart -= by;
        _typeStart = _typeLength == 0 ? 0 : _typeStart - by;
    }
}
