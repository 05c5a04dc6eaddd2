using System.Text.Json;

namespace RawLlm.Protocols;

/// <summary>The images and the audio of one choice.</summary>
/// <remarks>
/// Images: <c>"images":[{"type":"image_url","image_url":{"url":"data:image/png;base64,…"}}]</c>
/// (openrouter.ai/docs/features/multimodal/image-generation, docs.litellm.ai/docs/completion/image_generation_chat). Audio:
/// <c>"audio":{"id","data","transcript","expires_at"}</c>, whose members arrive in deltas of their own
/// (platform.openai.com/docs/guides/audio). The ID goes back instead of the audio and its transcript.
/// </remarks>
internal sealed class AnswerMedia(ChoiceState choice) : IDisposable
{
    private const string ImagesPlace = "choices[].delta.images[]";
    private const string AudioPlace = "choices[].delta.audio";

    private TextRun? _transcript;
    private PooledBytes _base64;
    private PooledBytes _id;
    private PooledBytes _expiry;
    private string? _type;
    private int _soundPart = -1;

    /// <summary>Whether there is an image.</summary>
    public bool HasImages { get; private set; }

    /// <summary>Whether there is audio or a transcript.</summary>
    public bool HasAudio => _soundPart >= 0;

    /// <summary>Emits the images of a list.</summary>
    public void ReadImages(ReadOnlySpan<byte> images, EventBuffer events)
    {
        var reader = WireJson.Reader(images, events.Options);
        reader.Read();
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            if (reader.TokenType == JsonTokenType.String)
            {
                ReadImage(JsonText.Read(ref reader), [], events);
            }
            else if (reader.TokenType == JsonTokenType.StartObject)
            {
                var entry = WireJson.SkipRaw(ref reader, images);
                ReadImage(FindAddress(entry, events), entry, events);
            }
            else
            {
                WireJson.SkipUnexpected(ref reader, ImagesPlace, events);
            }
        }
    }

    /// <summary>Emits an image.</summary>
    /// <param name="address">The image data, or its URL.</param>
    /// <param name="entry">The object in the list that names the image, which goes back in such a list; empty if there is none.</param>
    /// <param name="events">Receives the events.</param>
    public void ReadImage(JsonText address, ReadOnlySpan<byte> entry, EventBuffer events)
    {
        if (!GeneratedMedia.TryReadAddress(address, out var image))
        {
            events.Note(QuirkKind.UnexpectedType, ImagesPlace);
            events.Add(StreamEventKind.Other, choice.Index, 0, name: "images");
            return;
        }
        HasImages = true;
        int part = choice.NewPart(events);
        image.Emit(choice.Index, part, events);
        if (!entry.IsEmpty)
            EmitRest(entry, part, events);
    }

    /// <summary>Emits the content of an <c>audio</c> object.</summary>
    public void ReadAudio(ReadOnlySpan<byte> audio, EventBuffer events)
    {
        JsonText data = default;
        JsonText transcript = default;
        var reader = WireJson.Reader(audio, events.Options);
        reader.Read();
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            if (WireJson.Is(ref reader, "data"u8))
                WireJson.TryReadText(ref reader, ref data, AudioPlace + ".data", events);
            else if (WireJson.Is(ref reader, "transcript"u8))
                WireJson.TryReadText(ref reader, ref transcript, AudioPlace + ".transcript", events);
            else if (WireJson.Is(ref reader, "id"u8))
                Copy(ref reader, audio, JsonTokenType.String, ref _id);
            else if (WireJson.Is(ref reader, "expires_at"u8))
                Copy(ref reader, audio, JsonTokenType.Number, ref _expiry);
            else
                WireJson.SkipValue(ref reader);
        }
        if (!transcript.IsEmpty)
        {
            _transcript ??= new TextRun(StreamEventKind.Transcript, choice.Index, SoundPart(events), AudioPlace + ".transcript");
            _transcript.Add(transcript, events);
        }
        if (!data.IsEmpty)
            DecodeAudio(GeneratedMedia.Unescape(data), events);
    }

    /// <summary>Ends the answer: emits what was held back, and the data that goes back with the audio.</summary>
    public void Complete(EventBuffer events)
    {
        _transcript?.Flush(events);
        // Some services omit the padding.
        if (_base64.Length > 0)
        {
            _base64.Append("==="u8[..(4 - _base64.Length)]);
            EmitChunk(_base64.Span, events);
        }
        if (_id.Length == 0 || !HasAudio)
            return;
        var returned = new PooledBytes();
        returned.Append("{\"audio\":{\"id\":"u8);
        returned.Append(_id.Span);
        if (_expiry.Length > 0)
        {
            returned.Append(",\"expires_at\":"u8);
            returned.Append(_expiry.Span);
        }
        returned.Append("}}"u8);
        events.Add(StreamEventKind.WireData, choice.Index, _soundPart, returned.Span, name: "chat-completions");
        returned.Return();
    }

    public void Dispose()
    {
        _base64.Return();
        _id.Return();
        _expiry.Return();
    }

    private int SoundPart(EventBuffer events) => _soundPart >= 0 ? _soundPart : _soundPart = choice.NewPart(events);

    // Base64 can be split anywhere: bytes that cannot be decoded yet wait for the next piece.
    private void DecodeAudio(ReadOnlySpan<byte> data, EventBuffer events)
    {
        if (_base64.Length == 0 && data.Length % 4 == 0)
        {
            EmitChunk(data, events);
            return;
        }
        _base64.Append(data);
        int whole = _base64.Length & ~3;
        if (whole > 0)
            EmitChunk(_base64.Span[..whole], events);
        var rest = _base64.Span[whole..].ToArray();
        _base64.Clear();
        _base64.Append(rest);
    }

    private void EmitChunk(ReadOnlySpan<byte> base64, EventBuffer events)
    {
        // "RIFF", of which more may not have arrived yet.
        _type ??= base64.StartsWith("UklGR"u8) ? "audio/wav" : FileTypes.OfBytes(base64) ?? "audio/pcm";
        if (!GeneratedMedia.TryRead(base64, _type, out var sound))
        {
            events.Note(QuirkKind.UnexpectedType, AudioPlace + ".data");
            events.Add(StreamEventKind.Other, choice.Index, 0, name: "audio");
            return;
        }
        sound.Emit(choice.Index, SoundPart(events), events);
    }

    private static void Copy(
        scoped ref Utf8JsonReader reader,
        ReadOnlySpan<byte> audio,
        JsonTokenType wanted,
        scoped ref PooledBytes destination
    )
    {
        reader.Read();
        bool isWanted = reader.TokenType == wanted && !reader.ValueSpan.IsEmpty;
        var value = WireJson.SkipRaw(ref reader, audio);
        if (isWanted && destination.Length == 0)
            destination.Append(value);
    }

    // {"type":"image_url","image_url":{"url":"…"}}; some gateways omit one of the two levels.
    private static JsonText FindAddress(ReadOnlySpan<byte> entry, EventBuffer events)
    {
        JsonText address = default;
        var reader = WireJson.Reader(entry, events.Options);
        reader.Read();
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            bool isAddress = IsAddress(ref reader);
            reader.Read();
            if (isAddress)
                address = ReadAddress(ref reader, entry, events);
            reader.Skip();
        }
        return address;
    }

    /// <summary>Reads the URL that the reader is on, given directly or inside an object.</summary>
    public static JsonText ReadAddress(scoped ref Utf8JsonReader reader, ReadOnlySpan<byte> whole, EventBuffer events)
    {
        if (reader.TokenType == JsonTokenType.StartObject)
            return FindAddress(WireJson.SkipRaw(ref reader, whole), events);
        return reader.TokenType == JsonTokenType.String ? JsonText.Read(ref reader) : default;
    }

    private static bool IsAddress(scoped ref Utf8JsonReader reader) =>
        WireJson.Is(ref reader, "image_url"u8) || WireJson.Is(ref reader, "url"u8);

    // The members of the entry other than the image. Even an empty object counts: it says that the image goes back in such a list.
    private void EmitRest(ReadOnlySpan<byte> entry, int part, EventBuffer events)
    {
        var rest = new PooledBytes();
        var reader = WireJson.Reader(entry, events.Options);
        reader.Read();
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            bool isAddress = IsAddress(ref reader);
            var name = reader.ValueSpan;
            reader.Read();
            var value = WireJson.SkipRaw(ref reader, entry);
            if (isAddress)
                continue;
            rest.Append(rest.Length == 0 ? "{\""u8 : ",\""u8);
            rest.Append(name);
            rest.Append("\":"u8);
            rest.Append(value);
        }
        rest.Append(rest.Length == 0 ? "{}"u8 : "}"u8);
        events.Add(StreamEventKind.WireData, choice.Index, part, rest.Span, name: "chat-completions");
        rest.Return();
    }
}
