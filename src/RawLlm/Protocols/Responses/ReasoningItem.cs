using System.Text.Json;

namespace RawLlm.Protocols;

/// <summary>Classifies reasoning items that go back to the service.</summary>
internal static class ReasoningItem
{
    /// <summary>
    /// Whether an item is reasoning that was neither sent encrypted nor shown in full: a bare ID, answered with 404 unless it was stored
    /// (OpenAI, 2025).
    /// </summary>
    public static bool IsOnlyReference(ReadOnlySpan<byte> item)
    {
        var reader = WireJson.DeepReader(item);
        if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject)
            return false;
        bool isReasoning = false;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            bool isType = WireJson.Is(ref reader, "type"u8);
            bool isEncrypted = WireJson.Is(ref reader, "encrypted_content"u8);
            bool isContent = WireJson.Is(ref reader, "content"u8);
            reader.Read();
            if (isType && reader.TokenType == JsonTokenType.String)
                isReasoning = WireJson.Is(ref reader, "reasoning"u8);
            if (isEncrypted && reader.TokenType == JsonTokenType.String && !reader.ValueSpan.IsEmpty)
                return false;
            if (isContent && reader.TokenType == JsonTokenType.StartArray)
            {
                reader.Read();
                if (reader.TokenType != JsonTokenType.EndArray)
                    return false;
            }
            else
            {
                reader.Skip();
            }
        }
        return isReasoning;
    }

    /// <summary>
    /// Whether an item is reasoning to which the next item refers by ID. Services that show the reasoning itself (open weights) have no
    /// such rule.
    /// </summary>
    public static bool IsLookedFor(ReadOnlySpan<byte> item)
    {
        var reader = WireJson.DeepReader(item);
        if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject)
            return false;
        bool isReasoning = false;
        bool isNamed = false;
        bool isShown = false;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            bool isType = WireJson.Is(ref reader, "type"u8);
            bool isId = WireJson.Is(ref reader, "id"u8);
            bool isContent = WireJson.Is(ref reader, "content"u8);
            reader.Read();
            isReasoning |= isType && reader.TokenType == JsonTokenType.String && WireJson.Is(ref reader, "reasoning"u8);
            isNamed |= isId && reader.TokenType == JsonTokenType.String;
            isShown |= isContent && reader.TokenType == JsonTokenType.StartArray && WireJson.SkipRaw(ref reader, item).Length > 2;
            reader.Skip();
        }
        return isReasoning && isNamed && !isShown;
    }
}
