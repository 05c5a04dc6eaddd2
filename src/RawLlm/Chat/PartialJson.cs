using System.Buffers;
using System.Diagnostics;
using System.Text.Json;

namespace RawLlm;

/// <summary>Reads JSON while it arrives, such as the arguments of a function call or an answer by a schema, for whoever shows them as they are written.</summary>
/// <remarks>
/// <para>Give it each fragment and read what that brought: the values that have ended since, in the order of their ends, and last the one that is open now,
/// which is given again as it grows. The whole object or array is not given; it is <see cref="Utf8"/> once <see cref="State"/> says that it is complete.</para>
/// <para>Each byte is looked at once, wherever the fragments are cut, and with <see cref="Clear"/> between texts nothing is allocated. What was shown is the
/// model's draft: run nothing by it before the answer has ended well. Not thread-safe.</para>
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
    // What ends a run of plain bytes in a string: its quote, an escape, and the control characters that it may not hold.
    internal static readonly SearchValues<byte> StringEnds = SearchValues.Create(
        "\"\\\u0000\u0001\u0002\u0003\u0004\u0005\u0006\u0007\u0008\u0009\u000A\u000B\u000C\u000D\u000E\u000F\u0010\u0011\u0012\u0013\u0014\u0015\u0016\u0017\u0018\u0019\u001A\u001B\u001C\u001D\u001E\u001F"u8);

    private readonly int _maxBytes;
    private readonly int _maxDepth;

    private GrowingBytes _bytes;
    private bool _isCut;

    // Everything before it was looked at. An escape or a character that has not come whole stands behind it.
    private int _position;
    private Place _place;

    // The objects and arrays that are open.
    private Frame[] _frames = [];
    private int _depth;

    private ValuePath _path;

    // The value that is under way, or was the last: where it begins, and of a name or a string where its text does.
    private JsonValueKind _kind;
    private int _start;
    private ArrivingNumber _number;
    private int _textStart;
    private int _textEnd;

    // What a string says, once an escape has made it differ from what stands there.
    private GrowingBytes _text;
    private bool _isEscaped;

    private Given _given;
    private int _givenAt;

    /// <summary>Makes a reader for one text, or for one after the other.</summary>
    /// <param name="maxBytes">How long a text may be; 16 MiB as <see cref="LlmLimits.ToolArgumentBytes"/>.</param>
    /// <param name="maxDepth">How deep it may be nested; 64 as <see cref="LlmLimits.JsonDepth"/>.</param>
    /// <exception cref="ArgumentOutOfRangeException">A bound is less than 1, or larger than an array can be.</exception>
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

    /// <summary>What is known of the text by what was read of it.</summary>
    public PartialJsonState State { get; private set; }

    /// <summary>Where the text goes wrong, in bytes from its beginning; null where nothing is wrong with it.</summary>
    public int? FlawAt => IsFlawed ? _position : null;

    /// <summary>All that has come of the text; behind a flaw nothing is kept. Valid until the next call.</summary>
    public ReadOnlySpan<byte> Utf8 => _bytes.Span;

    /// <summary>The value that the last read gave, valid until the next call.</summary>
    public PartialJsonValue Current
    {
        get
        {
            if (!_given.IsValue)
                return default;
            var text = _given.Kind != JsonValueKind.String ? default : Text;
            return new(_given.Kind, _given.IsClosed, _given.Depth, _path.Of(_given.PathLength), _bytes.Span[_given.Start.._given.End], text);
        }
    }

    // What the string or the name under way says, or the last.
    private ReadOnlySpan<byte> Text => _isEscaped ? _text.Span : _bytes.Span[_textStart.._textEnd];

    private bool IsFlawed => State > PartialJsonState.Complete;

    /// <summary>Adds the next bytes, cut anywhere; none are looked at before <see cref="Read"/>.</summary>
    public void Append(ReadOnlySpan<byte> utf8)
    {
        _given = default;
        if (IsFlawed)
            return;
        if (utf8.Length > _maxBytes - _bytes.Length)
        {
            utf8 = utf8[..(_maxBytes - _bytes.Length)];
            _isCut = true;
        }
        _bytes.Append(utf8);
    }

    /// <summary>Moves to the next value that has ended, or else to the one that is open now, unless nothing of it has come since it was given.</summary>
    /// <returns>False when all that has come was given, or was found to be wrong (<see cref="State"/>); it never throws for what the text holds.</returns>
    public bool Read()
    {
        _given = default;
        if (IsFlawed)
            return false;
        if (TryClose())
        {
            _givenAt = _position;
            return true;
        }
        if (!IsFlawed && _isCut)
            SetFlaw(PartialJsonState.TooLong, _bytes.Length);
        return !IsFlawed && _position != _givenAt && TryGiveOpen();
    }

    /// <summary>Begins with nothing, in the memory that is there.</summary>
    public void Clear()
    {
        _bytes.Length = _path.Length = _text.Length = _position = _depth = _givenAt = 0;
        _isCut = false;
        _place = Place.BeforeValue;
        _given = default;
        State = PartialJsonState.Open;
    }

    // True when a value has ended that is to be given.
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
            _frames[_depth++] = new Frame { Start = _start, PathLength = _path.Length, IsArray = _kind == JsonValueKind.Array };
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
        return Give(_kind, isClosed: true, _depth, _path.Length, _start);
    }

    private bool EndContainer()
    {
        var frame = _frames[--_depth];
        _place = _depth == 0 ? Place.AtEnd : Place.AfterValue;
        if (_depth > 0)
            return Give(frame.Kind, isClosed: true, _depth, frame.PathLength, frame.Start);
        State = PartialJsonState.Complete;
        return false;
    }

    private bool TryGiveOpen()
    {
        _givenAt = _position;
        switch (_place)
        {
            case Place.AtEnd:
                return false;
            case Place.InString:
                _textEnd = _position;
                return Give(_kind, isClosed: false, _depth, _path.Length, _start);
            case Place.InNumber or Place.InWord:
                return Give(_kind, isClosed: false, _depth, _path.Length, _start);
            case Place.AfterName:
            case Place.BeforeValue when _depth > 0 && !_frames[_depth - 1].IsArray:
                return Give(JsonValueKind.Undefined, isClosed: false, _depth, _path.Length, _position);
        }
        if (_depth < 2)
            return false;
        var frame = _frames[_depth - 1];
        return Give(frame.Kind, isClosed: false, _depth - 1, frame.PathLength, frame.Start);
    }

    private bool Give(JsonValueKind kind, bool isClosed, int depth, int pathLength, int start)
    {
        _given = new Given { IsValue = true, Kind = kind, IsClosed = isClosed, Depth = depth, PathLength = pathLength, Start = start, End = _position };
        return true;
    }

    // Always false, for whoever ends with it.
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

    // False where the string goes on beyond what is there, or is wrong.
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

    // Ends before the byte that follows the number, which has to come to tell.
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
        var word = _kind switch { JsonValueKind.True => "true"u8, JsonValueKind.False => "false"u8, _ => "null"u8 };
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

    private struct Given
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
