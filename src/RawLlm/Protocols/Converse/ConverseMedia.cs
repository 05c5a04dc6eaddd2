namespace RawLlm.Protocols;

/// <summary>The kinds of content blocks for files, and the wire's words for their formats.</summary>
/// <remarks>Source: docs.aws.amazon.com/bedrock/latest/APIReference, ImageBlock, DocumentBlock, VideoBlock, AudioBlock (2026).</remarks>
internal readonly record struct ConverseMedia(string Block, string Format)
{
    /// <summary>Returns the block and format of a media type; null for a type that the wire cannot carry.</summary>
    public static ConverseMedia? OfType(string mediaType) =>
        FileTypes.Essence(mediaType) switch
        {
            "image/png" => new("image", "png"),
            "image/jpeg" => new("image", "jpeg"),
            "image/gif" => new("image", "gif"),
            "image/webp" => new("image", "webp"),
            "application/pdf" => new("document", "pdf"),
            "text/csv" => new("document", "csv"),
            "application/msword" => new("document", "doc"),
            "application/vnd.openxmlformats-officedocument.wordprocessingml.document" => new("document", "docx"),
            "application/vnd.ms-excel" => new("document", "xls"),
            "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet" => new("document", "xlsx"),
            "text/html" => new("document", "html"),
            "text/plain" => new("document", "txt"),
            "text/markdown" or "text/x-markdown" => new("document", "md"),
            "video/mp4" => new("video", "mp4"),
            "video/webm" => new("video", "webm"),
            "video/quicktime" => new("video", "mov"),
            "video/x-matroska" => new("video", "mkv"),
            "video/x-flv" => new("video", "flv"),
            "video/mpeg" => new("video", "mpeg"),
            "video/x-ms-wmv" => new("video", "wmv"),
            "video/3gpp" => new("video", "three_gp"),
            "audio/mpeg" or "audio/mp3" => new("audio", "mp3"),
            "audio/wav" or "audio/x-wav" or "audio/wave" => new("audio", "wav"),
            "audio/flac" => new("audio", "flac"),
            "audio/ogg" => new("audio", "ogg"),
            "audio/opus" => new("audio", "opus"),
            "audio/aac" => new("audio", "aac"),
            "audio/mp4" or "audio/m4a" or "audio/x-m4a" => new("audio", "m4a"),
            "audio/webm" => new("audio", "webm"),
            _ => null,
        };

    /// <summary>Returns the block and format of a file by the end of its name; null for one that the wire cannot carry.</summary>
    public static ConverseMedia? OfName(string name) =>
        Path.GetExtension(name).ToLowerInvariant() switch
        {
            ".png" => new("image", "png"),
            ".jpg" or ".jpeg" => new("image", "jpeg"),
            ".gif" => new("image", "gif"),
            ".webp" => new("image", "webp"),
            ".pdf" or ".csv" or ".doc" or ".docx" or ".xls" or ".xlsx" or ".html" or ".txt" or ".md" => new(
                "document",
                Path.GetExtension(name)[1..].ToLowerInvariant()
            ),
            ".mp4" or ".webm" or ".mov" or ".mkv" or ".flv" or ".mpeg" or ".mpg" or ".wmv" => new(
                "video",
                Path.GetExtension(name)[1..].ToLowerInvariant()
            ),
            ".3gp" => new("video", "three_gp"),
            ".mp3" or ".wav" or ".flac" or ".ogg" or ".opus" or ".aac" or ".m4a" => new(
                "audio",
                Path.GetExtension(name)[1..].ToLowerInvariant()
            ),
            _ => null,
        };
}
