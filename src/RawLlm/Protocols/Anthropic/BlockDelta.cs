using System.Text.Json;

namespace RawLlm.Protocols;

/// <summary>The <c>delta</c> of one event, either of a content block or of the message; the members of the two do not overlap.</summary>
internal ref struct BlockDelta
{
    public BlockDeltaKind Kind;
    public bool HasType;
    public JsonText Text;
    public JsonText Thinking;
    public JsonText PartialJson;
    public JsonText Signature;

    /// <summary>The fragment as a JSON value, if a server sends one instead of text.</summary>
    public ReadOnlySpan<byte> PartialValue;

    /// <summary>Whether the fragment is neither, so that it cannot be read.</summary>
    public bool IsPartialUnreadable;

    public ReadOnlySpan<byte> Citation;
    public JsonText StopReason;
    public JsonText StopSequence;

    /// <summary>The container in which the service runs code for the conversation.</summary>
    public ReadOnlySpan<byte> Container;

    /// <summary>The service's details about the stop reason.</summary>
    public ReadOnlySpan<byte> StopDetails;

    /// <summary>The usage, if a server sends it inside the delta, with the stop reason, instead of beside the delta.</summary>
    public ReadOnlySpan<byte> Usage;

    /// <summary>The whole object.</summary>
    public ReadOnlySpan<byte> Raw;

    /// <summary>Whether the delta contains input of a tool call, whatever its type.</summary>
    public readonly bool HasInput => !PartialJson.IsEmpty || !PartialValue.IsEmpty || IsPartialUnreadable;

    /// <summary>Reads the object that the reader is on.</summary>
    public void Read(scoped ref Utf8JsonReader reader, ReadOnlySpan<byte> data, EventBuffer events)
    {
        int start = checked((int)reader.TokenStartIndex);
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var name = WireJson.Name(ref reader);
            if (name.SequenceEqual("type"u8))
                ReadType(ref reader);
            else if (name.SequenceEqual("text"u8))
                WireJson.TryReadText(ref reader, ref Text, "delta.text", events);
            else if (name.SequenceEqual("thinking"u8))
                WireJson.TryReadText(ref reader, ref Thinking, "delta.thinking", events);
            else if (name.SequenceEqual("partial_json"u8))
                ReadPartialJson(ref reader, data, events);
            else if (name.SequenceEqual("signature"u8))
                WireJson.TryReadText(ref reader, ref Signature, "delta.signature", events);
            else if (name.SequenceEqual("citation"u8))
                Citation = ReadRaw(ref reader, data);
            else if (name.SequenceEqual("stop_reason"u8))
                WireJson.TryReadText(ref reader, ref StopReason, "delta.stop_reason", events);
            else if (name.SequenceEqual("stop_sequence"u8))
                ReadStopSequence(ref reader);
            else if (name.SequenceEqual("stop_details"u8))
                StopDetails = ReadRaw(ref reader, data);
            else if (name.SequenceEqual("container"u8))
                Container = ReadRaw(ref reader, data);
            else if (name.SequenceEqual("usage"u8))
                Usage = ReadRaw(ref reader, data);
            else
                events.Ignore(ref reader);
        }
        Raw = data[start..checked((int)reader.BytesConsumed)];
    }

    /// <summary>Infers the kind from the only member if there is no type: some gateways omit it.</summary>
    public void InferKind(EventBuffer events)
    {
        if (HasType)
            return;
        events.Note(QuirkKind.UnexpectedType, "delta.type");
        bool isJson = PartialJson.IsPresent || !PartialValue.IsEmpty;
        var (kind, count) = (BlockDeltaKind.Other, 0);
        if (Text.IsPresent)
            (kind, count) = (BlockDeltaKind.Text, count + 1);
        if (Thinking.IsPresent)
            (kind, count) = (BlockDeltaKind.Thinking, count + 1);
        if (isJson)
            (kind, count) = (BlockDeltaKind.InputJson, count + 1);
        if (Signature.IsPresent)
            (kind, count) = (BlockDeltaKind.Signature, count + 1);
        if (!Citation.IsEmpty)
            (kind, count) = (BlockDeltaKind.Citations, count + 1);
        if (count == 1)
            Kind = kind;
    }

    private void ReadType(scoped ref Utf8JsonReader reader)
    {
        reader.Read();
        HasType = reader.TokenType == JsonTokenType.String;
        if (HasType)
            Kind = KindOf(ref reader);
        reader.Skip();
    }

    private static BlockDeltaKind KindOf(scoped ref Utf8JsonReader reader)
    {
        var kind = WireJson.Name(ref reader);
        if (kind.SequenceEqual("text_delta"u8))
            return BlockDeltaKind.Text;
        if (kind.SequenceEqual("input_json_delta"u8))
            return BlockDeltaKind.InputJson;
        if (kind.SequenceEqual("thinking_delta"u8))
            return BlockDeltaKind.Thinking;
        if (kind.SequenceEqual("signature_delta"u8))
            return BlockDeltaKind.Signature;
        if (kind.SequenceEqual("citations_delta"u8))
            return BlockDeltaKind.Citations;
        return BlockDeltaKind.Other;
    }

    private void ReadPartialJson(scoped ref Utf8JsonReader reader, ReadOnlySpan<byte> data, EventBuffer events)
    {
        reader.Read();
        if (reader.TokenType == JsonTokenType.StartObject)
            PartialValue = WireJson.SkipRaw(ref reader, data);
        else if (reader.TokenType == JsonTokenType.String)
            PartialJson = JsonText.Read(ref reader);
        else
            SkipPartial(ref reader, events);
    }

    private void SkipPartial(scoped ref Utf8JsonReader reader, EventBuffer events)
    {
        IsPartialUnreadable = reader.TokenType != JsonTokenType.Null;
        WireJson.SkipUnexpected(ref reader, "delta.partial_json", events);
    }

    private void ReadStopSequence(scoped ref Utf8JsonReader reader)
    {
        reader.Read();
        if (reader.TokenType == JsonTokenType.String)
            StopSequence = JsonText.Read(ref reader);
        else
            reader.Skip();
    }

    private static ReadOnlySpan<byte> ReadRaw(scoped ref Utf8JsonReader reader, ReadOnlySpan<byte> data)
    {
        reader.Read();
        return WireJson.SkipRaw(ref reader, data);
    }
}
