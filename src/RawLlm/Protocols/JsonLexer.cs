using System.Buffers;

namespace RawLlm.Protocols;

/// <summary>Measures single JSON tokens at the start of some bytes, as strictly as the platform's reader; -1 where there is none, or where the bytes end too soon.</summary>
internal static class JsonLexer
{
    // What ends a run of plain bytes in a string: its quote, an escape, and the control characters that it may not hold.
    private static readonly SearchValues<byte> StringEnds = SearchValues.Create(
        "\"\\\u0000\u0001\u0002\u0003\u0004\u0005\u0006\u0007\u0008\u0009\u000A\u000B\u000C\u000D\u000E\u000F\u0010\u0011\u0012\u0013\u0014\u0015\u0016\u0017\u0018\u0019\u001A\u001B\u001C\u001D\u001E\u001F"u8);

    /// <summary>The body of a string, as far as the quote that ends it.</summary>
    public static int String(ReadOnlySpan<byte> json, out bool isEscaped)
    {
        isEscaped = false;
        int length = json.IndexOfAny(StringEnds);
        if (length < 0)
            return -1;
        if (json[length] == (byte)'"')
            return length;
        isEscaped = true;
        return EscapedString(json, length);
    }

    /// <summary>A number by the grammar of RFC 8259.</summary>
    public static int Number(ReadOnlySpan<byte> json)
    {
        int at = json is [(byte)'-', ..] ? 1 : 0;
        int digits = Digits(json[at..]);
        if (digits == 0 || (digits > 1 && json[at] == (byte)'0'))
            return -1;
        at += digits;
        if (at < json.Length && json[at] == (byte)'.')
        {
            digits = Digits(json[++at..]);
            if (digits == 0)
                return -1;
            at += digits;
        }
        if (at < json.Length && json[at] is (byte)'e' or (byte)'E')
        {
            if (++at < json.Length && json[at] is (byte)'+' or (byte)'-')
                at++;
            digits = Digits(json[Math.Min(at, json.Length)..]);
            if (digits == 0)
                return -1;
            at += digits;
        }
        return at;
    }

    /// <summary>A whole number that is not negative and fits every type that counts are kept in.</summary>
    public static int Count(ReadOnlySpan<byte> json)
    {
        const int Most = 15;
        int digits = Digits(json);
        return digits is 0 or > Most || (digits > 1 && json[0] == (byte)'0') ? -1 : digits;
    }

    /// <summary>An array of numbers.</summary>
    public static int Numbers(ReadOnlySpan<byte> json)
    {
        if (json is not [(byte)'[', ..])
            return -1;
        int at = 1 + Spaces(json[1..]);
        if (at < json.Length && json[at] == (byte)']')
            return at + 1;
        while (at < json.Length)
        {
            int length = Number(json[at..]);
            if (length < 0)
                return -1;
            at += length;
            at += Spaces(json[at..]);
            if (at == json.Length)
                return -1;
            if (json[at] == (byte)']')
                return at + 1;
            if (json[at++] != (byte)',')
                return -1;
            at += Spaces(json[at..]);
        }
        return -1;
    }

    /// <summary>A run of spaces, which may be empty.</summary>
    public static int Spaces(ReadOnlySpan<byte> json)
    {
        if (json is [not (byte)' ', ..])
            return 0;
        int length = json.IndexOfAnyExcept((byte)' ');
        return length < 0 ? json.Length : length;
    }

    private static int EscapedString(ReadOnlySpan<byte> json, int at)
    {
        while (true)
        {
            if (json[at] == (byte)'"')
                return at;
            if (json[at] != (byte)'\\' || at + 1 >= json.Length)
                return -1;
            switch (json[at + 1])
            {
                case (byte)'u':
                    if (json.Length - at < 6 || !IsHex(json.Slice(at + 2, 4)))
                        return -1;
                    at += 6;
                    break;
                case (byte)'"' or (byte)'\\' or (byte)'/' or (byte)'b' or (byte)'f' or (byte)'n' or (byte)'r' or (byte)'t':
                    at += 2;
                    break;
                default:
                    return -1;
            }
            int run = json[at..].IndexOfAny(StringEnds);
            if (run < 0)
                return -1;
            at += run;
        }
    }

    private static bool IsHex(ReadOnlySpan<byte> digits)
    {
        foreach (byte digit in digits)
        {
            if (!char.IsAsciiHexDigit((char)digit))
                return false;
        }
        return true;
    }

    private static int Digits(ReadOnlySpan<byte> json)
    {
        int at = 0;
        while (at < json.Length && (uint)(json[at] - '0') <= 9)
            at++;
        return at;
    }
}
