using System.Buffers.Text;

namespace RawLlm.Protocols;

/// <summary>The media types of files.</summary>
internal static class FileTypes
{
    /// <summary>Returns the media type according to the end of a URL; null if the end does not show it.</summary>
    public static string? OfAddress(string address) => MediaType.OfAddress(address);

    /// <summary>Returns the media type of an image or of audio according to its first bytes; null if they do not show it.</summary>
    /// <param name="base64">The file, or its beginning, in base64.</param>
    public static string? OfBytes(ReadOnlySpan<byte> base64)
    {
        Span<byte> room = stackalloc byte[12];
        Base64.DecodeFromUtf8(base64[..Math.Min(16, base64.Length & ~3)], room, out _, out int length);
        return MediaType.OfHead(room[..length]);
    }

    /// <summary>
    /// Returns the media type as wires name and compare it: in lower case, without parameters, and for images by its registered name.
    /// </summary>
    /// <remarks>Source: RFC 9110, 8.3.1: media types are case-insensitive.</remarks>
    public static string Essence(string mediaType)
    {
        var kind = mediaType.AsSpan();
        int end = kind.IndexOf(';');
        if (end >= 0)
            kind = kind[..end].TrimEnd();
        if (kind.Equals("image/jpg", StringComparison.OrdinalIgnoreCase))
            return "image/jpeg";
        return kind.Length == mediaType.Length && !kind.ContainsAnyInRange('A', 'Z') ? mediaType : kind.ToString().ToLowerInvariant();
    }

    /// <summary>Returns a name for a file without one: services infer the kind of file from the extension.</summary>
    public static string NameOf(string mediaType)
    {
        string type = Essence(mediaType);
        string kind = type[(type.IndexOf('/') + 1)..];
        return "file." + (kind == "plain" ? "txt" : kind);
    }

    /// <summary>Whether the file is a video, by its media type, or, if it has none, by the end of its URL.</summary>
    public static bool IsVideo(FilePart file) =>
        (file.MediaType ?? (file.Url is { } url ? OfAddress(url.OriginalString) : null))?.StartsWith(
            "video/",
            StringComparison.OrdinalIgnoreCase
        ) == true;

    /// <summary>Whether the media type is that of an image.</summary>
    public static bool IsImage(string? mediaType) =>
        mediaType is not null && mediaType.StartsWith("image/", StringComparison.OrdinalIgnoreCase);
}
