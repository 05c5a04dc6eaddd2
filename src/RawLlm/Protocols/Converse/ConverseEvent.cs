using System.Text.Json;

namespace RawLlm.Protocols;

/// <summary>The members of one event of the Converse wire. All are optional and may come in any order.</summary>
internal ref struct ConverseEvent
{
    /// <summary>The index of the content block; -1 if there is none.</summary>
    public int Index;

    public ConverseDelta Delta;

    /// <summary>The object that describes the block that starts with this event.</summary>
    public Utf8JsonReader Start;
    public bool HasStart;
    public JsonText StopReason;
    public bool HasUsage;

    /// <summary>Returns the kind of an event by its name.</summary>
    public static ConverseEventKind KindOf(ReadOnlySpan<byte> name) =>
        name switch
        {
            _ when name.SequenceEqual("contentBlockDelta"u8) => ConverseEventKind.BlockDelta,
            _ when name.SequenceEqual("contentBlockStart"u8) => ConverseEventKind.BlockStart,
            _ when name.SequenceEqual("contentBlockStop"u8) => ConverseEventKind.BlockStop,
            _ when name.SequenceEqual("messageStart"u8) => ConverseEventKind.MessageStart,
            _ when name.SequenceEqual("messageStop"u8) => ConverseEventKind.MessageStop,
            _ when name.SequenceEqual("metadata"u8) => ConverseEventKind.Metadata,
            _ => ConverseEventKind.Other,
        };

    /// <summary>Reads the members of the object that the reader is on; the usage is processed immediately.</summary>
    // A random string "p" pads each payload, so that its length does not reveal its content (2025).
    public void Read(scoped ref Utf8JsonReader reader, ReadOnlySpan<byte> data, scoped ref ConverseUsage usage, EventBuffer events)
    {
        // Not in a constructor, which would clear the whole struct a second time (10 ns per event).
        Index = -1;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var name = WireJson.Name(ref reader);
            if (name.SequenceEqual("contentBlockIndex"u8))
                ReadIndex(ref reader, events);
            else if (name.SequenceEqual("delta"u8))
                ReadDelta(ref reader, data, events);
            else if (name.SequenceEqual("start"u8))
                HasStart = WireJson.TrySaveReader(ref reader, JsonTokenType.StartObject, ref Start);
            else if (name.SequenceEqual("stopReason"u8))
                WireJson.TryReadText(ref reader, ref StopReason, "stopReason", events);
            else if (name.SequenceEqual("usage"u8))
                ReadUsage(ref reader, ref usage, events);
            else
                events.Ignore(ref reader);
        }
    }

    private void ReadIndex(scoped ref Utf8JsonReader reader, EventBuffer events)
    {
        reader.Read();
        Index = -1;
        WireJson.ReadIndex(ref reader, ref Index, "contentBlockIndex", events);
    }

    private void ReadDelta(scoped ref Utf8JsonReader reader, ReadOnlySpan<byte> data, EventBuffer events)
    {
        reader.Read();
        if (reader.TokenType == JsonTokenType.StartObject)
            Delta.Read(ref reader, data, events);
        else
            WireJson.SkipUnexpected(ref reader, "delta", events);
    }

    private void ReadUsage(scoped ref Utf8JsonReader reader, scoped ref ConverseUsage usage, EventBuffer events)
    {
        reader.Read();
        HasUsage = true;
        usage.Read(ref reader, events);
    }
}
