using System.Buffers;
using System.Buffers.Text;
using System.Diagnostics;
using System.Runtime.CompilerServices;
using System.Text;
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
    private const int SmallestArray = 256;
    private const int EscapeLength = 6;

    // What ends a run of plain bytes in a string: its quote, an escape, and the control characters that it may not hold.
    private static readonly SearchValues<byte> StringEnds = SearchValues.Create(
        "\"\\\u0000\u0001\u0002\u0003\u0004\u0005\u0006\u0007\u0008\u0009\u000A\u000B\u000C\u000D\u000E\u000F\u0010\u0011\u0012\u0013\u0014\u0015\u0016\u0017\u0018\u0019\u001A\u001B\u001C\u001D\u001E\u001F"u8);

    private static readonly SearchValues<byte> NameMarks = SearchValues.Create(
        ".[]\"\\\u0000\u0001\u0002\u0003\u0004\u0005\u0006\u0007\u0008\u0009\u000A\u000B\u000C\u000D\u000E\u000F\u0010\u0011\u0012\u0013\u0014\u0015\u0016\u0017\u0018\u0019\u001A\u001B\u001C\u001D\u001E\u001F"u8);

    private readonly int _maxBytes;
    private readonly int _maxDepth;

    private byte[] _bytes = [];
    private int _length;
    private bool _isCut;

    // Everything before it was looked at. An escape or a character that has not come whole stands behind it.
    private int _position;
    private Place _place;

    // The objects and arrays that are open.
    private Frame[] _frames = [];
    private int _depth;

    private byte[] _path = [];
    private int _pathLength;

    // The value that is under way, or was the last: where it begins, and of a name or a string where its text does.
    private JsonValueKind _kind;
    private int _start;
    private NumberPart _number;
    private int _textStart;
    private int _textEnd;

    // What a string says, once an escape has made it differ from what stands there.
    private byte[] _text = [];
    private int _textLength;
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

    private enum NumberPart
    {
        Minus,
        Zero,
        Whole,
        Point,
        Fraction,
        E,
        ESign,
        Exponent,
    }

    /// <summary>What is known of the text by what was read of it.</summary>
    public PartialJsonState State { get; private set; }

    /// <summary>Where the text goes wrong, in bytes from its beginning; null where nothing is wrong with it.</summary>
    public int? FlawAt => IsFlawed ? _position : null;

    /// <summary>All that has come of the text; behind a flaw nothing is kept. Valid until the next call.</summary>
    public ReadOnlySpan<byte> Utf8 => _bytes.AsSpan(0, _length);

    /// <summary>The value that the last read gave, valid until the next call.</summary>
    public PartialJsonValue Current
    {
        get
        {
            if (!_given.IsValue)
                return default;
            var text = _given.Kind != JsonValueKind.String ? default : _isEscaped ? _text.AsSpan(0, _textLength) : _bytes.AsSpan(_textStart, _textEnd - _textStart);
            return new(_given.Kind, _given.IsClosed, _given.Depth, _path.AsSpan(0, _given.PathLength), _bytes.AsSpan(_given.Start, _given.End - _given.Start), text);
        }
    }

    private bool IsFlawed => State > PartialJsonState.Complete;

    /// <summary>Adds the next bytes, cut anywhere; none are looked at before <see cref="Read"/>.</summary>
    public void Append(ReadOnlySpan<byte> utf8)
    {
        _given = default;
        if (IsFlawed)
            return;
        if (utf8.Length > _maxBytes - _length)
        {
            utf8 = utf8[..(_maxBytes - _length)];
            _isCut = true;
        }
        utf8.CopyTo(Room(ref _bytes, _length, utf8.Length));
        _length += utf8.Length;
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
            SetFlaw(PartialJsonState.TooLong, _length);
        return !IsFlawed && _position != _givenAt && TryGiveOpen();
    }

    /// <summary>Begins with nothing, in the memory that is there.</summary>
    public void Clear()
    {
        _length = _position = _depth = _pathLength = _textLength = _givenAt = 0;
        _isCut = false;
        _place = Place.BeforeValue;
        _given = default;
        State = PartialJsonState.Open;
    }

    // True when a value has ended that is to be given.
    private bool TryClose()
    {
        while (_position < _length)
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
                    NameMember();
                    _place = Place.AfterName;
                    continue;
            }
            byte b = _bytes[_position];
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
                _number = b switch { (byte)'-' => NumberPart.Minus, (byte)'0' => NumberPart.Zero, _ => NumberPart.Whole };
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
            NameElement();
        _start = _position;
        _place = place;
        if (isContainer)
        {
            if (_depth == _frames.Length)
                Array.Resize(ref _frames, Math.Min(_maxDepth, Math.Max(8, 2 * _depth)));
            _frames[_depth++] = new Frame { Start = _start, PathLength = _pathLength, IsArray = _kind == JsonValueKind.Array };
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
        return Give(_kind, isClosed: true, _depth, _pathLength, _start);
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
                return Give(_kind, isClosed: false, _depth, _pathLength, _start);
            case Place.InNumber or Place.InWord:
                return Give(_kind, isClosed: false, _depth, _pathLength, _start);
            case Place.AfterName:
            case Place.BeforeValue when _depth > 0 && !_frames[_depth - 1].IsArray:
                return Give(JsonValueKind.Undefined, isClosed: false, _depth, _pathLength, _position);
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
        _position = _length = position;
        return false;
    }

    private void BeginText(Place place)
    {
        _place = place;
        _textStart = _position + 1;
        _textLength = 0;
        _isEscaped = false;
    }

    // False where the string goes on beyond what is there, or is wrong.
    private bool TryEndString()
    {
        while (true)
        {
            var rest = _bytes.AsSpan(_position, _length - _position);
            int run = rest.IndexOfAny(StringEnds);
            bool isOpen = run < 0;
            if (isOpen)
                run = rest.Length - BegunCharacter(rest);
            var plain = rest[..run];
            if (!System.Text.Unicode.Utf8.IsValid(plain))
                return SetFlaw(PartialJsonState.NotJson, _position + ValidLength(plain));
            if (_isEscaped)
                AppendText(plain);
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
            AppendText(_bytes.AsSpan(_textStart, _position - _textStart));
            _isEscaped = true;
        }
        if (rest.Length < 2)
            return false;
        if (rest[1] != 'u')
        {
            int at = "\"\\/bfnrt"u8.IndexOf(rest[1]);
            if (at < 0)
                return SetFlaw(PartialJsonState.NotJson, _position + 1);
            AppendText("\"\\/\b\f\n\r\t"u8.Slice(at, 1));
            _position += 2;
            return true;
        }
        int unit = 0;
        for (int i = 2; i < EscapeLength; i++)
        {
            if (i == rest.Length)
                return false;
            if (!char.IsAsciiHexDigit((char)rest[i]))
                return SetFlaw(PartialJsonState.NotJson, _position + i);
            unit = (unit << 4) | HexValue(rest[i]);
        }
        int length = EscapeLength;
        if (char.IsHighSurrogate((char)unit) && MayBeLowSurrogate(rest[EscapeLength..]))
        {
            if (rest.Length < 2 * EscapeLength)
                return false;
            int low = 0;
            for (int i = EscapeLength + 2; i < 2 * EscapeLength; i++)
                low = (low << 4) | HexValue(rest[i]);
            unit = char.ConvertToUtf32((char)unit, (char)low);
            length = 2 * EscapeLength;
        }
        // Half a pair that stands alone is no character.
        var rune = Rune.IsValid(unit) ? new Rune(unit) : Rune.ReplacementChar;
        _textLength += rune.EncodeToUtf8(Room(ref _text, _textLength, 4));
        _position += length;
        return true;
    }

    // Whether the second half of a pair stands here, as far as there is anything.
    private static bool MayBeLowSurrogate(ReadOnlySpan<byte> rest)
    {
        for (int i = 0; i < Math.Min(rest.Length, EscapeLength); i++)
        {
            bool fits = i switch
            {
                0 => rest[i] == '\\',
                1 => rest[i] == 'u',
                2 => (rest[i] | 0x20) == 'd',
                3 => (rest[i] | 0x20) is >= 'c' and <= 'f',
                _ => char.IsAsciiHexDigit((char)rest[i]),
            };
            if (!fits)
                return false;
        }
        return true;
    }

    private static int HexValue(byte digit) => digit <= '9' ? digit - '0' : (digit | 0x20) - 'a' + 10;

    // How many bytes at the end begin a character whose other bytes may still come.
    private static int BegunCharacter(ReadOnlySpan<byte> bytes)
    {
        for (int length = 1; length <= Math.Min(3, bytes.Length); length++)
        {
            byte b = bytes[^length];
            if (b < 0x80)
                return 0;
            if (b >= 0xC0)
                return Rune.DecodeFromUtf8(bytes[^length..], out _, out _) == OperationStatus.NeedMoreData ? length : 0;
        }
        return 0;
    }

    private static int ValidLength(ReadOnlySpan<byte> bytes)
    {
        int length = 0;
        while (Rune.DecodeFromUtf8(bytes[length..], out _, out int consumed) == OperationStatus.Done)
            length += consumed;
        return length;
    }

    // Ends before the byte that follows the number, which has to come to tell.
    private bool TryEndNumber()
    {
        for (; _position < _length; _position++)
        {
            byte b = _bytes[_position];
            if (b is >= (byte)'0' and <= (byte)'9')
            {
                if (_number == NumberPart.Zero)
                    return SetFlaw(PartialJsonState.NotJson, _position);
                _number = _number switch
                {
                    NumberPart.Minus => b == '0' ? NumberPart.Zero : NumberPart.Whole,
                    NumberPart.Point => NumberPart.Fraction,
                    NumberPart.E or NumberPart.ESign => NumberPart.Exponent,
                    _ => _number,
                };
            }
            else if (b == '.' && _number is NumberPart.Zero or NumberPart.Whole)
            {
                _number = NumberPart.Point;
            }
            else if (b is (byte)'e' or (byte)'E' && _number is NumberPart.Zero or NumberPart.Whole or NumberPart.Fraction)
            {
                _number = NumberPart.E;
            }
            else if (b is (byte)'+' or (byte)'-' && _number == NumberPart.E)
            {
                _number = NumberPart.ESign;
            }
            else if (CanNumberEnd && b is (byte)',' or (byte)']' or (byte)'}' or (byte)' ' or (byte)'\t' or (byte)'\r' or (byte)'\n')
            {
                return true;
            }
            else
            {
                return SetFlaw(PartialJsonState.NotJson, _position);
            }
        }
        if (_depth == 0)
            State = CanNumberEnd ? PartialJsonState.Complete : PartialJsonState.Open;
        return false;
    }

    private bool CanNumberEnd => _number is NumberPart.Zero or NumberPart.Whole or NumberPart.Fraction or NumberPart.Exponent;

    private bool TryEndWord()
    {
        var word = _kind switch { JsonValueKind.True => "true"u8, JsonValueKind.False => "false"u8, _ => "null"u8 };
        for (; _position < _length; _position++)
        {
            int at = _position - _start;
            if (at == word.Length)
                return true;
            if (_bytes[_position] != word[at])
                return SetFlaw(PartialJsonState.NotJson, _position);
        }
        return _position - _start == word.Length;
    }

    private void NameMember()
    {
        var name = _isEscaped ? _text.AsSpan(0, _textLength) : _bytes.AsSpan(_textStart, _textEnd - _textStart);
        _pathLength = _frames[_depth - 1].PathLength;
        if (!name.IsEmpty && !name.ContainsAny(NameMarks))
        {
            if (_pathLength > 0)
                AppendPath("."u8);
            AppendPath(name);
            return;
        }
        AppendPath("[\""u8);
        while (name.IndexOfAny(StringEnds) is >= 0 and var at)
        {
            AppendPath(name[..at]);
            byte b = name[at];
            var room = Room(ref _path, _pathLength, EscapeLength);
            room[0] = (byte)'\\';
            int letter = "\"\\\b\f\n\r\t"u8.IndexOf(b);
            if (letter >= 0)
                room[1] = "\"\\bfnrt"u8[letter];
            else
                "u00"u8.CopyTo(room[1..]);
            if (letter < 0)
                Utf8Formatter.TryFormat(b, room[4..], out _, new StandardFormat('x', 2));
            _pathLength += letter >= 0 ? 2 : EscapeLength;
            name = name[(at + 1)..];
        }
        AppendPath(name);
        AppendPath("\"]"u8);
    }

    private void NameElement()
    {
        const int MostDigits = 10;
        ref var frame = ref _frames[_depth - 1];
        _pathLength = frame.PathLength;
        var room = Room(ref _path, _pathLength, MostDigits + 2);
        room[0] = (byte)'[';
        Utf8Formatter.TryFormat(frame.Elements++, room[1..], out int digits);
        room[digits + 1] = (byte)']';
        _pathLength += digits + 2;
    }

    private void AppendPath(ReadOnlySpan<byte> bytes)
    {
        bytes.CopyTo(Room(ref _path, _pathLength, bytes.Length));
        _pathLength += bytes.Length;
    }

    private void AppendText(ReadOnlySpan<byte> bytes)
    {
        bytes.CopyTo(Room(ref _text, _textLength, bytes.Length));
        _textLength += bytes.Length;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Span<byte> Room(ref byte[] array, int length, int more)
    {
        if (array.Length - length < more)
            Grow(ref array, length, more);
        return array.AsSpan(length, more);
    }

    private static void Grow(ref byte[] array, int length, int more)
    {
        byte[] larger = GC.AllocateUninitializedArray<byte>((int)Math.Min(Array.MaxLength, Math.Max(Math.Max(SmallestArray, (long)length + more), 2L * length)));
        array.AsSpan(0, length).CopyTo(larger);
        array = larger;
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
