using System.Text.Json;

namespace RawLlm.Protocols;

/// <summary>An image that the model made, or the error that the service sends instead.</summary>
/// <remarks>
/// Source: docs.aws.amazon.com/bedrock/latest/APIReference, ImageBlock: <c>{"image":{"format":"png","source":{"bytes":"…"}}}</c>, and
/// ErrorBlock: <c>{"image":{"format":"png","error":{"message":"…"}}}</c>.
/// </remarks>
internal ref struct ConverseImage
{
    private JsonText _format;
    private JsonText _bytes;

    /// <summary>Whether the image failed or was withheld.</summary>
    public bool IsWithheld { get; private set; }

    /// <summary>The service's message about it.</summary>
    public JsonText Message { get; private set; }

    /// <summary>Reads a block; returns false for one that is not an image.</summary>
    public bool TryRead(ReadOnlySpan<byte> block, EventBuffer events)
    {
        var reader = WireJson.Reader(block, events.Options);
        reader.Read();
        if (!WireJson.TryFindMember(ref reader, "image"u8) || reader.TokenType != JsonTokenType.StartObject)
            return false;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            bool isFormat = WireJson.Is(ref reader, "format"u8);
            bool isSource = WireJson.Is(ref reader, "source"u8);
            bool isError = WireJson.Is(ref reader, "error"u8);
            reader.Read();
            var value = reader;
            reader.Skip();
            if (isFormat && value.TokenType == JsonTokenType.String)
                _format = JsonText.Read(ref value);
            else if (isSource && WireJson.TryFindMember(ref value, "bytes"u8) && value.TokenType == JsonTokenType.String)
                _bytes = JsonText.Read(ref value);
            else if (isError && value.TokenType != JsonTokenType.Null)
                ReadError(ref value);
        }
        return true;
    }

    /// <summary>Emits the image's bytes, if there are any.</summary>
    public readonly void Emit(int part, EventBuffer events)
    {
        if (GeneratedMedia.TryRead(_bytes, type: default, _format.IsEmpty ? "image/png" : "image/" + _format.ToString(), out var media))
            media.Emit(choice: 0, part, events);
    }

    private void ReadError(scoped ref Utf8JsonReader error)
    {
        IsWithheld = true;
        if (WireJson.TryFindMember(ref error, "message"u8) && error.TokenType == JsonTokenType.String)
            Message = JsonText.Read(ref error);
    }
}
