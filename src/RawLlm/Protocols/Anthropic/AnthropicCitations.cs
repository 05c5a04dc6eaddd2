using System.Text.Json;

namespace RawLlm.Protocols;

/// <summary>The citations of a text as they are sent back with it.</summary>
/// <remarks>
/// The service returns the <c>file_id</c> of a cited document, null if it has none, and rejects this member when it is sent back
/// ("citations.0.char_location.file_id: Extra inputs are not permitted", 2025).
/// </remarks>
internal static class AnthropicCitations
{
    /// <summary>Whether the data of a text contains the member that is not sent back; fast for texts without citations.</summary>
    public static bool NameFiles(RawJson data) => AreIn(data) && data.Utf8.IndexOf("\"file_id\""u8) >= 0;

    /// <summary>Whether the data of a text may contain citations.</summary>
    public static bool AreIn(RawJson data) => data.Utf8.IndexOf("\"citations\""u8) >= 0;

    /// <summary>Writes the members of a text's data without its citations.</summary>
    /// <returns>True if any were left out.</returns>
    public static bool WriteWithoutAny(JsonWriter json, RawJson data)
    {
        var utf8 = data.Utf8;
        var reader = WireJson.DeepReader(utf8);
        reader.Read();
        bool isAny = false;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
            isAny |= RawMembers.Write(json, ref reader, utf8, isLeftOut: WireJson.Is(ref reader, "citations"u8));
        return isAny;
    }

    /// <summary>Writes the members of a text's data without it.</summary>
    /// <returns>True if a value other than null was left out.</returns>
    public static bool WriteWithoutFiles(JsonWriter json, RawJson data)
    {
        var utf8 = data.Utf8;
        var reader = WireJson.DeepReader(utf8);
        reader.Read();
        bool isAny = reader.TokenType != JsonTokenType.StartObject;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            if (!WireJson.Is(ref reader, "citations"u8) || !IsList(reader))
            {
                RawMembers.Write(json, ref reader, utf8, isLeftOut: false);
                continue;
            }
            json.WriteName(reader.ValueSpan);
            json.StartArray();
            reader.Read();
            while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
            {
                if (reader.TokenType == JsonTokenType.StartObject)
                    isAny |= RawMembers.WriteWithout(json, ref reader, utf8, "file_id"u8);
                else
                    json.WriteRaw(WireJson.SkipRaw(ref reader, utf8));
            }
            json.EndArray();
        }
        return isAny;
    }

    private static bool IsList(Utf8JsonReader reader) => reader.Read() && reader.TokenType == JsonTokenType.StartArray;
}
