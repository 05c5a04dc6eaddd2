using System.Buffers.Text;

namespace RawLlm.Protocols;

/// <summary>The media types of files.</summary>
internal static class FileTypes
{
    /// <summary>The type of a file by the end of its address; null for an end that tells none.</summary>
    public static string? OfAddress(string address) => MediaType.OfAddress(address);

    /// <summary>The type of a picture or of sound by its first bytes; null where they tell none.</summary>
    /// <param name="base64">The file, or its beginning.</param>
    public static string? OfBytes(ReadOnlySpan<byte> base64)
    {
        Span<byte> room = stackalloc byte[12];
        Base64.DecodeFromUtf8(base64[..Math.Min(16, base64.Length & ~3)], room, out _, out int length);
        return MediaType.OfHead(room[..length]);
    }

    /// <summary>The type alone, as wires name and compare it: in small letters, without parameters, and of a picture by its registered name.</summary>
    /// <remarks>Source: RFC 9110, 8.3.1: types are compared without regard to case.</remarks>
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

    /// <summary>A name for a file that has none: services tell its kind by the end.</summary>
    public static string NameOf(string mediaType)
    {
        string type = Essence(mediaType);
        string kind = type[(type.IndexOf('/') + 1)..];
        return "file." + (kind == "plain" ? "txt" : kind);
    }

    /// <summary>True for a video, by its type, or by the end of its address where it has none.</summary>
    public static bool IsVideo(FilePart file) =>
        (file.MediaType ?? (file.Url is { } url ? OfAddress(url.OriginalString) : null))?.StartsWith("video/", StringComparison.OrdinalIgnoreCase) == true;

    /// <summary>True for a picture.</summary>
    public static bool IsImage(string? mediaType) => mediaType is not null && mediaType.StartsWith("image/", StringComparison.OrdinalIgnoreCase);
}
