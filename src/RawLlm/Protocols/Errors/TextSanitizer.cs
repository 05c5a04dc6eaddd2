using System.Globalization;
using System.Text;

namespace RawLlm.Protocols;

/// <summary>Makes text from a service safe for a message, a log or a terminal.</summary>
internal static class TextSanitizer
{
    /// <summary>
    /// Collapses white space, shows characters that act instead of printing (controls, bidirectional marks, zero-width characters, unpaired
    /// surrogates) as escapes, and cuts text that is too long, never inside a surrogate pair or an escape.
    /// </summary>
    /// <param name="text">The text; null returns an empty string.</param>
    /// <param name="limit">The maximum number of characters of the result, including its ellipsis.</param>
    public static string Clean(ReadOnlySpan<char> text, int limit)
    {
        // One character more than fits is enough to know that the text does not fit; the longest escape has 10 characters.
        var clean = new StringBuilder(Math.Min(text.Length, limit));
        int cut = 0;
        bool isSpace = false;
        for (int i = 0; i < text.Length; )
        {
            bool isWhole = Rune.DecodeFromUtf16(text[i..], out var rune, out int length) == System.Buffers.OperationStatus.Done;
            var piece = text.Slice(i, length);
            i += length;
            if (isWhole && Rune.IsWhiteSpace(rune))
            {
                isSpace = clean.Length > 0;
                continue;
            }
            if (isSpace)
                clean.Append(' ');
            isSpace = false;
            if (!isWhole)
                clean.Append(CultureInfo.InvariantCulture, $"\\u{(int)piece[0]:X4}");
            else if (!ActsInsteadOfPrinting(rune))
                clean.Append(piece);
            else if (rune.IsBmp)
                clean.Append(CultureInfo.InvariantCulture, $"\\u{rune.Value:X4}");
            else
                clean.Append(CultureInfo.InvariantCulture, $"\\U{rune.Value:X8}");
            if (clean.Length > limit)
                return clean.ToString(0, cut) + (limit > 0 ? "…" : "");
            if (clean.Length < limit)
                cut = clean.Length;
        }
        return clean.ToString();
    }

    private static bool ActsInsteadOfPrinting(Rune rune) =>
        Rune.GetUnicodeCategory(rune)
            is UnicodeCategory.Control
                or UnicodeCategory.Format
                or UnicodeCategory.LineSeparator
                or UnicodeCategory.ParagraphSeparator
                or UnicodeCategory.PrivateUse
                or UnicodeCategory.OtherNotAssigned;
}
