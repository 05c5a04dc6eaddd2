using System.Text.Json;

namespace RawLlm.Protocols;

/// <summary>The members of a tool call in one part.</summary>
internal ref struct GeminiCall
{
    public JsonText Id;
    public JsonText Name;

    /// <summary>The ID with its quotes.</summary>
    public ReadOnlySpan<byte> RawId;

    /// <summary>The arguments as a JSON value, or, which is a quirk, as text.</summary>
    public ReadOnlySpan<byte> Arguments;
    public JsonText Text;

    /// <summary>A reader on the array of partial arguments, if there is one.</summary>
    public Utf8JsonReader Pieces;
    public bool HasPieces;
    public bool WillContinue;

    /// <summary>Whether partial arguments arrived in a form that cannot be read.</summary>
    public bool IsUnreadable;

    /// <summary>Whether there is a quirk to record.</summary>
    public bool IsOdd;

    /// <summary>Reads a <c>functionCall</c>; without events, deviations are only marked.</summary>
    public void Read(scoped ref Utf8JsonReader reader, ReadOnlySpan<byte> data, EventBuffer? events)
    {
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            // A comparison may throw, so it is left to the final read.
            if (events is null && reader.ValueIsEscaped)
            {
                IsOdd = true;
                WireJson.SkipValue(ref reader);
            }
            else if (WireJson.Is(ref reader, "name"u8))
            {
                reader.Read();
                if (reader.TokenType == JsonTokenType.String)
                    Name = JsonText.Read(ref reader);
                else
                    SkipUnexpected(ref reader, "candidates[].content.parts[].functionCall.name", events);
            }
            else if (WireJson.Is(ref reader, "args"u8))
            {
                reader.Read();
                if (reader.TokenType == JsonTokenType.String)
                {
                    IsOdd = true;
                    events?.Note(QuirkKind.ToolArgumentsAsText, "candidates[].content.parts[].functionCall.args");
                    Text = JsonText.Read(ref reader);
                }
                else if (reader.TokenType != JsonTokenType.Null)
                {
                    Arguments = WireJson.SkipRaw(ref reader, data);
                }
            }
            else if (WireJson.Is(ref reader, "id"u8))
            {
                reader.Read();
                if (reader.TokenType == JsonTokenType.String)
                {
                    Id = JsonText.Read(ref reader).Plain();
                    RawId = data[(int)reader.TokenStartIndex..(int)reader.BytesConsumed];
                }
                else
                {
                    SkipUnexpected(ref reader, "candidates[].content.parts[].functionCall.id", events);
                }
            }
            else if (WireJson.Is(ref reader, "partialArgs"u8))
            {
                reader.Read();
                HasPieces = reader.TokenType == JsonTokenType.StartArray;
                if (HasPieces)
                    Pieces = reader;
                IsUnreadable |= reader.TokenType is not (JsonTokenType.StartArray or JsonTokenType.Null);
                if (IsUnreadable)
                    SkipUnexpected(ref reader, "candidates[].content.parts[].functionCall.partialArgs", events);
                else
                    reader.Skip();
            }
            else if (WireJson.Is(ref reader, "willContinue"u8))
            {
                reader.Read();
                WillContinue = reader.TokenType == JsonTokenType.True;
                reader.Skip();
            }
            else
            {
                WireJson.SkipValue(ref reader);
            }
        }
    }

    // Without events, the quirk is recorded later.
    private void SkipUnexpected(scoped ref Utf8JsonReader reader, string place, EventBuffer? events)
    {
        IsOdd = true;
        if (events is null)
            reader.Skip();
        else
            WireJson.SkipUnexpected(ref reader, place, events);
    }
}
