namespace RawLlm.Protocols;

/// <summary>Writes images, documents and recordings as content blocks of the Converse wire.</summary>
internal sealed class ConverseMediaWriter(JsonWriter json)
{
    private const string Place = "messages[].content[]";

    private DocumentNames? _names;

    /// <summary>Whether a document has been written since this was set to false.</summary>
    public bool HasDocument { get; set; }

    private OwnData Own => new(json, ConverseProtocol.ProtocolName);

    /// <summary>Writes an image.</summary>
    public void Write(ImagePart image)
    {
        if (image.Detail is not null)
            json.Wire.Note(QuirkKind.LeftOut, "messages[].content[].image.detail");
        if (image.Url is { } url)
            WriteAddress(url, image.MediaType, name: null, image);
        else
            WriteBytes(image.Data.Span, image.MediaType!, name: null, image);
    }

    /// <summary>Writes a file.</summary>
    public void Write(FilePart file)
    {
        if (file.Url is { } url)
            WriteAddress(url, file.MediaType, file.Name, file);
        else if (file.FileId is not null)
        {
            RequestErrors.Throw(
                "This wire does not support the ids of uploaded files. Pass the bytes, or a URL of the form s3://bucket/key."
            );
        }
        else
            WriteBytes(file.Data.Span, file.MediaType!, file.Name, file);
    }

    private void WriteBytes(ReadOnlySpan<byte> data, string mediaType, string? name, Part part)
    {
        Start(OfType(mediaType), name);
        json.WriteName("bytes"u8);
        json.StartText();
        json.AppendBase64(data);
        json.EndText();
        End(part);
    }

    // The service opens only URLs of its own store; the content of a data: URL is sent as bytes.
    private void WriteAddress(Uri url, string? mediaType, string? name, Part part)
    {
        string text = url.OriginalString;
        if (text.StartsWith("data:", StringComparison.OrdinalIgnoreCase))
        {
            int comma = text.IndexOf(',', StringComparison.Ordinal);
            string head = comma < 0 ? "" : text[5..comma];
            if (!head.EndsWith(";base64", StringComparison.OrdinalIgnoreCase) || head.Length == 7)
                RequestErrors.Throw("A data: URL needs a media type and base64, as in data:image/png;base64,…. Pass the bytes instead.");
            Start(OfType(head[..^7]), name);
            json.WriteMember("bytes"u8, text[(comma + 1)..], "messages[].content[].source.bytes");
            End(part);
            return;
        }
        if (!text.StartsWith("s3://", StringComparison.OrdinalIgnoreCase))
            RequestErrors.Throw("This wire supports no URLs of images and files except s3://bucket/key. Pass the bytes.");
        string path = text.Split('?', '#')[0];
        var media = mediaType is null ? ConverseMedia.OfName(path) : OfType(mediaType);
        if (media is null)
        {
            RequestErrors.Throw(
                "The format of a file at a URL is determined by its media type, or by the end of its name, as in s3://bucket/report.pdf. This name ends with no format that the wire accepts: set the media type."
            );
        }

        Start(media.Value, name ?? path[(path.LastIndexOf('/') + 1)..]);
        json.WriteName("s3Location"u8);
        json.StartObject();
        json.WriteMember("uri"u8, text, "messages[].content[].source.s3Location.uri");
        json.EndObject();
        End(part);
    }

    private static ConverseMedia OfType(string mediaType)
    {
        var media = ConverseMedia.OfType(mediaType);
        if (media is null)
        {
            RequestErrors.Throw(
                $"A file of the type {mediaType} cannot be sent on this wire, which accepts PNG, JPEG, GIF and WebP, documents of the usual office formats, video and audio. Convert the file, or pass its text."
            );
        }

        return media.Value;
    }

    private void Start(ConverseMedia media, string? name)
    {
        json.StartObject();
        json.WriteName(media.Block, Place);
        json.StartObject();
        json.WriteMember("format"u8, media.Format, Place);
        if (media.Block == "document")
        {
            HasDocument = true;
            // The name depends on those of earlier documents, so it is determined again each time.
            json.Wire.Written?.MarkUnreusable();
            _names ??= new DocumentNames();
            string given = _names.Reserve(name, media.Format);
            if (name is not null && given != name)
                json.Wire.Note(QuirkKind.Adapted, "messages[].content[].document.name");
            json.WriteMember("name"u8, given, Place);
        }
        json.WriteName("source"u8);
        json.StartObject();
    }

    private void End(Part part)
    {
        json.EndObject();
        Own.WriteMembers(part.WireData, Place);
        json.EndObject();
        json.EndObject();
    }
}
