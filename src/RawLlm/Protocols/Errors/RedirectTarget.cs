namespace RawLlm.Protocols;

/// <summary>Where a redirect leads, compared with what was requested.</summary>
/// <param name="Text">The place, as the end of a sentence. Contains only scheme, host and port: the rest of the URL may be
/// confidential.</param>
/// <param name="IsOnlyMoreSecure">Whether it leads from plain HTTP to HTTPS at the same host.</param>
internal readonly record struct RedirectTarget(string Text, bool IsOnlyMoreSecure = false)
{
    private const int OriginCharacters = 200;

    /// <summary>Reads the header <c>Location</c>.</summary>
    /// <param name="location">The header's value: a URL, or a reference relative to the requested URL.</param>
    /// <param name="asked">The requested URL; null if it is not known.</param>
    public static RedirectTarget Of(string location, Uri? asked)
    {
        // The platform would read a reference that begins with a slash as the name of a file.
        if (location is ['/' or '\\', '/' or '\\', ..])
            location = $"{asked?.Scheme ?? Uri.UriSchemeHttps}://{location.AsSpan(2)}";
        else if (location.AsSpan().IndexOfAny(":/?#") is var end && (end < 0 || location[end] != ':'))
            return new("elsewhere on the same host");
        if (!Uri.TryCreate(location, UriKind.Absolute, out var url) || url.Scheme is not ("http" or "https") || url.Host.Length == 0)
            return new("to something that is not an HTTP address");
        string origin = TextSanitizer.Clean(url.GetComponents(UriComponents.SchemeAndServer, UriFormat.UriEscaped), OriginCharacters);
        if (asked is null)
            return new($"to {origin}");
        if (!url.IdnHost.Equals(asked.IdnHost, StringComparison.OrdinalIgnoreCase))
            return new($"to another host, {origin}");
        if (url.Scheme != asked.Scheme)
        {
            bool isSecure = url.Scheme == Uri.UriSchemeHttps;
            return new($"to {(isSecure ? "HTTPS" : "plain HTTP")} on the same host, {origin}", isSecure);
        }
        return new(url.Port != asked.Port ? $"to another port of the same host, {origin}" : "elsewhere on the same host");
    }
}
