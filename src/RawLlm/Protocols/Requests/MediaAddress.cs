namespace RawLlm.Protocols;

/// <summary>Addresses of pictures and files, which are passed on and never opened here.</summary>
internal static class MediaAddress
{
    /// <summary>An address that the service itself opens.</summary>
    /// <exception cref="ArgumentException">It is of a file, or of nothing by itself.</exception>
    public static string Of(Uri url)
    {
        if (!url.IsAbsoluteUri || url.IsFile)
            RequestErrors.Throw("An image or a file is given by an address that the service cannot open. Addresses are passed on and never opened here: read the file and give its bytes.");
        return url.OriginalString;
    }

    /// <summary>Writes bytes as an address of the form <c>data:</c>.</summary>
    /// <param name="json">Where it is written.</param>
    /// <param name="mediaType">Their media type.</param>
    /// <param name="data">The bytes.</param>
    /// <param name="place">Where it stands.</param>
    public static void WriteData(JsonWriter json, string mediaType, ReadOnlySpan<byte> data, string place)
    {
        json.StartText();
        json.Append("data:"u8);
        json.AppendText(mediaType, place);
        json.Append(";base64,"u8);
        json.AppendBase64(data);
        json.EndText();
    }
}
