namespace RawLlm.Protocols;

/// <summary>Writes the content of a user message or a tool result as content parts of the Responses wire: text, images and files.</summary>
internal readonly struct ResponsesContentWriter(ResponsesProtocol dialect, JsonWriter json)
{
    private const string ContentPlace = "input[].content[]";

    /// <summary>Writes a part.</summary>
    /// <param name="part">The part.</param>
    /// <param name="isResult">Whether the part is in a tool result; otherwise it is in a user message.</param>
    /// <exception cref="ArgumentException">The part is not allowed there.</exception>
    public void Write(Part? part, bool isResult)
    {
        switch (part is FilePart given ? MediaAddress.Open(given) : part)
        {
            case TextPart text:
                WriteText(text.Text);
                break;
            case ImagePart image:
                WriteImage(image.Url, fileId: null, image.MediaType, image.Data.Span, image.Detail);
                break;
            case FilePart file when FileTypes.IsImage(file.MediaType):
                WriteImage(file.Url, file.FileId, file.MediaType, file.Data.Span, detail: null);
                break;
            case FilePart file:
                WriteFile(file);
                break;
            default:
                if (isResult)
                    RequestErrors.ThrowPartOfResult(part);
                RequestErrors.ThrowPart(part, Role.User);
                break;
        }
        new OwnData(json, dialect.Name).NoteForeign(part!, ContentPlace);
    }

    /// <summary>Writes a text.</summary>
    public void WriteText(string text)
    {
        json.StartObject();
        json.WriteMember("type"u8, "input_text"u8);
        json.WriteMember("text"u8, text, ContentPlace);
        json.EndObject();
    }

    private void WriteImage(Uri? url, string? fileId, string? mediaType, ReadOnlySpan<byte> data, string? detail)
    {
        json.StartObject();
        json.WriteMember("type"u8, "input_image"u8);
        json.WriteName(fileId is null ? "image_url"u8 : "file_id"u8);
        if (fileId is not null)
            json.WriteText(fileId, "input[].content[].file_id");
        else if (url is not null)
            json.WriteText(MediaAddress.Of(url), "input[].content[].image_url");
        else
            MediaAddress.WriteData(json, mediaType!, data, ContentPlace);
        // The default, which servers that validate requests with OpenAI's own types require (vLLM and SGLang, 2026).
        if (dialect.AcceptsUnknownMembers)
            json.WriteMember("detail"u8, detail ?? "auto", "input[].content[].detail");
        else if (detail is not null)
            json.Wire.Note(QuirkKind.LeftOut, "input[].content[].detail");
        json.EndObject();
    }

    private void WriteFile(FilePart file)
    {
        if (file is { Url: null, FileId: null, MediaType: { } media } && media.StartsWith("audio/", StringComparison.OrdinalIgnoreCase))
        {
            RequestErrors.Throw(
                "This wire accepts no audio. Send the recording to a service that speaks chat completions, or send its transcript as text."
            );
        }

        json.StartObject();
        json.WriteMember("type"u8, "input_file"u8);
        if (file.FileId is { } id)
        {
            json.WriteMember("file_id"u8, id, "input[].content[].file_id");
        }
        else if (file.Url is { } url)
        {
            json.WriteMember("file_url"u8, MediaAddress.Of(url), "input[].content[].file_url");
        }
        else
        {
            // Services reject bytes without a name; the name also tells them the kind of file.
            json.WriteMember("filename"u8, file.Name ?? DefaultName(file.MediaType!), "input[].content[].filename");
            json.WriteName("file_data"u8);
            MediaAddress.WriteData(json, file.MediaType!, file.Data.Span, ContentPlace);
        }
        json.EndObject();
    }

    private string DefaultName(string mediaType)
    {
        json.Wire.Note(QuirkKind.Adapted, "input[].content[].filename");
        return FileTypes.NameOf(mediaType);
    }
}
