using System.Text;
using System.Text.Unicode;

namespace RawLlm.Protocols;

/// <summary>Writes the <c>source</c> of an image or a document on the Messages wire.</summary>
/// <remarks>Documents are PDF and plain text. Source: platform.claude.com/docs/en/build-with-claude/pdf-support, .../citations.</remarks>
internal readonly struct AnthropicSourceWriter(AnthropicProtocol dialect, JsonWriter json)
{
    /// <summary>Writes the source of an image.</summary>
    public void Write(ImagePart image)
    {
        if (image.Url is { } url)
            WriteUrl(url);
        else
            WriteBytes(image.Data.Span, image.MediaType!);
    }

    /// <summary>Writes the source of a file.</summary>
    public void Write(FilePart file)
    {
        if (file.Url is { } url)
            WriteUrl(url);
        else if (file.FileId is { } id)
            WriteId(id);
        else if (FileTypes.IsImage(file.MediaType) || FileTypes.Essence(file.MediaType!) == "application/pdf")
            WriteBytes(file.Data.Span, file.MediaType!);
        else if (file.MediaType!.StartsWith("text/", StringComparison.OrdinalIgnoreCase))
            WriteText(file);
        else
        {
            RequestErrors.Throw(
                $"A file of the type {file.MediaType} cannot be sent on this wire, which accepts PDF, plain text and images. Convert the file, or pass its text."
            );
        }
    }

    // Requires files-api-2025-04-14 in AnthropicProtocol.Betas.
    private void WriteId(string id)
    {
        json.StartObject();
        json.WriteMember("type"u8, "file"u8);
        json.WriteMember("file_id"u8, id, "messages[].content[].source.file_id");
        json.EndObject();
    }

    private void WriteText(FilePart file)
    {
        if (FileTypes.Essence(file.MediaType!) != "text/plain")
            json.Wire.Note(QuirkKind.Adapted, "messages[].content[].source.media_type");
        if (!Utf8.IsValid(file.Data.Span))
            json.Wire.Note(QuirkKind.Adapted, "messages[].content[].source.data");
        json.StartObject();
        json.WriteMember("type"u8, "text"u8);
        json.WriteMember("media_type"u8, "text/plain"u8);
        json.WriteMember("data"u8, Encoding.UTF8.GetString(file.Data.Span), "messages[].content[].source.data");
        json.EndObject();
    }

    private void WriteBytes(ReadOnlySpan<byte> data, string mediaType)
    {
        json.StartObject();
        json.WriteMember("type"u8, "base64"u8);
        json.WriteMember("media_type"u8, FileTypes.Essence(mediaType), "messages[].content[].source.media_type");
        json.WriteName("data"u8);
        json.StartText();
        json.AppendBase64(data);
        json.EndText();
        json.EndObject();
    }

    // The wire has no data: URLs; the content of one is sent as bytes.
    private void WriteUrl(Uri url)
    {
        string text = url.OriginalString;
        json.StartObject();
        if (text.StartsWith("data:", StringComparison.OrdinalIgnoreCase))
        {
            int comma = text.IndexOf(',', StringComparison.Ordinal);
            string head = comma < 0 ? "" : text[5..comma];
            if (!head.EndsWith(";base64", StringComparison.OrdinalIgnoreCase) || head.StartsWith(';'))
                RequestErrors.Throw("A data: URL needs a media type and base64, as in data:image/png;base64,…. Pass the bytes instead.");
            json.WriteMember("type"u8, "base64"u8);
            json.WriteMember("media_type"u8, FileTypes.Essence(head[..^7]), "messages[].content[].source.media_type");
            json.WriteMember("data"u8, text[(comma + 1)..], "messages[].content[].source.data");
        }
        else
        {
            if (!dialect.SupportsUrls)
                RequestErrors.Throw("The service does not open the URLs of images and files. Pass the bytes.");
            json.WriteMember("type"u8, "url"u8);
            json.WriteMember("url"u8, MediaAddress.Of(url), "messages[].content[].source.url");
        }
        json.EndObject();
    }
}
