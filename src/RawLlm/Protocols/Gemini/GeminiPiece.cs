using System.Text.Json;

namespace RawLlm.Protocols;

/// <summary>One piece of the arguments of a call.</summary>
internal ref struct GeminiPiece
{
    /// <summary>Where it belongs, as in <c>$.location.city</c>.</summary>
    public JsonText Path;

    /// <summary>The value as it stands in JSON, a text without its quotes. No value at all is an empty text, which the service leaves out.</summary>
    public ReadOnlySpan<byte> Value;
    public bool IsString;

    /// <summary>True for a text that the next piece goes on with.</summary>
    public bool GoesOn;

    /// <summary>True where its value could not be read.</summary>
    public bool IsLost;

    /// <summary>Reads the object that the reader stands on.</summary>
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
            else if (WireJson.Is(ref reader, "numberValue"u8) || WireJson.Is(ref reader, "boolValue"u8) || WireJson.Is(ref reader, "nullValue"u8))
            {
                bool isNull = WireJson.Is(ref reader, "nullValue"u8);
                reader.Read();
                isNull |= reader.TokenType == JsonTokenType.Null;
                isKnown = true;
                // A gateway may write all members, and null for those that the service left out.
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
                GoesOn = reader.TokenType == JsonTokenType.True;
            }
            else
            {
                isOther |= WireJson.Name(ref reader).EndsWith("Value"u8);
                reader.Read();
            }
            reader.Skip();
        }
        IsLost |= isOther && !isKnown;
    }

    private bool TryReadText(scoped ref Utf8JsonReader reader, EventBuffer events)
    {
        if (reader.TokenType == JsonTokenType.String)
        {
            Value = reader.ValueSpan;
            return IsString = true;
        }
        IsLost |= reader.TokenType != JsonTokenType.Null;
        WireJson.SkipUnexpected(ref reader, "candidates[].content.parts[].functionCall.partialArgs[].stringValue", events);
        return false;
    }
}
