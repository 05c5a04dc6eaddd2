using System.Text.Json;

namespace RawLlm.Protocols;

/// <summary>
/// Members that services include in an item, but reject in one that goes back ("Unknown parameter: 'input[1].created_by'", OpenAI and
/// Azure, 2026).
/// </summary>
/// <remarks>A search whose sources were requested has them in its action ("Unknown parameter: 'input[2].action.sources'", OpenAI,
/// 2026).</remarks>
internal static class OutputOnlyMembers
{
    /// <summary>Whether an item has any of them.</summary>
    public static bool AreIn(RawJson item)
    {
        var utf8 = item.Utf8;
        // Nearly all items have none, and encrypted ones are long.
        if (
            utf8.IndexOf("\"created_by\""u8) < 0
            && utf8.IndexOf("null"u8) < 0
            && utf8.IndexOf("\"image_generation_call\""u8) < 0
            && utf8.IndexOf("\"sources\""u8) < 0
        )
        {
            return false;
        }

        var reader = Reader(utf8);
        reader.Read();
        if (reader.TokenType != JsonTokenType.StartObject)
            return false;
        bool isImage = IsOf(reader, "image_generation_call"u8);
        bool isSearch = IsOf(reader, "web_search_call"u8);
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            if (Is(reader, isImage) || (isSearch && HasSources(reader)))
                return true;
            WireJson.SkipValue(ref reader);
        }
        return false;
    }

    /// <summary>Writes an item, an object, without them.</summary>
    /// <returns>True if one of the omitted members had a value.</returns>
    public static bool WriteWithout(JsonWriter json, RawJson item)
    {
        json.StartObject();
        bool isAny = WriteMembersWithout(json, item);
        json.EndObject();
        return isAny;
    }

    /// <summary>Writes the members of an item without these.</summary>
    /// <returns>True if one of the omitted members had a value.</returns>
    public static bool WriteMembersWithout(JsonWriter json, RawJson item)
    {
        var utf8 = item.Utf8;
        var reader = Reader(utf8);
        reader.Read();
        bool isImage = IsOf(reader, "image_generation_call"u8);
        bool isSearch = IsOf(reader, "web_search_call"u8);
        bool isAny = false;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            if (!isSearch || !HasSources(reader))
            {
                isAny |= RawMembers.Write(json, ref reader, utf8, isLeftOut: Is(reader, isImage));
                continue;
            }
            json.WriteName(reader.ValueSpan);
            reader.Read();
            isAny |= RawMembers.WriteWithout(json, ref reader, utf8, "sources"u8);
        }
        return isAny;
    }

    /// <summary>Whether the member whose name the reader is on is one of them, in any item.</summary>
    /// <param name="reader">A copy of the reader.</param>
    // OpenAI (2025) rejects a null status of reasoning, and servers that fill in all members of OpenAI's types send one. Required members
    // that may be null stay.
    public static bool Is(Utf8JsonReader reader) =>
        WireJson.Is(ref reader, "created_by"u8)
        || (
            (WireJson.Is(ref reader, "status"u8) || WireJson.Is(ref reader, "content"u8) || WireJson.Is(ref reader, "encrypted_content"u8))
            && reader.Read()
            && reader.TokenType == JsonTokenType.Null
        );

    private static bool Is(Utf8JsonReader reader, bool isImage) =>
        Is(reader)
        || (
            isImage
            && (
                WireJson.Is(ref reader, "action"u8)
                || WireJson.Is(ref reader, "background"u8)
                || WireJson.Is(ref reader, "output_format"u8)
                || WireJson.Is(ref reader, "quality"u8)
                || WireJson.Is(ref reader, "size"u8)
            )
        );

    private static bool IsOf(Utf8JsonReader reader, ReadOnlySpan<byte> type) =>
        WireJson.TryFindMember(ref reader, "type"u8) && reader.TokenType == JsonTokenType.String && WireJson.Is(ref reader, type);

    private static bool HasSources(Utf8JsonReader reader) =>
        WireJson.Is(ref reader, "action"u8) && reader.Read() && WireJson.TryFindMember(ref reader, "sources"u8);

    // As deep as LlmLimits.JsonDepth allows at most.
    private static Utf8JsonReader Reader(ReadOnlySpan<byte> json) => WireJson.DeepReader(json);
}
