using System.Text.Json;

namespace RawLlm.Protocols;

/// <summary>The members of one tool call in a message.</summary>
internal ref struct OllamaCall
{
    public JsonText Id;
    public JsonText Name;

    /// <summary>The arguments as a JSON value, or as a text, which is a quirk.</summary>
    public ReadOnlySpan<byte> Value;
    public JsonText Text;

    // Whether there is a quirk to record.
    private bool _isOdd;

    /// <summary>Reads the tool call that the reader is on.</summary>
    public void Read(scoped ref Utf8JsonReader reader, ReadOnlySpan<byte> data, EventBuffer events)
    {
        Utf8JsonReader again = default;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            if (WireJson.Is(ref reader, "function"u8))
            {
                reader.Read();
                if (reader.TokenType == JsonTokenType.StartObject)
                {
                    again = reader;
                    ReadFunction(ref reader, data, events: null);
                }
                else
                {
                    WireJson.SkipUnexpected(ref reader, "message.tool_calls[].function", events);
                }
            }
            else if (WireJson.Is(ref reader, "id"u8))
            {
                WireJson.TryReadText(ref reader, ref Id, "message.tool_calls[].id", events);
            }
            else
            {
                WireJson.SkipValue(ref reader);
            }
        }
        if (_isOdd)
            ReadFunction(ref again, data, events);
    }

    // If there are several, the last one counts. Without events, oddities are only detected, not recorded.
    private void ReadFunction(scoped ref Utf8JsonReader reader, ReadOnlySpan<byte> data, EventBuffer? events)
    {
        _isOdd = false;
        Name = Text = default;
        Value = default;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            // A comparison may throw, which is left to the read that counts.
            if (events is null && reader.ValueIsEscaped)
            {
                _isOdd = true;
                WireJson.SkipValue(ref reader);
            }
            else if (WireJson.Is(ref reader, "name"u8))
            {
                ReadName(ref reader, events);
            }
            else if (WireJson.Is(ref reader, "arguments"u8))
            {
                reader.Read();
                if (reader.TokenType == JsonTokenType.String)
                {
                    _isOdd = true;
                    events?.Note(QuirkKind.ToolArgumentsAsText, "message.tool_calls[].function.arguments");
                    Text = JsonText.Read(ref reader);
                }
                else if (reader.TokenType != JsonTokenType.Null)
                {
                    Value = WireJson.SkipRaw(ref reader, data);
                }
            }
            else
            {
                WireJson.SkipValue(ref reader);
            }
        }
    }

    private void ReadName(scoped ref Utf8JsonReader reader, EventBuffer? events)
    {
        reader.Read();
        if (reader.TokenType == JsonTokenType.String)
        {
            Name = JsonText.Read(ref reader);
            return;
        }
        _isOdd = true;
        if (events is null)
            reader.Skip();
        else
            WireJson.SkipUnexpected(ref reader, "message.tool_calls[].function.name", events);
    }
}
