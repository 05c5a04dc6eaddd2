namespace RawLlm.Protocols;

/// <summary>The URLs of images and files, which RawLlm passes on and never opens.</summary>
internal static class MediaAddress
{
    /// <summary>Returns a URL for the service to open.</summary>
    /// <exception cref="ArgumentException">The URL is relative, or that of a local file.</exception>
    public static string Of(Uri url)
    {
        if (!url.IsAbsoluteUri || url.IsFile)
        {
            RequestErrors.Throw(
                "The URL of an image or a file is relative or local, and the service cannot open it. RawLlm passes URLs on and never opens them: read the file and pass its bytes."
            );
        }

        return url.OriginalString;
    }

    /// <summary>Returns a file in a data URL as its bytes, and any other file unchanged.</summary>
    /// <exception cref="ArgumentException">The URL has no media type or no base64.</exception>
    public static FilePart Open(FilePart file)
    {
        const string Scheme = "data:";
        const string Base64 = ";base64";
        if (file.Url?.OriginalString is not { } text || !text.StartsWith(Scheme, StringComparison.OrdinalIgnoreCase))
            return file;
        int comma = text.IndexOf(',', StringComparison.Ordinal);
        string head = comma < 0 ? "" : text[Scheme.Length..comma];
        byte[] data = new byte[text.Length - comma];
        if (
            !head.EndsWith(Base64, StringComparison.OrdinalIgnoreCase)
            || head.StartsWith(';')
            || !Convert.TryFromBase64Chars(text.AsSpan(comma + 1), data, out int length)
        )
        {
            RequestErrors.Throw("A data: URL needs a media type and base64, as in data:application/pdf;base64,…. Pass the bytes instead.");
            return file;
        }
        return new FilePart(data.AsMemory(0, length), head[..^Base64.Length].Split(';')[0], file.Name);
    }

    /// <summary>Writes bytes as a <c>data:</c> URL.</summary>
    /// <param name="json">Receives the URL.</param>
    /// <param name="mediaType">Their media type.</param>
    /// <param name="data">The bytes.</param>
    /// <param name="place">The place on the wire, for quirks.</param>
    public static void WriteData(JsonWriter json, string mediaType, ReadOnlySpan<byte> data, string place)
    {
        json.StartText();
        json.Append("data:"u8);
        json.AppendText(FileTypes.Essence(mediaType), place);
        json.Append(";base64,"u8);
        json.AppendBase64(data);
        json.EndText();
    }
}
