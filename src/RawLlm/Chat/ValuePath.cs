using System.Buffers;
using System.Buffers.Text;

namespace RawLlm;

/// <summary>
/// The path of a value in JSON, as in <see cref="PartialJsonValue.Path"/>. Keep this struct in one place: copies share the array.
/// </summary>
internal struct ValuePath
{
    private const int EscapeLength = 6;

    // Characters that are not allowed in an unquoted name, some of which are escaped in a quoted one.
    private static readonly SearchValues<byte> Marks = SearchValues.Create(
        ".[]\"\\\u0000\u0001\u0002\u0003\u0004\u0005\u0006\u0007\u0008\u0009\u000A\u000B\u000C\u000D\u000E\u000F\u0010\u0011\u0012\u0013\u0014\u0015\u0016\u0017\u0018\u0019\u001A\u001B\u001C\u001D\u001E\u001F"u8
    );

    private GrowingBytes _bytes;

    /// <summary>The current length.</summary>
    public int Length
    {
        readonly get => _bytes.Length;
        set => _bytes.Length = value;
    }

    /// <summary>Returns the start of the path, up to the length of another value's path.</summary>
    public readonly ReadOnlySpan<byte> Of(int length) => _bytes.Span[..length];

    /// <summary>Moves to a member of an object.</summary>
    /// <param name="parent">The length of the object's own path.</param>
    /// <param name="name">The member's name, without escapes.</param>
    public void AddMember(int parent, ReadOnlySpan<byte> name)
    {
        _bytes.Length = parent;
        if (!name.IsEmpty && !name.ContainsAny(Marks))
        {
            if (parent > 0)
                _bytes.Append("."u8);
            _bytes.Append(name);
            return;
        }
        _bytes.Append("[\""u8);
        while (name.IndexOfAny(PartialJson.StringEnds) is >= 0 and var at)
        {
            _bytes.Append(name[..at]);
            AddEscape(name[at]);
            name = name[(at + 1)..];
        }
        _bytes.Append(name);
        _bytes.Append("\"]"u8);
    }

    /// <summary>Moves to an element of an array.</summary>
    /// <param name="parent">The length of the array's own path.</param>
    /// <param name="number">The index of the element.</param>
    public void AddElement(int parent, int number)
    {
        const int MaxDigits = 10;
        _bytes.Length = parent;
        var room = _bytes.Room(MaxDigits + 2);
        room[0] = (byte)'[';
        Utf8Formatter.TryFormat(number, room[1..], out int digits);
        room[digits + 1] = (byte)']';
        _bytes.Length += digits + 2;
    }

    private void AddEscape(byte b)
    {
        var room = _bytes.Room(EscapeLength);
        room[0] = (byte)'\\';
        int letter = "\"\\\b\f\n\r\t"u8.IndexOf(b);
        if (letter >= 0)
            room[1] = "\"\\bfnrt"u8[letter];
        else
            "u00"u8.CopyTo(room[1..]);
        if (letter < 0)
            Utf8Formatter.TryFormat(b, room[4..], out _, new StandardFormat('x', 2));
        _bytes.Length += letter >= 0 ? 2 : EscapeLength;
    }
}
