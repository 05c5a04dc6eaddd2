namespace RawLlm.Protocols;

/// <summary>Writes pictures, documents and recordings as content blocks of the Converse wire.</summary>
internal sealed class ConverseMediaWriter(JsonWriter json)
{
    private const string Place = "messages[].content[]";

    private DocumentNames? _names;

    /// <summary>Whether a document was written since this was set to false.</summary>
    public bool HasDocument { get; set; }

    private OwnData Own => new(json, ConverseProtocol.ProtocolName);

    /// <summary>Writes a picture.</summary>
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
            RequestErrors.Throw("This wire knows no ids of uploaded files. Give the bytes, or an address of the form s3://bucket/key.");
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

    // The service opens no addresses but those of its own store; what stands in a data: address is sent as the bytes that it is.
    private void WriteAddress(Uri url, string? mediaType, string? name, Part part)
    {
        string text = url.OriginalString;
        if (text.StartsWith("data:", StringComparison.OrdinalIgnoreCase))
        {
            int comma = text.IndexOf(',', StringComparison.Ordinal);
            string head = comma < 0 ? "" : text[5..comma];
            if (!head.EndsWith(";base64", StringComparison.OrdinalIgnoreCase) || head.Length == 7)
                RequestErrors.Throw("A data: address needs a media type and base64, as in data:image/png;base64,…. Give the bytes instead.");
            Start(OfType(head[..^7]), name);
            json.WriteMember("bytes"u8, text[(comma + 1)..], "messages[].content[].source.bytes");
            End(part);
            return;
        }
        if (!text.StartsWith("s3://", StringComparison.OrdinalIgnoreCase))
            RequestErrors.Throw("This wire opens no address of a picture or file but s3://bucket/key. Give the bytes.");
        string path = text.Split('?', '#')[0];
        var media = mediaType is null ? ConverseMedia.OfName(path) : OfType(mediaType);
        if (media is null)
            RequestErrors.Throw("The format of a file at an address is told by the end of its name, as in s3://bucket/report.pdf, or by its media type; this one ends in none that the wire takes.");
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
            RequestErrors.Throw($"A file of the type {mediaType} cannot be sent on this wire, which takes PNG, JPEG, GIF and WebP, documents of the usual office formats, video and audio. Convert it, or give its text.");
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
            // Its name depends on those before, and so is found each time.
            json.Wire.Written?.Spoil();
            _names ??= new DocumentNames();
            string given = _names.Take(name, media.Format);
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
