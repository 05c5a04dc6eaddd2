using System.Text;
using System.Text.Json;

namespace RawLlm.Protocols;

/// <summary>The members of one event of the Messages wire. All are optional and may come in any order.</summary>
internal ref struct MessageEvent
{
    /// <summary>The type in the event, or, if it has none, the type according to the framing.</summary>
    public MessageEventKind Kind;

    /// <summary>The index of the content block; -1 if there is none.</summary>
    public int Index;

    public BlockDelta Delta;

    /// <summary>The object under <c>content_block</c> or <c>message</c>.</summary>
    public Utf8JsonReader Object;
    public bool HasObject;
    public bool HasUsage;
    private bool _hasError;
    private bool _hasWords;

    /// <summary>Reads the members of the object that the reader is on, including the usage.</summary>
    public void Read(
        scoped ref Utf8JsonReader reader,
        ReadOnlySpan<byte> data,
        ReadOnlySpan<byte> frameType,
        scoped ref AnthropicUsage usage,
        EventBuffer events
    )
    {
        // Not in a constructor, which would clear the whole struct a second time (10 ns per event).
        Index = -1;
        ReadOnlySpan<byte> used = default;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var name = WireJson.Name(ref reader);
            if (name.SequenceEqual("type"u8))
                ReadKind(ref reader);
            else if (name.SequenceEqual("index"u8))
                ReadIndex(ref reader, events);
            else if (name.SequenceEqual("delta"u8))
                ReadDelta(ref reader, data, events);
            else if (name.SequenceEqual("content_block"u8) || name.SequenceEqual("message"u8))
                ReadObject(ref reader);
            else if (name.SequenceEqual("usage"u8))
                used = ReadUsage(ref reader, data);
            else if (name.SequenceEqual("error"u8))
                ReadError(ref reader, data);
            else if (name.SequenceEqual("Message"u8) || name.SequenceEqual("msg"u8) || name.SequenceEqual("detail"u8))
                ReadWords(ref reader);
            else
                events.Ignore(ref reader);
        }
        if (Kind == MessageEventKind.None)
            Kind = KindOf(frameType);
        if (HasUsage)
            AddUsage(used, ref usage, events);
    }

    /// <summary>Whether the event is an error, whatever its type.</summary>
    // An event that is unknown on this wire and contains a message is an error without its envelope.
    public readonly bool IsError(ReadOnlySpan<byte> data) =>
        _hasError
        || Kind == MessageEventKind.Error
        || (_hasWords && Kind is MessageEventKind.None or MessageEventKind.Other)
        || (Kind == MessageEventKind.None && ErrorBody.Read(data).IsExplained);

    private static MessageEventKind KindOf(ReadOnlySpan<byte> type) =>
        type switch
        {
            _ when type.SequenceEqual("content_block_delta"u8) => MessageEventKind.BlockDelta,
            _ when type.SequenceEqual("content_block_start"u8) => MessageEventKind.BlockStart,
            _ when type.SequenceEqual("content_block_stop"u8) => MessageEventKind.BlockStop,
            _ when type.SequenceEqual("message_start"u8) => MessageEventKind.MessageStart,
            _ when type.SequenceEqual("message_delta"u8) => MessageEventKind.MessageDelta,
            _ when type.SequenceEqual("message_stop"u8) => MessageEventKind.MessageStop,
            _ when type.SequenceEqual("ping"u8) => MessageEventKind.Ping,
            _ when type.SequenceEqual("message"u8) => MessageEventKind.Message,
            _ when type.SequenceEqual("error"u8) => MessageEventKind.Error,
            [] => MessageEventKind.None,
            _ => MessageEventKind.Other,
        };

    private void ReadKind(scoped ref Utf8JsonReader reader)
    {
        reader.Read();
        if (reader.TokenType == JsonTokenType.String)
            Kind = KindOf(reader.ValueIsEscaped ? Encoding.UTF8.GetBytes(JsonText.Read(ref reader).ToString()) : reader.ValueSpan);
        else
            reader.Skip();
    }

    private void ReadIndex(scoped ref Utf8JsonReader reader, EventBuffer events)
    {
        reader.Read();
        Index = -1;
        WireJson.ReadIndex(ref reader, ref Index, "index", events);
    }

    private void ReadDelta(scoped ref Utf8JsonReader reader, ReadOnlySpan<byte> data, EventBuffer events)
    {
        reader.Read();
        if (reader.TokenType == JsonTokenType.StartObject)
            Delta.Read(ref reader, data, events);
        else
            WireJson.SkipUnexpected(ref reader, "delta", events);
    }

    // The bare form of an error has a string under "message".
    private void ReadObject(scoped ref Utf8JsonReader reader)
    {
        _hasWords |= AnswerErrors.IsWords(ref reader);
        if (reader.TokenType == JsonTokenType.StartObject)
        {
            Object = reader;
            HasObject = true;
        }
        reader.Skip();
    }

    private ReadOnlySpan<byte> ReadUsage(scoped ref Utf8JsonReader reader, ReadOnlySpan<byte> data)
    {
        reader.Read();
        HasUsage |= reader.TokenType != JsonTokenType.Null;
        return WireJson.SkipRaw(ref reader, data);
    }

    // The service that transports the wire adds events of its own, which repeat early counts at the end (Vertex, "vertex_event", 2026).
    private readonly void AddUsage(ReadOnlySpan<byte> used, scoped ref AnthropicUsage usage, EventBuffer events)
    {
        if (Kind is MessageEventKind.None or MessageEventKind.Other && usage.IsReported)
            return;
        var reader = WireJson.Reader(used, events.Options);
        reader.Read();
        usage.Read(ref reader, events);
    }

    private void ReadError(scoped ref Utf8JsonReader reader, ReadOnlySpan<byte> data)
    {
        reader.Read();
        _hasError |= !WireJson.IsNothing(WireJson.SkipRaw(ref reader, data));
    }

    private void ReadWords(scoped ref Utf8JsonReader reader)
    {
        _hasWords |= AnswerErrors.IsWords(ref reader);
        reader.Skip();
    }
}
