using System.Buffers;
using System.Text;

namespace RawLlm;

/// <summary>Reads escapes and characters of a JSON string that may still be incomplete.</summary>
internal static class ArrivingText
{
    /// <summary>The maximum number of bytes of a character.</summary>
    public const int LongestCharacter = 4;

    private const int EscapeLength = 6;

    /// <summary>Reads the escape, or the two escapes of a surrogate pair, at the start of some bytes.</summary>
    /// <param name="bytes">What has arrived, starting with the backslash.</param>
    /// <param name="character">The character that it stands for.</param>
    /// <param name="length">
    /// The length of the escape in bytes. If there is none: the position of the error, or the length of <paramref name="bytes"/> if more
    /// may arrive.
    /// </param>
    /// <returns>False if the escape is incomplete or wrong.</returns>
    public static bool TryUnescape(ReadOnlySpan<byte> bytes, out Rune character, out int length)
    {
        character = default;
        length = bytes.Length;
        if (bytes.Length < 2)
            return false;
        if (bytes[1] != 'u')
        {
            int at = "\"\\/bfnrt"u8.IndexOf(bytes[1]);
            length = at < 0 ? 1 : 2;
            if (at >= 0)
                character = new Rune("\"\\/\b\f\n\r\t"u8[at]);
            return at >= 0;
        }
        int unit = 0;
        for (int i = 2; i < EscapeLength; i++)
        {
            if (i == bytes.Length)
                return false;
            if (!char.IsAsciiHexDigit((char)bytes[i]))
            {
                length = i;
                return false;
            }
            unit = (unit << 4) | HexValue(bytes[i]);
        }
        int read = EscapeLength;
        if (char.IsHighSurrogate((char)unit) && MayBeLowSurrogate(bytes[EscapeLength..]))
        {
            if (bytes.Length < 2 * EscapeLength)
                return false;
            int low = 0;
            for (int i = EscapeLength + 2; i < 2 * EscapeLength; i++)
                low = (low << 4) | HexValue(bytes[i]);
            unit = char.ConvertToUtf32((char)unit, (char)low);
            read = 2 * EscapeLength;
        }
        // A lone half of a surrogate pair is not a character.
        character = Rune.IsValid(unit) ? new Rune(unit) : Rune.ReplacementChar;
        length = read;
        return true;
    }

    /// <summary>Returns how many bytes at the end start a character whose other bytes may still arrive.</summary>
    public static int BegunCharacter(ReadOnlySpan<byte> bytes)
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

    /// <summary>Returns how many bytes at the start are whole characters.</summary>
    public static int ValidLength(ReadOnlySpan<byte> bytes)
    {
        int length = 0;
        while (Rune.DecodeFromUtf8(bytes[length..], out _, out int consumed) == OperationStatus.Done)
            length += consumed;
        return length;
    }

    // Whether the second half of a surrogate pair follows, as far as the bytes go.
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
}
