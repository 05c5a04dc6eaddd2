namespace RawLlm.Protocols;

/// <summary>Joins a base URL and a wire's path, whatever slashes and versions the base comes with.</summary>
internal static class UrlPath
{
    /// <summary>Joins.</summary>
    /// <param name="baseUrl">As the user wrote it: with or without a slash, with or without the version, or with the wire's whole path.</param>
    /// <param name="root">What a base without any path lacks, such as <c>v1</c>; may be empty.</param>
    /// <param name="path">The wire's own path, such as <c>chat/completions</c>; its segments are already encoded.</param>
    public static Uri Join(Uri baseUrl, string root, string path)
    {
        string text = baseUrl.GetLeftPart(UriPartial.Path).TrimEnd('/');
        if (text.EndsWith("/" + path, StringComparison.Ordinal))
            return new Uri(text);
        bool isBare = baseUrl.AbsolutePath is "/" or "";
        return new Uri(isBare && root.Length > 0 ? $"{text}/{root}/{path}" : $"{text}/{path}");
    }
}
