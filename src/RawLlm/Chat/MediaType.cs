namespace RawLlm;

/// <summary>The form of a media type, checked before it reaches a request.</summary>
internal static class MediaType
{
    public static string Check(string mediaType, string prefix)
    {
        ArgumentNullException.ThrowIfNull(mediaType);
        int slash = mediaType.IndexOf('/');
        bool valid = slash > 0 && slash < mediaType.Length - 1 && mediaType.StartsWith(prefix, StringComparison.OrdinalIgnoreCase);
        foreach (char c in mediaType)
            valid &= char.IsAsciiLetterOrDigit(c) || c is '/' or '.' or '+' or '-' or '_';
        return valid ? mediaType : throw new ArgumentException($"A media type such as {(prefix.Length > 0 ? prefix + "png" : "application/pdf")} is needed.", nameof(mediaType));
    }
}
