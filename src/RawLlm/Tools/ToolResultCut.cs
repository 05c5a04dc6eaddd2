using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Json;

namespace RawLlm;

/// <summary>Cuts the text of a result that is longer than the model may receive, and tells the model so.</summary>
internal static class ToolResultCut
{
    /// <summary>Returns the text; if it is longer, its beginning and a note with both lengths.</summary>
    /// <param name="text">The text.</param>
    /// <param name="most">The maximum number of UTF-16 code units before the note; at least 1.</param>
    public static string Of(string text, int most) => text.Length <= most ? text : Cut(text, most, most, text.Length);

    /// <summary>Returns the content; if its text is longer, only the beginning of the text, with a note. Other parts stay.</summary>
    /// <param name="content">The content of a result.</param>
    /// <param name="most">The maximum number of UTF-16 code units of all text before the note; at least 1.</param>
    /// <param name="whole">The length of all text, if it was cut.</param>
    public static IReadOnlyList<Part> Of(IReadOnlyList<Part> content, int most, out long? whole)
    {
        whole = null;
        long length = 0;
        foreach (var part in content)
            length += (part as TextPart)?.Text?.Length ?? 0;
        if (length <= most)
            return content;
        whole = length;
        var kept = new List<Part>(content.Count);
        int rest = most;
        bool isCut = false;
        foreach (var part in content)
        {
            if (part is not TextPart { Text: { } text })
                kept.Add(part);
            else if (!isCut && text.Length <= rest)
            {
                kept.Add(part);
                rest -= text.Length;
            }
            else if (!isCut)
            {
                // The wire's own form of the part contains the whole text.
                kept.Add(((TextPart)part) with { Text = Cut(text, rest, most, length), WireData = null });
                isCut = true;
            }
        }
        return kept;
    }

    private static string Cut(string text, int rest, int most, long whole)
    {
        string start = rest == 0 ? "" : TextCut.Of(text, rest);
        // With the part of a surrogate pair that is left out, the model sees one character less than allowed.
        long shown = most - (rest - start.Length);
        string note = string.Create(
            CultureInfo.InvariantCulture,
            $"[Truncated: only the first {shown:N0} of {whole:N0} characters are shown.{(IsJson(start) ? " The JSON is incomplete." : "")}]"
        );
        return start.Length == 0 ? note : $"{start}\n\n{note}";
    }

    // Whether a text is the beginning of an object or array, without its end.
    private static bool IsJson(string start)
    {
        if (start.AsSpan().TrimStart() is not ['{' or '[', ..])
            return false;
        byte[] utf8 = ArrayPool<byte>.Shared.Rent(Encoding.UTF8.GetMaxByteCount(start.Length));
        try
        {
            int length = Encoding.UTF8.GetBytes(start, utf8);
            var reader = new Utf8JsonReader(utf8.AsSpan(0, length), isFinalBlock: false, default);
            while (reader.Read()) { }
            return reader.TokenType != JsonTokenType.None
                && (reader.CurrentDepth > 0 || reader.TokenType is not (JsonTokenType.EndObject or JsonTokenType.EndArray));
        }
        catch (JsonException)
        {
            return false;
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(utf8);
        }
    }
}
