namespace RawLlm.Protocols;

/// <summary>Writes the content parts of chat completions: text, images, audio and files.</summary>
internal readonly struct ChatPartWriter(ChatCompletionsProtocol dialect, JsonWriter json)
{
    private const string Place = "messages[].content[]";

    private OwnData Own => new(json, dialect.Name);

    /// <summary>Writes a part of a user message. A tool result is a separate message, and is skipped.</summary>
    public void Write(Part part)
    {
        switch (part)
        {
            case ToolResultPart:
                return;
            case OpaquePart opaque:
                Own.Write(opaque, Place);
                return;
        }
        json.StartObject();
        switch (part is FilePart given ? MediaAddress.Open(given) : part)
        {
            case TextPart text:
                json.WriteMember("type"u8, "text"u8);
                json.WriteMember("text"u8, text.Text, "messages[].content[].text");
                break;
            case ImagePart image:
                WriteImage(image.Url, image.MediaType, image.Data.Span, image.Detail);
                break;
            case FilePart { FileId: null } file when FileTypes.IsImage(file.MediaType):
                WriteImage(file.Url, file.MediaType, file.Data.Span, detail: null);
                break;
            case FilePart { FileId: null } file when dialect.SupportsVideoUrls && FileTypes.IsVideo(file):
                WriteVideo(file);
                break;
            case FilePart file:
                WriteFile(file);
                break;
            default:
                RequestErrors.ThrowPart(part, Role.User);
                break;
        }
        Own.WriteMembers(part.WireData, Place);
        new ChatCacheMarks(dialect, json).Write(part);
        json.EndObject();
    }

    /// <summary>Writes an image that the model made, without the members beside it.</summary>
    public void WriteMade(ImagePart image) => WriteAddress(image.Url, image.MediaType, image.Data.Span, image.Detail);

    private void WriteImage(Uri? url, string? mediaType, ReadOnlySpan<byte> data, string? detail)
    {
        json.WriteMember("type"u8, "image_url"u8);
        WriteAddress(url, mediaType, data, detail);
    }

    private void WriteVideo(FilePart file)
    {
        json.WriteMember("type"u8, "video_url"u8);
        json.WriteName("video_url"u8);
        json.StartObject();
        WriteUrl(file.Url, file.MediaType, file.Data.Span, "messages[].content[].video_url.url");
        json.EndObject();
    }

    private void WriteUrl(Uri? url, string? mediaType, ReadOnlySpan<byte> data, string place)
    {
        json.WriteName("url"u8);
        if (url is not null)
            json.WriteText(MediaAddress.Of(url), place);
        else
            MediaAddress.WriteData(json, mediaType!, data, Place);
    }

    private void WriteAddress(Uri? url, string? mediaType, ReadOnlySpan<byte> data, string? detail)
    {
        json.WriteName("image_url"u8);
        json.StartObject();
        WriteUrl(url, mediaType, data, "messages[].content[].image_url.url");
        if (detail is not null)
            json.WriteMember("detail"u8, detail, "messages[].content[].image_url.detail");
        json.EndObject();
    }

    private void WriteFile(FilePart file)
    {
        if (file is { Url: null, FileId: null, MediaType: { } type } && type.StartsWith("audio/", StringComparison.OrdinalIgnoreCase))
        {
            json.WriteMember("type"u8, "input_audio"u8);
            json.WriteName("input_audio"u8);
            json.StartObject();
            json.WriteName("data"u8);
            json.StartText();
            json.AppendBase64(file.Data.Span);
            json.EndText();
            json.WriteMember("format"u8, AudioFormat(type), "messages[].content[].input_audio.format");
            json.EndObject();
            return;
        }
        if (dialect.SendsDocumentUrls && file.FileId is null)
        {
            WriteDocument(file);
            return;
        }
        json.WriteMember("type"u8, "file"u8);
        if (dialect.SendsDocumentUrls)
        {
            json.WriteMember("file_id"u8, file.FileId!, "messages[].content[].file_id");
            return;
        }
        json.WriteName("file"u8);
        json.StartObject();
        if (file.FileId is { } id)
        {
            json.WriteMember("file_id"u8, id, "messages[].content[].file.file_id");
        }
        else
        {
            if (NameOf(file) is { } name)
                json.WriteMember("filename"u8, name, "messages[].content[].file.filename");
            json.WriteName("file_data"u8);
            if (file.Url is null)
                MediaAddress.WriteData(json, file.MediaType!, file.Data.Span, Place);
            else if (dialect.SupportsFileUrls)
                json.WriteText(MediaAddress.Of(file.Url), "messages[].content[].file.file_data");
            else
                RequestErrors.Throw("The service accepts no files by URL. Pass the file's bytes, or the id of an uploaded file.");
        }
        json.EndObject();
    }

    // Mistral (docs.mistral.ai/capabilities/document, 2026): a URL, or the bytes as a data URL.
    private void WriteDocument(FilePart file)
    {
        json.WriteMember("type"u8, "document_url"u8);
        json.WriteName("document_url"u8);
        if (file.Url is { } url)
            json.WriteText(MediaAddress.Of(url), "messages[].content[].document_url");
        else
            MediaAddress.WriteData(json, file.MediaType!, file.Data.Span, Place);
        if (file.Name is { } name)
            json.WriteMember("document_name"u8, name, "messages[].content[].document_name");
    }

    // Services reject bytes without a name; the name also tells them the kind of file.
    private string? NameOf(FilePart file)
    {
        if (file.Name is not null || file.Url is not null)
            return file.Name;
        json.Wire.Note(QuirkKind.Adapted, "messages[].content[].file.filename");
        return FileTypes.NameOf(file.MediaType!);
    }

    private static string AudioFormat(string mediaType)
    {
        string essence = FileTypes.Essence(mediaType);
        string kind = essence[(essence.IndexOf('/') + 1)..];
        if (kind.StartsWith("x-", StringComparison.Ordinal))
            kind = kind[2..];
        return kind switch
        {
            "wave" or "vnd.wave" => "wav",
            "mpeg" => "mp3",
            "mp4" => "m4a",
            _ => kind,
        };
    }
}
