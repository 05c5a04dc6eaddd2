using System.Numerics;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace RawLlm.Protocols;

/// <summary>Makes the inside of a JSON string of text: escapes what JSON demands and encodes the rest as UTF-8, in one pass.</summary>
/// <remarks>
/// Sixteen characters are narrowed, looked over and stored at once; what was stored behind a character that needs more is written over.
/// So an escape costs little more than the look that finds it, which matters for code and for JSON inside of JSON.
/// </remarks>
internal static class JsonEscaping
{
    /// <summary>The most bytes that one character becomes, and room for the store that reaches over the end.</summary>
    public const int MostPerCharacter = 6;
    public const int Slack = 16;

    private const int Width = 16;
    private const int LeastToEscapeAlone = 0x20;

    // What stands behind the backslash; 'u' for what has no letter.
    private static ReadOnlySpan<byte> Letters => "uuuuuuuubtnufruuuuuuuuuuuuuuuuuu"u8;

    /// <summary>Writes a text.</summary>
    /// <param name="text">The text.</param>
    /// <param name="destination">At least <see cref="MostPerCharacter"/> bytes for each character, and <see cref="Slack"/>.</param>
    /// <param name="isWhole">False when half of a surrogate pair became U+FFFD.</param>
    /// <returns>How many bytes were written.</returns>
    public static int Write(ReadOnlySpan<char> text, Span<byte> destination, out bool isWhole)
    {
        isWhole = true;
        int read = 0;
        int written = 0;
        while (true)
        {
            int plain = CopyPlain(text[read..], destination[written..]);
            read += plain;
            written += plain;
            if (read == text.Length)
                return written;
            char c = text[read];
            if (c < 0x80)
            {
                read++;
                written += Escape((byte)c, destination[written..]);
            }
            else
            {
                read += Encode(text[read..], destination[written..], ref written, ref isWhole);
            }
        }
    }

    // Stops at the first character that is not ASCII or must be escaped.
    private static int CopyPlain(ReadOnlySpan<char> text, Span<byte> destination)
    {
        int done = 0;
        var units = MemoryMarshal.Cast<char, ushort>(text);
        for (; units.Length - done >= Width; done += Width)
        {
            var first = Vector128.Create(units[done..]);
            var second = Vector128.Create(units[(done + Vector128<ushort>.Count)..]);
            var bytes = Vector128.Narrow(first, second);
            bytes.CopyTo(destination[done..]);
            var special = Vector128.LessThan(bytes, Vector128.Create((byte)LeastToEscapeAlone))
                | Vector128.Equals(bytes, Vector128.Create((byte)'"'))
                | Vector128.Equals(bytes, Vector128.Create((byte)'\\'));
            if (((first | second) & Vector128.Create((ushort)0xFF80)) != Vector128<ushort>.Zero)
                break;
            uint mask = special.ExtractMostSignificantBits();
            if (mask != 0)
                return done + BitOperations.TrailingZeroCount(mask);
        }
        for (; done < text.Length; done++)
        {
            char c = text[done];
            if (c is < (char)LeastToEscapeAlone or '"' or '\\' or > (char)0x7F)
                return done;
            destination[done] = (byte)c;
        }
        return done;
    }

    private static int Escape(byte c, Span<byte> destination)
    {
        destination[0] = (byte)'\\';
        byte letter = c < LeastToEscapeAlone ? Letters[c] : c;
        destination[1] = letter;
        if (letter != 'u')
            return 2;
        destination[2] = (byte)'0';
        destination[3] = (byte)'0';
        destination[4] = (byte)(c >= 0x10 ? '1' : '0');
        destination[5] = "0123456789abcdef"u8[c & 0xF];
        return 6;
    }

    // A run of characters beyond ASCII, as a language that is not written in Latin letters has them.
    private static int Encode(ReadOnlySpan<char> text, Span<byte> destination, ref int written, ref bool isWhole)
    {
        int read = 0;
        int length = 0;
        while (read < text.Length && text[read] is > (char)0x7F and var c)
        {
            read++;
            if (c < 0x800)
            {
                destination[length++] = (byte)(0xC0 | (c >> 6));
                destination[length++] = (byte)(0x80 | (c & 0x3F));
                continue;
            }
            if (!char.IsSurrogate(c))
            {
                destination[length++] = (byte)(0xE0 | (c >> 12));
                destination[length++] = (byte)(0x80 | ((c >> 6) & 0x3F));
                destination[length++] = (byte)(0x80 | (c & 0x3F));
                continue;
            }
            if (char.IsHighSurrogate(c) && read < text.Length && char.IsLowSurrogate(text[read]))
            {
                length += new System.Text.Rune(c, text[read++]).EncodeToUtf8(destination[length..]);
                continue;
            }
            isWhole = false;
            "\uFFFD"u8.CopyTo(destination[length..]);
            length += 3;
        }
        written += length;
        return read;
    }
}
