using System.Text;

namespace RawLlm.Protocols;

/// <summary>Reads the one thing that is reported about a web page that arrived instead of an answer: its title.</summary>
internal static class WebPage
{
    private const int TitleCharacters = 120;
    private const int LongestTitle = 4096;

    /// <summary>Whether a body, after leading white space, begins like markup.</summary>
    public static bool Is(ReadOnlySpan<byte> body) => Trim(body) is [(byte)'<', ..];

    /// <summary>Returns the page's title, made safe for a message; null if it has none.</summary>
    public static string? Title(ReadOnlySpan<byte> body)
    {
        int start = IndexOfTag(body, "<title"u8);
        if (start < 0)
            return null;
        body = body[start..];
        int open = body.IndexOf((byte)'>');
        if (open < 0)
            return null;
        body = body[(open + 1)..];
        int end = body.IndexOf((byte)'<');
        body = body[..Math.Min(end < 0 ? body.Length : end, LongestTitle)];
        string title = TextSanitizer.Clean(Encoding.UTF8.GetString(body), TitleCharacters);
        return title.Length > 0 ? title : null;
    }

    /// <summary>Returns a body without its byte order mark and surrounding white space.</summary>
    public static ReadOnlySpan<byte> Trim(ReadOnlySpan<byte> body)
    {
        if (body.StartsWith("\uFEFF"u8))
            body = body[3..];
        return body.Trim(" \t\r\n"u8);
    }

    private static int IndexOfTag(ReadOnlySpan<byte> body, ReadOnlySpan<byte> tag)
    {
        for (int i = 0; i + tag.Length <= body.Length; i++)
        {
            int next = body[i..].IndexOf((byte)'<');
            if (next < 0)
                return -1;
            i += next;
            if (i + tag.Length <= body.Length && Ascii.EqualsIgnoreCase(body.Slice(i, tag.Length), tag))
                return i;
        }
        return -1;
    }
}
