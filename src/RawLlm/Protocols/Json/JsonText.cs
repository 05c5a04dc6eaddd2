using System.Diagnostics.CodeAnalysis;
using System.Numerics;
using System.Runtime.Intrinsics;
using System.Text;
using System.Text.Json;
using System.Text.Unicode;

namespace RawLlm.Protocols;

/// <summary>A JSON string as it is between its quotes, and the ways to read it.</summary>
/// <remarks>
/// The platform's reader rejects unpaired surrogates and invalid UTF-8 with its own exception types. Services do send both: a surrogate
/// pair split by the end of a delta is joined again; everything else becomes U+FFFD, with a quirk.
/// </remarks>
[Experimental("RLLM902")]
public readonly ref struct JsonText
{
    private static ReadOnlySpan<byte> Replacement => "\uFFFD"u8;

    private JsonText(ReadOnlySpan<byte> raw, bool isEscaped)
    {
        Raw = raw;
        IsEscaped = isEscaped;
        IsPresent = true;
    }

    /// <summary>The bytes between the quotes.</summary>
    public ReadOnlySpan<byte> Raw { get; }

    /// <summary>Whether the bytes contain escapes.</summary>
    public bool IsEscaped { get; }

    /// <summary>Whether there was a string at all.</summary>
    public bool IsPresent { get; }

    /// <summary>Whether there is no string, or an empty one.</summary>
    public bool IsEmpty => Raw.IsEmpty;

    /// <summary>Reads the string that a reader over a single span is on.</summary>
    public static JsonText Read(scoped ref Utf8JsonReader reader) => new(reader.ValueSpan, reader.ValueIsEscaped);

    /// <summary>Wraps the body of a string that was found by other means.</summary>
    internal static JsonText Of(ReadOnlySpan<byte> raw, bool isEscaped) => new(raw, isEscaped);

    /// <summary>The maximum number of bytes that <see cref="CopyTo"/> writes.</summary>
    /// <exception cref="LlmException">The number is larger than an array can be.</exception>
    // Checking for valid UTF-8 pays off only for long texts.
    public int MaxLength => Raw.Length > 1024 && Utf8.IsValid(Raw) ? Raw.Length + 3 : MaxOf(Raw.Length);

    /// <summary>Writes the text as valid UTF-8.</summary>
    /// <param name="destination">At least <see cref="MaxLength"/> bytes.</param>
    /// <param name="pending">The first half of a surrogate pair at the end of the previous text; on return, the one at the end of this
    /// text; or zero.</param>
    /// <param name="flaw">What was replaced, or <see cref="QuirkKind.None"/>.</param>
    public int CopyTo(Span<byte> destination, ref char pending, out QuirkKind flaw)
    {
        flaw = QuirkKind.None;
        if (!IsEscaped && pending == 0 && Utf8.IsValid(Raw))
        {
            Raw.CopyTo(destination);
            return Raw.Length;
        }
        return Unescape(Raw, destination, ref pending, ref flaw);
    }

    /// <summary>Returns the text as a string, for IDs and names.</summary>
    public override string ToString()
    {
        if (!IsEscaped)
            return Encoding.UTF8.GetString(Raw);
        byte[] bytes = new byte[MaxLength];
        char pending = '\0';
        int length = CopyTo(bytes, ref pending, out _);
        if (pending != 0)
            length += Append(Replacement, bytes.AsSpan(length));
        return Encoding.UTF8.GetString(bytes, 0, length);
    }

    /// <summary>Returns the text without escapes, for IDs and names: one may be compared with thousands of others.</summary>
    internal JsonText Plain() => IsEscaped ? new(Encoding.UTF8.GetBytes(ToString()), isEscaped: false) : this;

    /// <summary>Returns the text as a string; null if it contains an unpaired surrogate or invalid UTF-8.</summary>
    internal string? TryToString()
    {
        byte[] bytes = new byte[MaxLength];
        char pending = '\0';
        int length = CopyTo(bytes, ref pending, out var flaw);
        return flaw == QuirkKind.None && pending == 0 ? Encoding.UTF8.GetString(bytes, 0, length) : null;
    }

    /// <summary>Whether the text equals the given one.</summary>
    internal bool Is(string text) =>
        Raw.Length <= 6L * text.Length
        && ((!IsEscaped && Ascii.Equals(Raw, text)) || ((IsEscaped || !Ascii.IsValid(Raw)) && ToString() == text));

    /// <summary>Whether the text equals the given one.</summary>
    public bool Is(ReadOnlySpan<byte> utf8)
    {
        if (!IsEscaped)
            return Raw.SequenceEqual(utf8);
        // An escape takes at most six times as many bytes as what it stands for.
        if (Raw.Length < utf8.Length || Raw.Length > 6L * utf8.Length)
            return false;
        Span<byte> buffer = Raw.Length <= 84 ? stackalloc byte[256] : new byte[MaxLength];
        char pending = '\0';
        int length = CopyTo(buffer, ref pending, out _);
        return pending == 0 && buffer[..length].SequenceEqual(utf8);
    }

    /// <summary>The maximum number of bytes that a text of this length becomes: an invalid UTF-8 byte becomes three bytes.</summary>
    internal static int MaxOf(int length)
    {
        long max = 3L * length + 3;
        if (max > Array.MaxLength)
        {
            throw AnswerErrors.LimitExceeded(
                LlmLimit.EventBytes,
                "A text of the answer is not valid UTF-8, and too long for an array once its invalid bytes are replaced. Lower LlmLimits.EventBytes."
            );
        }

        return (int)max;
    }

    // Copies ASCII and single-letter escapes, 16 bytes at once; stops at anything else. What is stored after an escape is overwritten.
    private static int CopySimple(ReadOnlySpan<byte> raw, Span<byte> destination, out int written)
    {
        int read = 0;
        int length = 0;
        while (true)
        {
            int plain = CopyPlain(raw[read..], destination[length..]);
            read += plain;
            length += plain;
            if (raw.Length - read < 2 || raw[read] != (byte)'\\' || raw[read + 1] == (byte)'u')
                break;
            destination[length++] = Unescaped(raw[read + 1]);
            read += 2;
        }
        written = length;
        return read;
    }

    private static int CopyPlain(ReadOnlySpan<byte> raw, Span<byte> destination)
    {
        int done = 0;
        for (; raw.Length - done >= Vector128<byte>.Count; done += Vector128<byte>.Count)
        {
            var bytes = Vector128.Create(raw[done..]);
            bytes.CopyTo(destination[done..]);
            uint mask = (bytes | Vector128.Equals(bytes, Vector128.Create((byte)'\\'))).ExtractMostSignificantBits();
            if (mask != 0)
                return done + BitOperations.TrailingZeroCount(mask);
        }
        for (; done < raw.Length && raw[done] is not (byte)'\\' and <= 0x7F; done++)
            destination[done] = raw[done];
        return done;
    }

    private static byte Unescaped(byte letter) =>
        letter switch
        {
            (byte)'n' => (byte)'\n',
            (byte)'t' => (byte)'\t',
            (byte)'r' => (byte)'\r',
            (byte)'b' => (byte)'\b',
            (byte)'f' => (byte)'\f',
            _ => letter,
        };

    private static int Unescape(ReadOnlySpan<byte> raw, Span<byte> destination, ref char pending, ref QuirkKind flaw)
    {
        int written = 0;
        while (!raw.IsEmpty)
        {
            if (pending == 0)
            {
                raw = raw[CopySimple(raw, destination[written..], out int simple)..];
                written += simple;
                if (raw.IsEmpty)
                    break;
            }
            int run = raw.IndexOf((byte)'\\');
            if (run != 0)
            {
                var plain = run < 0 ? raw : raw[..run];
                written += Release(ref pending, destination[written..], ref flaw);
                written += CopyValid(plain, destination[written..], ref flaw);
                raw = raw[plain.Length..];
                continue;
            }
            byte kind = raw[1];
            if (kind != 'u')
            {
                written += Release(ref pending, destination[written..], ref flaw);
                destination[written++] = Unescaped(kind);
                raw = raw[2..];
                continue;
            }
            System.Buffers.Text.Utf8Parser.TryParse(raw.Slice(2, 4), out int unit, out _, 'X');
            char c = (char)unit;
            raw = raw[6..];
            if (char.IsLowSurrogate(c) && pending != 0)
            {
                written += new Rune(pending, c).EncodeToUtf8(destination[written..]);
                pending = '\0';
                continue;
            }
            written += Release(ref pending, destination[written..], ref flaw);
            if (char.IsHighSurrogate(c))
            {
                pending = c;
            }
            else if (Rune.TryCreate(c, out var rune))
            {
                written += rune.EncodeToUtf8(destination[written..]);
            }
            else
            {
                flaw = QuirkKind.LoneSurrogate;
                written += Append(Replacement, destination[written..]);
            }
        }
        return written;
    }

    private static int Release(ref char pending, Span<byte> destination, ref QuirkKind flaw)
    {
        if (pending == 0)
            return 0;
        pending = '\0';
        flaw = QuirkKind.LoneSurrogate;
        return Append(Replacement, destination);
    }

    private static int CopyValid(ReadOnlySpan<byte> utf8, Span<byte> destination, ref QuirkKind flaw)
    {
        if (Utf8.IsValid(utf8))
            return Append(utf8, destination);
        flaw = QuirkKind.InvalidUtf8;
        int written = 0;
        while (!utf8.IsEmpty)
        {
            Rune.DecodeFromUtf8(utf8, out var rune, out int length);
            written += rune.EncodeToUtf8(destination[written..]);
            utf8 = utf8[length..];
        }
        return written;
    }

    private static int Append(ReadOnlySpan<byte> bytes, Span<byte> destination)
    {
        bytes.CopyTo(destination);
        return bytes.Length;
    }
}
