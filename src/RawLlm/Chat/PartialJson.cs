using System.Buffers;
using System.Diagnostics;
using System.Text.Json;

namespace RawLlm;

/// <summary>
/// Reads JSON while it arrives, such as the arguments of a tool call or structured output, for code that displays it as the model writes
/// it.
/// </summary>
/// <remarks>
/// <para>Append each fragment, then read what it added: the values that have ended since, in the order in which they ended, and finally the
/// value that is still open, which is returned again as it grows. The outermost object or array is not returned; it is <see cref="Utf8"/>
/// once <see cref="State"/> is complete.</para>
/// <para>Each byte is examined once, wherever the fragments are cut, and with <see cref="Clear"/> between texts nothing is allocated. The
/// values are the model's draft: do not act on them before the answer has ended successfully. Not thread-safe.</para>
/// </remarks>
/// <example><code>
/// json.Append(e.Utf8);
/// while (json.Read())
///     if (json.Current.Is("city"u8))
///         Show(json.Current.ToString());
/// </code></example>
[DebuggerDisplay("{State} after {_position} bytes")]
public sealed class PartialJson
{
    // What ends a run of plain bytes in a string: its quote, an escape, and the control characters that it must not contain.
    internal static readonly SearchValues<byte> StringEnds = SearchValues.Create(
        "\"\\\u0000\u0001\u0002\u0003\u0004\u0005\u0006\u0007\u0008\u0009\u000A\u000B\u000C\u000D\u000E\u000F\u0010\u0011\u0012\u0013\u0014\u0015\u0016\u0017\u0018\u0019\u001A\u001B\u001C\u001D\u001E\u001F"u8
    );

    private readonly int _maxBytes;
    private readonly int _maxDepth;

    private GrowingBytes _bytes;
    private bool _isCut;

    // Everything before this position was examined. An escape or a character that is still incomplete may follow.
    private int _position;
    private Place _place;

    // The open objects and arrays.
    private Frame[] _frames = [];
    private int _depth;

    private ValuePath _path;

    // The current or last value: where it starts, and for a name or a string, where its text starts and ends.
    private JsonValueKind _kind;
    private int _start;
    private ArrivingNumber _number;
    private int _textStart;
    private int _textEnd;

    // The content of a string, once an escape makes it differ from the raw bytes.
    private GrowingBytes _text;
    private bool _isEscaped;

    private ReportedValue _reported;
    private int _reportedAt;

    /// <summary>Creates a reader for one text, or for several one after the other.</summary>
    /// <param name="maxBytes">The maximum length of a text. The default is 16 MiB, as for
    /// <see cref="LlmLimits.ToolArgumentBytes"/>.</param>
    /// <param name="maxDepth">The maximum nesting depth. The default is 64, as for <see cref="LlmLimits.JsonDepth"/>.</param>
    /// <exception cref="ArgumentOutOfRangeException">A maximum is less than 1, or larger than an array can be.</exception>
    public PartialJson(int maxBytes = 16 << 20, int maxDepth = 64)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(maxBytes, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(maxBytes, Array.MaxLength);
        ArgumentOutOfRangeException.ThrowIfLessThan(maxDepth, 1);
        _maxBytes = maxBytes;
        _maxDepth = maxDepth;
    }

    private enum Place
    {
        BeforeValue,
        BeforeFirstElement,
        BeforeFirstName,
        BeforeName,
        InName,
        AfterName,
        InString,
        InNumber,
        InWord,
        AfterValue,
        AtEnd,
    }

    /// <summary>The state of the text, as far as it was read.</summary>
    public PartialJsonState State { get; private set; }

    /// <summary>Where the text becomes invalid, in bytes from its start; null if it is valid so far.</summary>
    public int? ErrorOffset => IsFlawed ? _position : null;

    /// <summary>Everything that has arrived of the text, up to its first error. Valid until the next call.</summary>
    public ReadOnlySpan<byte> Utf8 => _bytes.Span;

    /// <summary>The value that the last read returned, valid until the next call.</summary>
    public PartialJsonValue Current
    {
        get
        {
            if (!_reported.IsValue)
                return default;
            var text = _reported.Kind != JsonValueKind.String ? default : Text;
            return new(
                _reported.Kind,
                _reported.IsClosed,
                _reported.Depth,
                _path.Of(_reported.PathLength),
                _bytes.Span[_reported.Start.._reported.End],
                text
            );
        }
    }

    // The content of the current or last string or name.
    private ReadOnlySpan<byte> Text => _isEscaped ? _text.Span : _bytes.Span[_textStart.._textEnd];

    private bool IsFlawed => State > PartialJsonState.Complete;

    /// <summary>Adds the next bytes, cut anywhere. They are not examined before <see cref="Read"/>.</summary>
    public void Append(ReadOnlySpan<byte> utf8)
    {
        _reported = default;
        if (IsFlawed)
            return;
        if (utf8.Length > _maxBytes - _bytes.Length)
        {
            utf8 = utf8[..(_maxBytes - _bytes.Length)];
            _isCut = true;
        }
        _bytes.Append(utf8);
    }

    /// <summary>
    /// Moves to the next value that has ended, or otherwise to the one that is still open, if more of it has arrived since it was last
    /// returned.
    /// </summary>
    /// <returns>False if everything that arrived was returned, or if the text is invalid (<see cref="State"/>). The method never throws
    /// because of the text.</returns>
    public bool Read()
    {
        _reported = default;
        if (IsFlawed)
            return false;
        if (TryClose())
        {
            _reportedAt = _position;
            return true;
        }
        if (!IsFlawed && _isCut)
            SetFlaw(PartialJsonState.TooLong, _bytes.Length);
        return !IsFlawed && _position != _reportedAt && TryReportOpen();
    }

    /// <summary>Starts with a new text and reuses the memory.</summary>
    public void Clear()
    {
        _bytes.Length = _path.Length = _text.Length = _position = _depth = _reportedAt = 0;
        _isCut = false;
        _place = Place.BeforeValue;
        _reported = default;
        State = PartialJsonState.Open;
    }

    // True if a value has ended that is to be returned.
    private bool TryClose()
    {
        var bytes = _bytes.Span;
        while (_position < bytes.Length)
        {
            switch (_place)
            {
                case Place.InString:
                    return TryEndString() && EndScalar();
                case Place.InNumber:
                    return TryEndNumber() && EndScalar();
                case Place.InWord:
                    return TryEndWord() && EndScalar();
                case Place.InName:
                    if (!TryEndString())
                        return false;
                    _path.AddMember(_frames[_depth - 1].PathLength, Text);
                    _place = Place.AfterName;
                    continue;
            }
            byte b = bytes[_position];
            if (b is (byte)' ' or (byte)'\t' or (byte)'\r' or (byte)'\n')
            {
                _position++;
                continue;
            }
            switch (_place)
            {
                case Place.BeforeFirstElement when b == ']':
                case Place.BeforeFirstName when b == '}':
                case Place.AfterValue when b == (_frames[_depth - 1].IsArray ? ']' : '}'):
                    _position++;
                    if (EndContainer())
                        return true;
                    continue;
                case Place.AfterValue when b == ',':
                    _place = _frames[_depth - 1].IsArray ? Place.BeforeValue : Place.BeforeName;
                    break;
                case Place.BeforeFirstName or Place.BeforeName when b == '"':
                    BeginText(Place.InName);
                    break;
                case Place.AfterName when b == ':':
                    _place = Place.BeforeValue;
                    break;
                case Place.BeforeValue or Place.BeforeFirstElement:
                    if (!TryBegin(b))
                        return false;
                    break;
                default:
                    return SetFlaw(PartialJsonState.NotJson, _position);
            }
            _position++;
        }
        return false;
    }

    private bool TryBegin(byte b)
    {
        Place place;
        switch (b)
        {
            case (byte)'"':
                (place, _kind) = (Place.InString, JsonValueKind.String);
                break;
            case (byte)'{':
                (place, _kind) = (Place.BeforeFirstName, JsonValueKind.Object);
                break;
            case (byte)'[':
                (place, _kind) = (Place.BeforeFirstElement, JsonValueKind.Array);
                break;
            case (byte)'t':
                (place, _kind) = (Place.InWord, JsonValueKind.True);
                break;
            case (byte)'f':
                (place, _kind) = (Place.InWord, JsonValueKind.False);
                break;
            case (byte)'n':
                (place, _kind) = (Place.InWord, JsonValueKind.Null);
                break;
            case (byte)'-' or (>= (byte)'0' and <= (byte)'9'):
                (place, _kind) = (Place.InNumber, JsonValueKind.Number);
                _number = new ArrivingNumber(b);
                if (_depth == 0 && b != '-')
                    State = PartialJsonState.Complete;
                break;
            default:
                return SetFlaw(PartialJsonState.NotJson, _position);
        }
        bool isContainer = _kind is JsonValueKind.Object or JsonValueKind.Array;
        if (isContainer && _depth == _maxDepth)
            return SetFlaw(PartialJsonState.TooDeep, _position);
        if (_depth > 0 && _frames[_depth - 1].IsArray)
        {
            ref var array = ref _frames[_depth - 1];
            _path.AddElement(array.PathLength, array.Elements++);
        }
        _start = _position;
        _place = place;
        if (isContainer)
        {
            if (_depth == _frames.Length)
                Array.Resize(ref _frames, Math.Min(_maxDepth, Math.Max(8, 2 * _depth)));
            _frames[_depth++] = new Frame
            {
                Start = _start,
                PathLength = _path.Length,
                IsArray = _kind == JsonValueKind.Array,
            };
        }
        else if (place == Place.InString)
        {
            BeginText(place);
        }
        return true;
    }

    private bool EndScalar()
    {
        _place = _depth == 0 ? Place.AtEnd : Place.AfterValue;
        if (_depth == 0)
            State = PartialJsonState.Complete;
        return Report(_kind, isClosed: true, _depth, _path.Length, _start);
    }

    private bool EndContainer()
    {
        var frame = _frames[--_depth];
        _place = _depth == 0 ? Place.AtEnd : Place.AfterValue;
        if (_depth > 0)
            return Report(frame.Kind, isClosed: true, _depth, frame.PathLength, frame.Start);
        State = PartialJsonState.Complete;
        return false;
    }

    private bool TryReportOpen()
    {
        _reportedAt = _position;
        switch (_place)
        {
            case Place.AtEnd:
                return false;
            case Place.InString:
                _textEnd = _position;
                return Report(_kind, isClosed: false, _depth, _path.Length, _start);
            case Place.InNumber or Place.InWord:
                return Report(_kind, isClosed: false, _depth, _path.Length, _start);
            case Place.AfterName:
            case Place.BeforeValue when _depth > 0 && !_frames[_depth - 1].IsArray:
                return Report(JsonValueKind.Undefined, isClosed: false, _depth, _path.Length, _position);
        }
        if (_depth < 2)
            return false;
        var frame = _frames[_depth - 1];
        return Report(frame.Kind, isClosed: false, _depth - 1, frame.PathLength, frame.Start);
    }

    private bool Report(JsonValueKind kind, bool isClosed, int depth, int pathLength, int start)
    {
        _reported = new ReportedValue
        {
            IsValue = true,
            Kind = kind,
            IsClosed = isClosed,
            Depth = depth,
            PathLength = pathLength,
            Start = start,
            End = _position,
        };
        return true;
    }

    // Always returns false.
    private bool SetFlaw(PartialJsonState state, int position)
    {
        State = state;
        _position = _bytes.Length = position;
        return false;
    }

    private void BeginText(Place place)
    {
        _place = place;
        _textStart = _position + 1;
        _text.Length = 0;
        _isEscaped = false;
    }

    // False if the string continues beyond the available bytes, or is invalid.
    private bool TryEndString()
    {
        while (true)
        {
            var rest = _bytes.Span[_position..];
            int run = rest.IndexOfAny(StringEnds);
            bool isOpen = run < 0;
            if (isOpen)
                run = rest.Length - ArrivingText.BegunCharacter(rest);
            var plain = rest[..run];
            if (!System.Text.Unicode.Utf8.IsValid(plain))
                return SetFlaw(PartialJsonState.NotJson, _position + ArrivingText.ValidLength(plain));
            if (_isEscaped)
                _text.Append(plain);
            _position += run;
            if (isOpen)
                return false;
            if (rest[run] == '"')
            {
                _textEnd = _position++;
                return true;
            }
            if (rest[run] != '\\')
                return SetFlaw(PartialJsonState.NotJson, _position);
            if (!TryUnescape(rest[run..]))
                return false;
        }
    }

    private bool TryUnescape(ReadOnlySpan<byte> rest)
    {
        if (!_isEscaped)
        {
            _text.Append(_bytes.Span[_textStart.._position]);
            _isEscaped = true;
        }
        if (!ArrivingText.TryUnescape(rest, out var character, out int length))
            return length < rest.Length && SetFlaw(PartialJsonState.NotJson, _position + length);
        _text.Length += character.EncodeToUtf8(_text.Room(ArrivingText.LongestCharacter));
        _position += length;
        return true;
    }

    // Stops before the byte that follows the number: the number ends only when that byte arrives.
    private bool TryEndNumber()
    {
        var bytes = _bytes.Span;
        for (; _position < bytes.Length; _position++)
        {
            byte b = bytes[_position];
            if (_number.TryGoOn(b))
                continue;
            return (_number.CanEnd && b is (byte)',' or (byte)']' or (byte)'}' or (byte)' ' or (byte)'\t' or (byte)'\r' or (byte)'\n')
                || SetFlaw(PartialJsonState.NotJson, _position);
        }
        if (_depth == 0)
            State = _number.CanEnd ? PartialJsonState.Complete : PartialJsonState.Open;
        return false;
    }

    private bool TryEndWord()
    {
        var word = _kind switch
        {
            JsonValueKind.True => "true"u8,
            JsonValueKind.False => "false"u8,
            _ => "null"u8,
        };
        var bytes = _bytes.Span;
        for (; _position < bytes.Length; _position++)
        {
            int at = _position - _start;
            if (at == word.Length)
                return true;
            if (bytes[_position] != word[at])
                return SetFlaw(PartialJsonState.NotJson, _position);
        }
        return _position - _start == word.Length;
    }

    private struct Frame
    {
        public int Start;
        public int PathLength;
        public int Elements;
        public bool IsArray;

        public readonly JsonValueKind Kind => IsArray ? JsonValueKind.Array : JsonValueKind.Object;
    }

    private struct ReportedValue
    {
        public bool IsValue;
        public bool IsClosed;
        public JsonValueKind Kind;
        public int Depth;
        public int PathLength;
        public int Start;
        public int End;
    }
}
