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
        if (file.Opened() is { } opened)
            return opened;
        RequestErrors.Throw("A data: URL needs a media type and base64, as in data:application/pdf;base64,…. Pass the bytes instead.");
        return file;
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
