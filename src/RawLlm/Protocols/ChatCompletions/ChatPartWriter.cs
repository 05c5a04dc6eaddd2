using System.Diagnostics.CodeAnalysis;

namespace RawLlm.Protocols;

/// <summary>Writes the content parts of chat completions: texts, pictures, recordings and files, and what goes back with any part.</summary>
internal readonly struct ChatPartWriter(ChatCompletionsProtocol dialect, JsonWriter json, WireRequest wire)
{
    /// <summary>Writes a part of a message of the user; a result of a function is a message of its own and passed over.</summary>
    public void Write(Part part)
    {
        switch (part)
        {
            case ToolResultPart:
                return;
            case OpaquePart opaque:
                if (IsOfService(opaque.WireData))
                    json.WriteRaw(opaque.WireData.Json);
                else
                    wire.Note(QuirkKind.LeftOut, "messages[].content[]");
                return;
        }
        json.StartObject();
        switch (part)
        {
            case TextPart text:
                json.WriteMember("type"u8, "text"u8);
                json.WriteMember("text"u8, text.Text, "messages[].content[].text");
                break;
            case ImagePart image:
                WriteImage(image.Url, image.MediaType, image.Data.Span, image.Detail);
                break;
            case FilePart file when FileTypes.IsImage(file.MediaType):
                WriteImage(null, file.MediaType, file.Data.Span, detail: null);
                break;
            case FilePart file:
                WriteFile(file);
                break;
            default:
                RequestErrors.ThrowPart(part, "a message of the user");
                break;
        }
        WriteGiven(part.WireData, "messages[].content[]");
        WriteCache(part.Cache, "messages[].content[].cache_control");
        json.EndObject();
    }

    /// <summary>Writes what this wire wants back with what the model said, byte for byte; what belongs to another wire or service is left out, and what the service has no place for.</summary>
    public void WriteOwn(WireData? data, string place)
    {
        if (data is not null && !(IsOwn(data) && json.WriteMembers(data.Json)))
            wire.Note(QuirkKind.LeftOut, place);
    }

    /// <summary>Writes what is to stand beside what the user said: a service that refuses members which it does not know is asked all the same.</summary>
    public void WriteGiven(WireData? data, string place)
    {
        if (data is not null && !(IsOfService(data) && json.WriteMembers(data.Json)))
            wire.Note(QuirkKind.LeftOut, place);
    }

    /// <summary>Writes a mark for the service's prompt cache; five minutes are its default.</summary>
    /// <remarks>Source: openrouter.ai/docs/features/prompt-caching.</remarks>
    public void WriteCache(PromptCache? cache, string place)
    {
        if (cache is not { } kept)
            return;
        if (!dialect.TakesCacheMarks)
        {
            wire.Note(QuirkKind.LeftOut, place);
            return;
        }
        json.WriteName("cache_control"u8);
        json.StartObject();
        json.WriteMember("type"u8, "ephemeral"u8);
        if (kept == PromptCache.OneHour)
            json.WriteMember("ttl"u8, "1h"u8);
        json.EndObject();
    }

    /// <summary>Whether a message of the model's may have it back.</summary>
    public bool IsOwn([NotNullWhen(true)] WireData? data) => IsBeginning(data) || (IsOfService(data) && dialect.TakesUnknownMembers && !HoldsForeignThoughts(data));

    private bool HoldsForeignThoughts(WireData data) => dialect.ThoughtMembers is { } own
        && (IsForeign("reasoning_details", "\"reasoning_details\""u8, own, data) || IsForeign("thinking_blocks", "\"thinking_blocks\""u8, own, data)
            || IsForeign("reasoning_opaque", "\"reasoning_opaque\""u8, own, data) || IsForeign("extra_content", "\"extra_content\""u8, own, data));

    private static bool IsForeign(string name, ReadOnlySpan<byte> quoted, string own, WireData data) => !own.Contains(name, StringComparison.Ordinal) && data.Json.Utf8.IndexOf(quoted) >= 0;

    /// <summary>Whether this service gave it, as far as that is known.</summary>
    public bool IsOfService([NotNullWhen(true)] WireData? data) => wire.Owns(data, dialect.Name);

    /// <summary>Whether it marks the beginning of an answer.</summary>
    public bool IsBeginning([NotNullWhen(true)] WireData? data) => Is(data, ChatCompletionsProtocol.Prefix);

    /// <summary>Whether it says that a custom tool was called, which holds whoever said so.</summary>
    public bool IsCustomCall([NotNullWhen(true)] WireData? data) => dialect.TakesUnknownMembers && Is(data, "{\"type\":\"custom\"}"u8);

    private bool Is([NotNullWhen(true)] WireData? data, ReadOnlySpan<byte> json) => data is not null && data.Protocol == dialect.Name && data.Json.Utf8.SequenceEqual(json);

    private void WriteImage(Uri? url, string? mediaType, ReadOnlySpan<byte> data, string? detail)
    {
        json.WriteMember("type"u8, "image_url"u8);
        json.WriteName("image_url"u8);
        json.StartObject();
        json.WriteName("url"u8);
        if (url is not null)
            json.WriteText(Address(url), "messages[].content[].image_url.url");
        else
            WriteDataUrl(mediaType!, data);
        if (detail is not null)
            json.WriteMember("detail"u8, detail, "messages[].content[].image_url.detail");
        json.EndObject();
    }

    private void WriteFile(FilePart file)
    {
        if (file.MediaType is { } type && type.StartsWith("audio/", StringComparison.OrdinalIgnoreCase))
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
                WriteDataUrl(file.MediaType!, file.Data.Span);
            else if (dialect.TakesFileUrls)
                json.WriteText(Address(file.Url), "messages[].content[].file.file_data");
            else
                RequestErrors.Throw("The service takes no file by its address. Give the file's bytes, or the id of a file that was uploaded before.");
        }
        json.EndObject();
    }

    // Mistral (docs.mistral.ai/capabilities/document, 2026): an address, or the bytes as one.
    private void WriteDocument(FilePart file)
    {
        json.WriteMember("type"u8, "document_url"u8);
        json.WriteName("document_url"u8);
        if (file.Url is { } url)
            json.WriteText(Address(url), "messages[].content[].document_url");
        else
            WriteDataUrl(file.MediaType!, file.Data.Span);
        if (file.Name is { } name)
            json.WriteMember("document_name"u8, name, "messages[].content[].document_name");
    }

    // Bytes without a name are refused; the name also tells the service the kind of file.
    private string? NameOf(FilePart file)
    {
        if (file.Name is not null || file.Url is not null)
            return file.Name;
        wire.Note(QuirkKind.Adapted, "messages[].content[].file.filename");
        return FileTypes.NameOf(file.MediaType!);
    }

    private void WriteDataUrl(string mediaType, ReadOnlySpan<byte> data)
    {
        json.StartText();
        json.Append("data:"u8);
        json.AppendText(mediaType, "messages[].content[]");
        json.Append(";base64,"u8);
        json.AppendBase64(data);
        json.EndText();
    }

    private static string Address(Uri url)
    {
        if (!url.IsAbsoluteUri || url.IsFile)
            RequestErrors.Throw("An image or a file is given by an address that the service cannot open. Addresses are passed on and never opened here: read the file and give its bytes.");
        return url.OriginalString;
    }

    private static string AudioFormat(string mediaType)
    {
        string kind = mediaType[(mediaType.IndexOf('/') + 1)..].ToLowerInvariant();
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
