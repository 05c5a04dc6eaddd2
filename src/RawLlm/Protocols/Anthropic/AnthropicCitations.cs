using System.Text.Json;

namespace RawLlm.Protocols;

/// <summary>The sources that a text cites, as they go back with it.</summary>
/// <remarks>
/// The service shows the <c>file_id</c> of a document that is cited, null where it has none, and refuses it in what goes back
/// ("citations.0.char_location.file_id: Extra inputs are not permitted", 2025).
/// </remarks>
internal static class AnthropicCitations
{
    /// <summary>Whether what came with a text has what does not go back; cheap for all that cite nothing.</summary>
    public static bool NameFiles(RawJson data) => data.Utf8.IndexOf("\"citations\""u8) >= 0 && data.Utf8.IndexOf("\"file_id\""u8) >= 0;

    /// <summary>Writes the members of what came with a text without it.</summary>
    /// <returns>True when that left out anything that was said.</returns>
    public static bool WriteWithoutFiles(JsonWriter json, RawJson data)
    {
        var utf8 = data.Utf8;
        var reader = new Utf8JsonReader(utf8, new JsonReaderOptions { MaxDepth = 256 });
        reader.Read();
        bool isAny = reader.TokenType != JsonTokenType.StartObject;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            bool isCitations = WireJson.Is(ref reader, "citations"u8);
            json.WriteName(reader.ValueSpan);
            reader.Read();
            if (!isCitations || reader.TokenType != JsonTokenType.StartArray)
            {
                json.WriteRaw(WireJson.SkipRaw(ref reader, utf8));
                continue;
            }
            json.StartArray();
            while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
                isAny |= WriteCitation(json, ref reader, utf8);
            json.EndArray();
        }
        return isAny;
    }

    private static bool WriteCitation(JsonWriter json, ref Utf8JsonReader reader, ReadOnlySpan<byte> utf8)
    {
        if (reader.TokenType != JsonTokenType.StartObject)
        {
            json.WriteRaw(WireJson.SkipRaw(ref reader, utf8));
            return false;
        }
        bool isAny = false;
        json.StartObject();
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            bool isFile = WireJson.Is(ref reader, "file_id"u8);
            var name = reader.ValueSpan;
            reader.Read();
            var value = WireJson.SkipRaw(ref reader, utf8);
            if (isFile)
            {
                isAny |= !value.SequenceEqual("null"u8);
                continue;
            }
            json.WriteName(name);
            json.WriteRaw(value);
        }
        json.EndObject();
        return isAny;
    }
}
