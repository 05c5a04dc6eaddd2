namespace RawLlm;

/// <summary>Checks media types before they reach a request, and determines the media types of files.</summary>
internal static class MediaType
{
    private const string Blanks = " \t";

    public static string Check(string mediaType, string prefix)
    {
        ArgumentNullException.ThrowIfNull(mediaType);
        return IsValid(mediaType, prefix)
            ? mediaType
            : throw new ArgumentException(
                $"Specify a media type such as {(prefix.Length > 0 ? prefix + "png" : "application/pdf")}.",
                nameof(mediaType)
            );
    }

    /// <summary>Whether a media type is well formed, with or without parameters (<c>audio/L16;codec=pcm;rate=24000</c>, Gemini).</summary>
    /// <remarks>
    /// Source: RFC 9110, 5.6.6 and 8.3.1; names as restricted by RFC 6838, 4.2.
    /// Parameters without a value are accepted, and so are blanks around the equals sign.
    /// </remarks>
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

    /// <summary>
    /// Returns the media type of a file by the extension in its URL, without query and fragment; null if the extension is unknown.
    /// </summary>
    public static string? OfAddress(string address)
    {
        int end = address.AsSpan().IndexOfAny('?', '#');
        return OfName(end < 0 ? address : address.AsSpan(0, end));
    }

    /// <summary>
    /// Returns the media type of a file by the extension of its name or path, in which
    /// <c>?</c> and <c>#</c> are ordinary characters; null if the extension is unknown.
    /// </summary>
    public static string? OfName(ReadOnlySpan<char> path)
    {
        path = path[(path.LastIndexOf('/') + 1)..];
        int dot = path.LastIndexOf('.');
        return dot < 0
            ? null
            : path[(dot + 1)..].ToString().ToLowerInvariant() switch
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

    /// <summary>Returns the media type of a file by its first bytes; null if they are unknown.</summary>
    public static string? OfHead(ReadOnlySpan<byte> head)
    {
        bool isRiff = head.Length >= 12 && head.StartsWith("RIFF"u8);
        return head switch
        {
            [0x89, (byte)'P', (byte)'N', (byte)'G', ..] => "image/png",
            [0xFF, 0xD8, 0xFF, ..] => "image/jpeg",
            [(byte)'G', (byte)'I', (byte)'F', (byte)'8', ..] => "image/gif",
            _ when isRiff && head[8..].StartsWith("WEBP"u8) => "image/webp",
            _ when isRiff && head[8..].StartsWith("WAVE"u8) => "audio/wav",
            _ when head.StartsWith("%PDF-"u8) => "application/pdf",
            [(byte)'I', (byte)'D', (byte)'3', ..] => "audio/mpeg",
            [(byte)'f', (byte)'L', (byte)'a', (byte)'C', ..] => "audio/flac",
            [(byte)'O', (byte)'g', (byte)'g', (byte)'S', ..] => "audio/ogg",
            // An MP3 frame at the very start of the file.
            [0xFF, 0xFB or 0xFA or 0xF3 or 0xF2, > 0x0F and < 0xF0, ..] => "audio/mpeg",
            [0xFF, 0xF1 or 0xF9, ..] => "audio/aac",
            _ => null,
        };
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

    // Counts both quotation marks; negative if the closing one is missing or there is a control character.
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

    private static bool IsOfName(char c) =>
        char.IsAsciiLetterOrDigit(c) || c is '.' or '+' or '-' or '_' or '!' or '#' or '$' or '&' or '^';
}
