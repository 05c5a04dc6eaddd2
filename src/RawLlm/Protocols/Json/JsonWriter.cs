using System.Buffers.Text;
using System.Globalization;
using System.Text;
using RawLlm.Framing;

namespace RawLlm.Protocols;

/// <summary>Writes JSON directly into the body of a request. Escapes all text; trusts its caller to keep the structure valid.</summary>
/// <remarks>
/// Almost all of a request is text, and the platform's writer makes several passes over it. Here text is escaped and encoded in place in a
/// single pass (<see cref="JsonEscaping"/>), which also reports unpaired surrogates.
/// </remarks>
internal sealed class JsonWriter(WireRequest wire)
{
    // Room is reserved for the worst case of six bytes per character, so a long text is written in pieces.
    private const int MaxAtOnce = 2048;

    private bool _needsComma;

    /// <summary>The request whose body is written. It records what was left out or changed.</summary>
    public WireRequest Wire => wire;

    /// <summary>Where the next value begins, after the comma before it.</summary>
    public int Position => wire.Length + (_needsComma ? 1 : 0);

    /// <summary>Starts a list whose elements are kept as bytes.</summary>
    public KeptRun BeginKeptList(KeptList list) => new(list, this);

    public void StartObject() => Start((byte)'{');

    public void EndObject() => End((byte)'}');

    public void StartArray() => Start((byte)'[');

    public void EndArray() => End((byte)']');

    /// <summary>Writes the name of a member that needs no escaping.</summary>
    public void WriteName(ReadOnlySpan<byte> name)
    {
        var free = wire.GetSpan(name.Length + 4);
        int length = Comma(free);
        free[length++] = (byte)'"';
        name.CopyTo(free[length..]);
        length += name.Length;
        free[length++] = (byte)'"';
        free[length++] = (byte)':';
        wire.Advance(length);
        _needsComma = false;
    }

    /// <summary>Writes the name of a member.</summary>
    public void WriteName(string name, string place)
    {
        WriteText(name, place);
        Append(":"u8);
        _needsComma = false;
    }

    /// <summary>Writes text that needs no escaping.</summary>
    public void WriteText(ReadOnlySpan<byte> text)
    {
        StartText();
        Append(text);
        EndText();
    }

    /// <summary>Writes text. An unpaired surrogate becomes U+FFFD, with a quirk.</summary>
    /// <param name="text">Any text.</param>
    /// <param name="place">The place of the text, for the quirk and for the error about a null.</param>
    public void WriteText(string text, string place)
    {
        if (text is null)
            ThrowMissing(place);
        if (text.Length > MaxAtOnce)
        {
            StartText();
            AppendText(text, place);
            EndText();
            return;
        }
        var free = wire.GetSpan(RoomFor(text.Length) + 3);
        int length = Comma(free);
        free[length++] = (byte)'"';
        length += JsonEscaping.Write(text, free[length..], out bool isWhole);
        free[length++] = (byte)'"';
        wire.Advance(length);
        _needsComma = true;
        if (!isWhole)
            wire.Note(QuirkKind.LoneSurrogate, place);
    }

    /// <summary>Starts a text that is assembled from pieces.</summary>
    public void StartText()
    {
        var free = wire.GetSpan(2);
        int length = Comma(free);
        free[length++] = (byte)'"';
        wire.Advance(length);
    }

    /// <summary>Adds a piece that needs no escaping.</summary>
    public void Append(ReadOnlySpan<byte> piece)
    {
        piece.CopyTo(wire.GetSpan(piece.Length));
        wire.Advance(piece.Length);
    }

    /// <inheritdoc cref="WriteText(string, string)"/>
    public void AppendText(string text, string place)
    {
        if (text is null)
            ThrowMissing(place);
        var rest = text.AsSpan();
        while (!rest.IsEmpty)
        {
            var piece = rest;
            if (piece.Length > MaxAtOnce)
                piece = rest[..(char.IsHighSurrogate(rest[MaxAtOnce - 1]) ? MaxAtOnce - 1 : MaxAtOnce)];
            var free = wire.GetSpan(RoomFor(piece.Length));
            wire.Advance(JsonEscaping.Write(piece, free, out bool isWhole));
            if (!isWhole)
                wire.Note(QuirkKind.LoneSurrogate, place);
            rest = rest[piece.Length..];
        }
    }

    /// <summary>Adds bytes as base64.</summary>
    public void AppendBase64(ReadOnlySpan<byte> bytes)
    {
        var free = wire.GetSpan(Base64.GetMaxEncodedToUtf8Length(bytes.Length));
        Base64.EncodeToUtf8(bytes, free, out _, out int written);
        wire.Advance(written);
    }

    /// <summary>Ends a text that was assembled from pieces.</summary>
    public void EndText()
    {
        Append("\""u8);
        _needsComma = true;
    }

    public void WriteNumber(long value)
    {
        var free = wire.GetSpan(24);
        int length = Comma(free);
        Utf8Formatter.TryFormat(value, free[length..], out int written);
        wire.Advance(length + written);
        _needsComma = true;
    }

    /// <summary>Writes the shortest text that parses to the same number.</summary>
    /// <exception cref="ArgumentException">The value is not a finite number.</exception>
    public void WriteNumber(double value, string place)
    {
        if (!double.IsFinite(value))
            ThrowNotFinite(place);
        Span<char> digits = stackalloc char[39];
        value.TryFormat(digits, out int count, default, CultureInfo.InvariantCulture);
        var free = wire.GetSpan(40);
        int length = Comma(free);
        wire.Advance(length + Encoding.UTF8.GetBytes(digits[..count], free[length..]));
        _needsComma = true;
    }

    public void WriteBoolean(bool value) => WriteLiteral(value ? "true"u8 : "false"u8);

    public void WriteNull() => WriteLiteral("null"u8);

    /// <summary>Writes a value as it is; it was checked when it was created.</summary>
    public void WriteRaw(RawJson value) => WriteLiteral(value.Utf8);

    /// <summary>Writes a value from checked JSON as it is.</summary>
    public void WriteRaw(ReadOnlySpan<byte> json) => WriteLiteral(json);

    /// <summary>Continues in an array that already contains the next values, starting at <see cref="Position"/>.</summary>
    public void ContinueIn(byte[] body, int length)
    {
        if (_needsComma)
            Append(","u8);
        wire.ContinueIn(body, length);
        _needsComma = true;
    }

    /// <summary>Writes the members of an object as they are; returns false if the value is not an object.</summary>
    public bool WriteMembers(RawJson value)
    {
        var json = value.Utf8.Trim(" \t\r\n"u8);
        if (json.IsEmpty || json[0] != (byte)'{')
            return false;
        var members = json[1..^1].Trim(" \t\r\n"u8);
        if (!members.IsEmpty)
            WriteLiteral(members);
        return true;
    }

    /// <summary>Writes a member whose text needs no escaping.</summary>
    public void WriteMember(ReadOnlySpan<byte> name, ReadOnlySpan<byte> text)
    {
        WriteName(name);
        WriteText(text);
    }

    /// <summary>Writes a string member.</summary>
    public void WriteMember(ReadOnlySpan<byte> name, string text, string place)
    {
        WriteName(name);
        WriteText(text, place);
    }

    /// <summary>Writes a Boolean member.</summary>
    public void WriteMember(ReadOnlySpan<byte> name, bool value)
    {
        WriteName(name);
        WriteBoolean(value);
    }

    /// <summary>Writes a list of texts.</summary>
    /// <param name="texts">The texts.</param>
    /// <param name="place">The place of each text.</param>
    public void WriteTexts(IReadOnlyList<string> texts, string place)
    {
        StartArray();
        for (int i = 0; i < texts.Count; i++)
            WriteText(texts[i], place);
        EndArray();
    }

    private void Start(byte bracket)
    {
        var free = wire.GetSpan(2);
        int length = Comma(free);
        free[length++] = bracket;
        wire.Advance(length);
        _needsComma = false;
    }

    private void End(byte bracket)
    {
        wire.GetSpan(1)[0] = bracket;
        wire.Advance(1);
        _needsComma = true;
    }

    private void WriteLiteral(ReadOnlySpan<byte> literal)
    {
        var free = wire.GetSpan(literal.Length + 1);
        int length = Comma(free);
        ByteArrays.Copy(literal, free[length..]);
        wire.Advance(length + literal.Length);
        _needsComma = true;
    }

    private static int RoomFor(int characters) => characters * JsonEscaping.MaxPerCharacter + JsonEscaping.Slack;

    private int Comma(Span<byte> free)
    {
        if (!_needsComma)
            return 0;
        free[0] = (byte)',';
        return 1;
    }

    [System.Diagnostics.CodeAnalysis.DoesNotReturn]
    private static void ThrowMissing(string place) => throw new ArgumentException($"The request's {place} is null.", "request");

    [System.Diagnostics.CodeAnalysis.DoesNotReturn]
    private static void ThrowNotFinite(string place) =>
        throw new ArgumentException($"The request's {place} is not a finite number, which JSON cannot carry.", "request");
}
