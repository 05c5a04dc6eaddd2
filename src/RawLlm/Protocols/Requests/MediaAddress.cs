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

    /// <summary>A file whose address holds it, as its bytes; any other as it is.</summary>
    /// <exception cref="ArgumentException">The address names no type, or holds no base64.</exception>
    public static FilePart Open(FilePart file)
    {
        const string Scheme = "data:";
        const string Base64 = ";base64";
        if (file.Url?.OriginalString is not { } text || !text.StartsWith(Scheme, StringComparison.OrdinalIgnoreCase))
            return file;
        int comma = text.IndexOf(',', StringComparison.Ordinal);
        string head = comma < 0 ? "" : text[Scheme.Length..comma];
        byte[] data = new byte[text.Length - comma];
        if (!head.EndsWith(Base64, StringComparison.OrdinalIgnoreCase) || head.StartsWith(';') || !Convert.TryFromBase64Chars(text.AsSpan(comma + 1), data, out int length))
        {
            RequestErrors.Throw("A data: address needs a media type and base64, as in data:application/pdf;base64,…. Give the bytes instead.");
            return file;
        }
        return new FilePart(data.AsMemory(0, length), head[..^Base64.Length].Split(';')[0], file.Name);
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
        json.AppendText(FileTypes.Essence(mediaType), place);
        json.Append(";base64,"u8);
        json.AppendBase64(data);
        json.EndText();
    }
}
