namespace RawLlm;

/// <summary>The form of a media type, checked before it reaches a request.</summary>
internal static class MediaType
{
    public static string Check(string mediaType, string prefix)
    {
        ArgumentNullException.ThrowIfNull(mediaType);
        return IsValid(mediaType, prefix) ? mediaType : throw new ArgumentException($"A media type such as {(prefix.Length > 0 ? prefix + "png" : "application/pdf")} is needed.", nameof(mediaType));
    }

    /// <summary>Whether it has the form, with parameters behind it or without (<c>audio/L16;codec=pcm;rate=24000</c>, Gemini).</summary>
    public static bool IsValid(ReadOnlySpan<char> mediaType, ReadOnlySpan<char> prefix)
    {
        int end = mediaType.IndexOf(';');
        var kind = end < 0 ? mediaType : mediaType[..end];
        int slash = kind.IndexOf('/');
        bool valid = slash > 0 && slash < kind.Length - 1 && kind.StartsWith(prefix, StringComparison.OrdinalIgnoreCase);
        foreach (char c in kind)
            valid &= IsOfToken(c) || c == '/';
        foreach (char c in mediaType[kind.Length..])
            valid &= IsOfToken(c) || c is ';' or '=' or ' ';
        return valid;
    }

    private static bool IsOfToken(char c) => char.IsAsciiLetterOrDigit(c) || c is '.' or '+' or '-' or '_';
}
