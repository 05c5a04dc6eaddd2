namespace RawLlm.Protocols;

/// <summary>Writes images and files, as bytes or as URLs.</summary>
internal readonly struct GeminiMediaWriter(JsonWriter json)
{
    /// <summary>Writes the members of an image or a file.</summary>
    public void Write(Part part)
    {
        if (part is ImagePart image)
            Write(image);
        else
            Write((FilePart)part);
    }

    private void Write(ImagePart image)
    {
        if (image.Detail is not null)
            json.Wire.Note(QuirkKind.LeftOut, "contents[].parts[].detail");
        if (image.Url is { } url)
            WriteUrl(url, image.MediaType);
        else
            WriteInline(image.MediaType!, image.Data.Span);
    }

    private void Write(FilePart file)
    {
        if (file.FileId is { } id)
            WriteFileUri(id, file.MediaType);
        else if (file.Url is { } url)
            WriteUrl(url, file.MediaType);
        else
            WriteInline(file.MediaType!, file.Data.Span);
        if (file.Name is not null)
            json.Wire.Note(QuirkKind.LeftOut, "contents[].parts[].name");
    }

    private void WriteUrl(Uri url, string? mediaType)
    {
        string text = MediaAddress.Of(url);
        if (!string.Equals(url.Scheme, "data", StringComparison.OrdinalIgnoreCase))
        {
            WriteFileUri(text, mediaType);
            return;
        }
        var address = text.AsSpan("data:".Length);
        int comma = address.IndexOf(',');
        const string Base64 = ";base64";
        if (comma < 0 || !address[..comma].EndsWith(Base64, StringComparison.OrdinalIgnoreCase))
            RequestErrors.Throw("A data: URL must contain base64, as in data:image/png;base64,…. Pass the bytes instead.");
        json.WriteName("inlineData"u8);
        json.StartObject();
        json.WriteMember("mimeType"u8, TypeOf(address[..(comma - Base64.Length)].ToString()), "contents[].parts[].inlineData.mimeType");
        json.WriteMember("data"u8, address[(comma + 1)..].ToString(), "contents[].parts[].inlineData.data");
        json.EndObject();
    }

    private void WriteFileUri(string uri, string? mediaType)
    {
        json.WriteName("fileData"u8);
        json.StartObject();
        // Vertex rejects a file without its media type.
        if ((mediaType ?? FileTypes.OfAddress(uri)) is { } type)
            json.WriteMember("mimeType"u8, TypeOf(type), "contents[].parts[].fileData.mimeType");
        json.WriteMember("fileUri"u8, uri, "contents[].parts[].fileData.fileUri");
        json.EndObject();
    }

    // The sample rate of audio without a file header is a parameter of the type: audio/L16;codec=pcm;rate=24000.
    private static string TypeOf(string mediaType) =>
        mediaType.StartsWith("audio/", StringComparison.OrdinalIgnoreCase) ? mediaType : FileTypes.Essence(mediaType);

    private void WriteInline(string mediaType, ReadOnlySpan<byte> data)
    {
        json.WriteName("inlineData"u8);
        json.StartObject();
        json.WriteMember("mimeType"u8, TypeOf(mediaType), "contents[].parts[].inlineData.mimeType");
        json.WriteName("data"u8);
        json.StartText();
        json.AppendBase64(data);
        json.EndText();
        json.EndObject();
    }
}
