namespace RawLlm;

/// <summary>The form of a media type, checked before it reaches a request.</summary>
internal static class MediaType
{
    private const string Blanks = " \t";

    public static string Check(string mediaType, string prefix)
    {
        ArgumentNullException.ThrowIfNull(mediaType);
        return IsValid(mediaType, prefix) ? mediaType : throw new ArgumentException($"A media type such as {(prefix.Length > 0 ? prefix + "png" : "application/pdf")} is needed.", nameof(mediaType));
    }

    /// <summary>Whether it has the form, with parameters behind it or without (<c>audio/L16;codec=pcm;rate=24000</c>, Gemini).</summary>
    /// <remarks>Source: RFC 9110, 5.6.6 and 8.3.1; the names as RFC 6838, 4.2, restricts them. A parameter without a value is let through, and so are blanks around the sign behind its name.</remarks>
    public static bool IsValid(ReadOnlySpan<char> mediaType, ReadOnlySpan<char> prefix)
    {
        int end = mediaType.IndexOf(';');
        var kind = end < 0 ? mediaType : mediaType[..end].TrimEnd(Blanks);
        int slash = kind.IndexOf('/');
        bool valid = slash > 0 && slash < kind.Length - 1 && kind.StartsWith(prefix, StringComparison.OrdinalIgnoreCase);
        foreach (char c in kind)
            valid &= IsOfName(c) || c == '/';
        return valid && (end < 0 || AreParameters(mediaType[end..]));
    }

    private static bool AreParameters(ReadOnlySpan<char> rest)
    {
        while (!rest.IsEmpty)
        {
            if (rest[0] != ';')
                return false;
            rest = rest[1..].TrimStart(Blanks);
            rest = rest[TokenLength(rest)..].TrimStart(Blanks);
            if (rest.StartsWith('='))
            {
                rest = rest[1..].TrimStart(Blanks);
                int length = rest.StartsWith('"') ? QuotedLength(rest) : TokenLength(rest);
                if (length < 0)
                    return false;
                rest = rest[length..];
            }
            rest = rest.TrimStart(Blanks);
        }
        return true;
    }

    private static int TokenLength(ReadOnlySpan<char> text)
    {
        int length = 0;
        while (length < text.Length && (IsOfName(text[length]) || text[length] is '%' or '\'' or '*' or '`' or '|' or '~'))
            length++;
        return length;
    }

    // With both quotation marks; negative where it has no end, or holds a control character.
    private static int QuotedLength(ReadOnlySpan<char> text)
    {
        for (int i = 1; i < text.Length; i++)
        {
            if (text[i] == '"')
                return i + 1;
            if (text[i] == '\\')
                i++;
            if (i < text.Length && char.IsControl(text[i]) && text[i] != '\t')
                return -1;
        }
        return -1;
    }

    private static bool IsOfName(char c) => char.IsAsciiLetterOrDigit(c) || c is '.' or '+' or '-' or '_' or '!' or '#' or '$' or '&' or '^';
}
