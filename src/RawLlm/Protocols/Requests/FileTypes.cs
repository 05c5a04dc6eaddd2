using System.Buffers.Text;

namespace RawLlm.Protocols;

/// <summary>The media types of files.</summary>
internal static class FileTypes
{
    /// <summary>The type of a file by the end of its name or address; null for an end that tells none.</summary>
    public static string? OfName(string name)
    {
        var path = name.AsSpan();
        int end = path.IndexOfAny('?', '#');
        if (end >= 0)
            path = path[..end];
        path = path[(path.LastIndexOf('/') + 1)..];
        int dot = path.LastIndexOf('.');
        return dot < 0 ? null : path[(dot + 1)..].ToString().ToLowerInvariant() switch
        {
            "png" => "image/png",
            "jpg" or "jpeg" => "image/jpeg",
            "gif" => "image/gif",
            "webp" => "image/webp",
            "heic" => "image/heic",
            "heif" => "image/heif",
            "pdf" => "application/pdf",
            "txt" => "text/plain",
            "md" => "text/markdown",
            "csv" => "text/csv",
            "html" => "text/html",
            "mp4" => "video/mp4",
            "mov" => "video/quicktime",
            "mpeg" or "mpg" => "video/mpeg",
            "webm" => "video/webm",
            "wmv" => "video/x-ms-wmv",
            "flv" => "video/x-flv",
            "3gp" => "video/3gpp",
            "mp3" => "audio/mpeg",
            "wav" => "audio/wav",
            "flac" => "audio/flac",
            "ogg" => "audio/ogg",
            "aac" => "audio/aac",
            "m4a" => "audio/mp4",
            "opus" => "audio/opus",
            _ => null,
        };
    }

    /// <summary>The type of a picture or of sound by its first bytes; null where they tell none.</summary>
    /// <param name="base64">The file, or its beginning.</param>
    public static string? OfBytes(ReadOnlySpan<byte> base64)
    {
        Span<byte> room = stackalloc byte[12];
        Base64.DecodeFromUtf8(base64[..Math.Min(16, base64.Length & ~3)], room, out _, out int length);
        ReadOnlySpan<byte> head = room[..length];
        bool isRiff = head.Length == 12 && head.StartsWith("RIFF"u8);
        return head switch
        {
            [0x89, (byte)'P', (byte)'N', (byte)'G', ..] => "image/png",
            [0xFF, 0xD8, 0xFF, ..] => "image/jpeg",
            [(byte)'G', (byte)'I', (byte)'F', (byte)'8', ..] => "image/gif",
            _ when isRiff && head.EndsWith("WEBP"u8) => "image/webp",
            _ when isRiff && head.EndsWith("WAVE"u8) => "audio/wav",
            [(byte)'I', (byte)'D', (byte)'3', ..] => "audio/mpeg",
            [(byte)'f', (byte)'L', (byte)'a', (byte)'C', ..] => "audio/flac",
            [(byte)'O', (byte)'g', (byte)'g', (byte)'S', ..] => "audio/ogg",
            // The first frame, where nothing stands before it.
            [0xFF, 0xFB or 0xFA or 0xF3 or 0xF2, > 0x0F and < 0xF0, ..] => "audio/mpeg",
            [0xFF, 0xF1 or 0xF9, ..] => "audio/aac",
            _ => null,
        };
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
        (file.MediaType ?? (file.Url is { } url ? OfName(url.OriginalString) : null))?.StartsWith("video/", StringComparison.OrdinalIgnoreCase) == true;

    /// <summary>True for a picture.</summary>
    public static bool IsImage(string? mediaType) => mediaType is not null && mediaType.StartsWith("image/", StringComparison.OrdinalIgnoreCase);
}
