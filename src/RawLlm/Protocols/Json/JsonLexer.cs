using System.Buffers;
using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Text;
using System.Text.Unicode;

namespace RawLlm.Protocols;

/// <summary>
/// Measures single JSON tokens at the start of some bytes, as strictly as the platform's reader. Methods return -1 if there is no such
/// token, or if the bytes end too soon.
/// </summary>
internal static class JsonLexer
{
    // What ends a run of plain bytes in a string: its quote, an escape, or a control character, which it must not contain.
    private static readonly SearchValues<byte> StringEnds = SearchValues.Create(
        "\"\\\u0000\u0001\u0002\u0003\u0004\u0005\u0006\u0007\u0008\u0009\u000A\u000B\u000C\u000D\u000E\u000F\u0010\u0011\u0012\u0013\u0014\u0015\u0016\u0017\u0018\u0019\u001A\u001B\u001C\u001D\u001E\u001F"u8
    );

    /// <summary>The length of a string's body, up to its closing quote.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int String(ReadOnlySpan<byte> json)
    {
        uint ends = EndsIn(json, out _);
        int length = BitOperations.TrailingZeroCount(ends);
        return ends != 0 && json[length] == (byte)'"' ? length : String(json, out _);
    }

    /// <summary>Whether the body of a string contains anything but plain bytes.</summary>
    public static bool IsStringEnding(ReadOnlySpan<byte> json) => json.ContainsAny(StringEnds);

    /// <summary>Returns the same, and whether there are escapes.</summary>
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

    /// <summary>Returns the same, and whether the body is known to be valid UTF-8.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int Text(ReadOnlySpan<byte> json, out bool isEscaped, out bool isValid)
    {
        int length = PlainText(json);
        isEscaped = false;
        isValid = true;
        return length >= 0 ? length : OtherText(json, out isEscaped, out isValid);
    }

    /// <summary>The length of a string's body without escapes that is valid UTF-8, up to its closing quote.</summary>
    /// <remarks>Pieces are short: most end within one vector, which shows at once where they end and whether they are ASCII.</remarks>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int PlainText(ReadOnlySpan<byte> json)
    {
        uint ends = EndsIn(json, out uint others);
        if (ends == 0)
            return LongPlainText(json);
        int length = BitOperations.TrailingZeroCount(ends);
        if (json[length] != (byte)'"')
            return -1;
        uint before = (ends & (0 - ends)) - 1;
        return (others & before) == 0 || Utf8.IsValid(json[..length]) ? length : -1;
    }

    /// <summary>Whether bytes are valid UTF-8.</summary>
    public static bool IsText(ReadOnlySpan<byte> bytes) => Ascii.IsValid(bytes) || Utf8.IsValid(bytes);

    /// <summary>The length of a number, by the grammar of RFC 8259.</summary>
    public static int Number(ReadOnlySpan<byte> json)
    {
        if (!Vector128.IsHardwareAccelerated || json.Length < Vector128<byte>.Count)
            return LongNumber(json);
        // Finds the digits in 16 bytes at once. If the end is not among them, or there is an exponent, the grammar is followed byte by
        // byte.
        uint digits = DigitsIn(Vector128.Create(json));
        int at = json[0] == (byte)'-' ? 1 : 0;
        int run = BitOperations.TrailingZeroCount(~(digits >> at));
        if (run == 0 || (run > 1 && json[at] == (byte)'0'))
            return -1;
        at += run;
        if (at < Vector128<byte>.Count && json[at] == (byte)'.')
        {
            run = BitOperations.TrailingZeroCount(~(digits >> ++at));
            at += run;
        }
        return at < Vector128<byte>.Count && run > 0 && (json[at] | 0x20) != (byte)'e' ? at : LongNumber(json);
    }

    /// <summary>Whether the bytes start with a number of this many digits, as far as one vector shows; false is inconclusive.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool StartsWithDigits(ReadOnlySpan<byte> json, int length) =>
        Vector128.IsHardwareAccelerated
        && length < Vector128<byte>.Count
        && json.Length >= Vector128<byte>.Count
        && (~DigitsIn(Vector128.Create(json)) & ((1u << length) - 1)) == 0
        && (json[0] != (byte)'0' || length == 1);

    /// <summary>The length of a non-negative integer that fits every type used for counts.</summary>
    public static int Count(ReadOnlySpan<byte> json)
    {
        const int MaxDigits = 15;
        int digits = Digits(json);
        return digits is 0 or > MaxDigits || (digits > 1 && json[0] == (byte)'0') ? -1 : digits;
    }

    /// <summary>The length of an array of numbers.</summary>
    public static int Numbers(ReadOnlySpan<byte> json)
    {
        if (json is not [(byte)'[', ..])
            return -1;
        if (Vector256.IsHardwareAccelerated && json.Length >= Vector256<byte>.Count && ShortCounts(json) is var length and > 0)
            return length;
        return LongNumbers(json);
    }

    /// <summary>The length of a run of spaces, which may be empty.</summary>
    public static int Spaces(ReadOnlySpan<byte> json)
    {
        if (json is [not (byte)' ', ..])
            return 0;
        int length = json.IndexOfAnyExcept((byte)' ');
        return length < 0 ? json.Length : length;
    }

    // Which of the first bytes end a run of plain bytes in a string, and which are not ASCII; none if there are too few bytes to look at.
    // The minimum of a byte and 1F is the byte itself if that is a control character. (A less-than comparison is slower: with AVX-512 it
    // goes through masks.)
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static uint EndsIn(ReadOnlySpan<byte> json, out uint others)
    {
        if (Vector256.IsHardwareAccelerated && json.Length >= Vector256<byte>.Count)
        {
            var bytes = Vector256.Create(json);
            others = bytes.ExtractMostSignificantBits();
            return (
                Vector256.Equals(bytes, Vector256.Create((byte)'"'))
                | Vector256.Equals(bytes, Vector256.Create((byte)'\\'))
                | Vector256.Equals(bytes, Vector256.Min(bytes, Vector256.Create((byte)0x1F)))
            ).ExtractMostSignificantBits();
        }
        if (Vector128.IsHardwareAccelerated && json.Length >= Vector128<byte>.Count)
        {
            var bytes = Vector128.Create(json);
            others = bytes.ExtractMostSignificantBits();
            return (
                Vector128.Equals(bytes, Vector128.Create((byte)'"'))
                | Vector128.Equals(bytes, Vector128.Create((byte)'\\'))
                | Vector128.Equals(bytes, Vector128.Min(bytes, Vector128.Create((byte)0x1F)))
            ).ExtractMostSignificantBits();
        }
        others = 0;
        return 0;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static uint DigitsIn(Vector128<byte> bytes) =>
        Vector128.LessThan(bytes - Vector128.Create((byte)'0'), Vector128.Create((byte)10)).ExtractMostSignificantBits();

    private static int LongPlainText(ReadOnlySpan<byte> json)
    {
        int length = json.IndexOfAny(StringEnds);
        return length >= 0 && json[length] == (byte)'"' && IsText(json[..length]) ? length : -1;
    }

    private static int OtherText(ReadOnlySpan<byte> json, out bool isEscaped, out bool isValid)
    {
        isValid = false;
        return String(json, out isEscaped);
    }

    // An array of integers without spaces that ends within one vector, like the bytes of a token; zero for any other array.
    private static int ShortCounts(ReadOnlySpan<byte> json)
    {
        var bytes = Vector256.Create(json);
        uint digits = Vector256.LessThan(bytes - Vector256.Create((byte)'0'), Vector256.Create((byte)10)).ExtractMostSignificantBits();
        uint end = Vector256.Equals(bytes, Vector256.Create((byte)']')).ExtractMostSignificantBits();
        uint zeros = Vector256.Equals(bytes, Vector256.Create((byte)'0')).ExtractMostSignificantBits();
        // Between the brackets.
        uint inside = ((end & (0 - end)) - 1) & ~1u;
        uint commas = inside & ~digits;
        uint firstDigits = digits & ~(digits << 1);
        bool isArray =
            end != 0
            && inside != 0
            && (Vector256.Equals(bytes, Vector256.Create((byte)',')).ExtractMostSignificantBits() & inside) == commas
            && (commas & ~(digits << 1)) == 0
            && (commas & ~(digits >> 1)) == 0
            && (zeros & firstDigits & (digits >> 1) & inside) == 0;
        return isArray ? BitOperations.TrailingZeroCount(end) + 1 : 0;
    }

    private static int LongNumber(ReadOnlySpan<byte> json)
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

    private static int LongNumbers(ReadOnlySpan<byte> json)
    {
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
