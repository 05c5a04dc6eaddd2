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

    /// <summary>A name for a file that has none: services tell its kind by the end.</summary>
    public static string NameOf(string mediaType)
    {
        string kind = mediaType[(mediaType.IndexOf('/') + 1)..].ToLowerInvariant();
        return "file." + (kind == "plain" ? "txt" : kind);
    }

    /// <summary>True for a picture.</summary>
    public static bool IsImage(string? mediaType) => mediaType is not null && mediaType.StartsWith("image/", StringComparison.OrdinalIgnoreCase);
}
