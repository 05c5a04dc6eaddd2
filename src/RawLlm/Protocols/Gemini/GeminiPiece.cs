using System.Text.Json;

namespace RawLlm.Protocols;

/// <summary>One piece of a call's arguments.</summary>
internal ref struct GeminiPiece
{
    /// <summary>Where it belongs, such as <c>$.location.city</c>.</summary>
    public JsonText Path;

    /// <summary>The value in JSON, for a string without its quotes. A missing value is an empty string, which the service omits.</summary>
    public ReadOnlySpan<byte> Value;
    public bool IsString;

    /// <summary>Whether the string continues in the next piece.</summary>
    public bool WillContinue;

    /// <summary>Whether the value could not be read.</summary>
    public bool IsUnreadable;

    /// <summary>Reads the object that the reader is on.</summary>
    public void Read(scoped ref Utf8JsonReader reader, EventBuffer events)
    {
        IsString = true;
        bool hasValue = false;
        bool isKnown = false;
        bool isOther = false;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            if (WireJson.Is(ref reader, "jsonPath"u8))
            {
                reader.Read();
                if (reader.TokenType == JsonTokenType.String)
                    Path = JsonText.Read(ref reader);
            }
            else if (WireJson.Is(ref reader, "stringValue"u8))
            {
                reader.Read();
                isKnown = true;
                hasValue |= TryReadText(ref reader, events);
            }
            else if (
                WireJson.Is(ref reader, "numberValue"u8)
                || WireJson.Is(ref reader, "boolValue"u8)
                || WireJson.Is(ref reader, "nullValue"u8)
            )
            {
                bool isNull = WireJson.Is(ref reader, "nullValue"u8);
                reader.Read();
                isNull |= reader.TokenType == JsonTokenType.Null;
                isKnown = true;
                // A gateway may write all members, with null for those that the service omitted.
                if (!isNull || !hasValue)
                {
                    Value = isNull ? "null"u8 : reader.ValueSpan;
                    IsString = false;
                    hasValue = !isNull;
                }
            }
            else if (WireJson.Is(ref reader, "willContinue"u8))
            {
                reader.Read();
                WillContinue = reader.TokenType == JsonTokenType.True;
            }
            else
            {
                isOther |= WireJson.Name(ref reader).EndsWith("Value"u8);
                reader.Read();
            }
            reader.Skip();
        }
        IsUnreadable |= isOther && !isKnown;
    }

    private bool TryReadText(scoped ref Utf8JsonReader reader, EventBuffer events)
    {
        if (reader.TokenType == JsonTokenType.String)
        {
            Value = reader.ValueSpan;
            return IsString = true;
        }
        IsUnreadable |= reader.TokenType != JsonTokenType.Null;
        WireJson.SkipUnexpected(ref reader, "candidates[].content.parts[].functionCall.partialArgs[].stringValue", events);
        return false;
    }
}
