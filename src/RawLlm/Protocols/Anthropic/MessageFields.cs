using System.Text.Json;

namespace RawLlm.Protocols;

/// <summary>The members of a message object: a whole answer, or as much of one as <c>message_start</c> contains.</summary>
internal ref struct MessageFields
{
    public JsonText Id;
    public JsonText Model;
    public JsonText StopReason;
    public JsonText StopSequence;

    /// <summary>The service's details about the stop reason.</summary>
    public ReadOnlySpan<byte> StopDetails;

    /// <summary>The container in which the service runs code for the conversation.</summary>
    public ReadOnlySpan<byte> Container;

    /// <summary>The list of content blocks.</summary>
    public Utf8JsonReader Content;
    public bool HasContent;

    /// <summary>The content, if a server sends a string instead of the list.</summary>
    public JsonText Text;

    /// <summary>Whether the object is an error.</summary>
    public bool IsError;

    /// <summary>Reads the object that the reader is on; the usage is processed immediately.</summary>
    public void Read(scoped ref Utf8JsonReader reader, ReadOnlySpan<byte> data, scoped ref AnthropicUsage usage, EventBuffer events)
    {
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var name = WireJson.Name(ref reader);
            if (name.SequenceEqual("id"u8))
            {
                ReadFirst(ref reader, ref Id);
            }
            else if (name.SequenceEqual("model"u8))
            {
                ReadFirst(ref reader, ref Model);
            }
            else if (name.SequenceEqual("usage"u8))
            {
                reader.Read();
                usage.Read(ref reader, events);
            }
            else if (name.SequenceEqual("content"u8))
            {
                ReadContent(ref reader);
            }
            else if (name.SequenceEqual("stop_reason"u8))
            {
                WireJson.TryReadText(ref reader, ref StopReason, "stop_reason", events);
            }
            else if (name.SequenceEqual("stop_sequence"u8))
            {
                ReadFirst(ref reader, ref StopSequence);
            }
            else if (name.SequenceEqual("stop_details"u8))
            {
                reader.Read();
                StopDetails = WireJson.SkipRaw(ref reader, data);
            }
            else if (name.SequenceEqual("container"u8))
            {
                reader.Read();
                Container = WireJson.SkipRaw(ref reader, data);
            }
            else if (name.SequenceEqual("type"u8))
            {
                reader.Read();
                IsError |= reader.TokenType == JsonTokenType.String && WireJson.Name(ref reader).SequenceEqual("error"u8);
                reader.Skip();
            }
            else if (name.SequenceEqual("error"u8))
            {
                reader.Read();
                IsError |= !WireJson.IsNothing(WireJson.SkipRaw(ref reader, data));
            }
            else
            {
                WireJson.SkipValue(ref reader);
            }
        }
    }

    // Reads the first value that is not empty.
    private static void ReadFirst(scoped ref Utf8JsonReader reader, scoped ref JsonText text)
    {
        if (text.IsEmpty)
            WireJson.ReadTextIfAny(ref reader, ref text);
        else
            WireJson.SkipValue(ref reader);
    }

    private void ReadContent(scoped ref Utf8JsonReader reader)
    {
        reader.Read();
        HasContent = reader.TokenType == JsonTokenType.StartArray;
        if (HasContent)
            Content = reader;
        else if (reader.TokenType == JsonTokenType.String)
            Text = JsonText.Read(ref reader);
        else if (reader.TokenType != JsonTokenType.Null)
            WireJson.ThrowType("content", reader.TokenType);
        reader.Skip();
    }
}
