using System.Text.Json;

namespace RawLlm.Protocols;

/// <summary>Sends images and audio that the model made back to the service that has them.</summary>
internal readonly struct ChatGeneratedMedia(ChatCompletionsProtocol dialect, JsonWriter json)
{
    private ChatOwnData Own => new(dialect, json);

    /// <summary>Whether an image goes back in the form in which it arrived.</summary>
    public bool Is(ImagePart image) => Own.Is(image.WireData);

    /// <summary>Returns the ID of the audio that the service has, as JSON; empty if it has none.</summary>
    /// <param name="parts">The parts of the message.</param>
    /// <param name="audioIndex">The index of the part; -1 for none.</param>
    /// <remarks><c>{"audio":{"id":"…"}}</c> stands for the audio and its transcript; only the ID goes back
    /// (platform.openai.com/docs/guides/audio).</remarks>
    public ReadOnlySpan<byte> FindAudio(IReadOnlyList<Part> parts, out int audioIndex)
    {
        for (audioIndex = 0; audioIndex < parts.Count; audioIndex++)
        {
            if (parts[audioIndex] is not FilePart { WireData: { } data } || !json.Wire.Owns(data, dialect.Name))
                continue;
            var raw = data.Json.Utf8;
            if (!raw.StartsWith("{\"audio\":"u8))
                continue;
            var reader = WireJson.DeepReader(raw);
            reader.Read();
            if (
                WireJson.TryFindMember(ref reader, "audio"u8)
                && WireJson.TryFindMember(ref reader, "id"u8)
                && reader.TokenType == JsonTokenType.String
            )
            {
                return WireJson.SkipRaw(ref reader, raw);
            }
        }
        audioIndex = -1;
        return [];
    }

    /// <summary>Writes the member that names the audio.</summary>
    public void WriteAudio(ReadOnlySpan<byte> id)
    {
        json.WriteName("audio"u8);
        json.StartObject();
        json.WriteName("id"u8);
        json.WriteRaw(id);
        json.EndObject();
    }

    /// <summary>Writes the images in a member of their own, as the service sent them.</summary>
    public void WriteImages(IReadOnlyList<Part> parts)
    {
        json.WriteName("images"u8);
        json.StartArray();
        for (int i = 0; i < parts.Count; i++)
        {
            if (parts[i] is not ImagePart image || !Is(image))
                continue;
            json.StartObject();
            new ChatPartWriter(dialect, json).WriteMade(image);
            json.WriteMembers(image.WireData!.Json);
            json.EndObject();
        }
        json.EndArray();
    }
}
