using System.Text.Json;

namespace RawLlm.Protocols;

/// <summary>
/// Reads <c>content_blocks</c>, in which Portkey (2025) passes on Anthropic's blocks beside the content. Reasoning is nowhere else.
/// </summary>
/// <remarks>
/// A whole answer contains <c>{"type":"thinking","thinking":"…","signature":"…"}</c>, a stream <c>{"index":0,"delta":{"thinking":"…"}}</c>
/// without a type. Text and tool calls are also outside of the list and are read from there. Source: portkey.ai/docs, "Thinking Mode".
/// </remarks>
internal static class ContentBlockReader
{
    /// <summary>Whether a member of a message or delta is this list.</summary>
    public static bool IsMember(ReadOnlySpan<byte> name) => name.SequenceEqual("content_blocks"u8);

    /// <summary>Whether a message or delta has this list.</summary>
    public static bool IsIn(ReadOnlySpan<byte> message)
    {
        if (message.IsEmpty)
            return false;
        var reader = WireJson.DeepReader(message);
        reader.Read();
        return WireJson.TryFindMember(ref reader, "content_blocks"u8);
    }

    /// <summary>Emits the reasoning in the blocks of the object.</summary>
    /// <returns>False if there is none.</returns>
    public static bool Read(ReadOnlySpan<byte> message, ChoiceState choice, bool givesText, EventBuffer events)
    {
        bool hasThoughts = false;
        var reader = WireJson.Reader(message, events.Options);
        reader.Read();
        if (!WireJson.TryFindMember(ref reader, "content_blocks"u8) || reader.TokenType != JsonTokenType.StartArray)
            return false;
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            if (reader.TokenType == JsonTokenType.StartObject)
                hasThoughts |= ReadBlock(ref reader, message, choice, givesText, events);
            else
                reader.Skip();
        }
        return hasThoughts;
    }

    private static bool ReadBlock(
        scoped ref Utf8JsonReader reader,
        ReadOnlySpan<byte> message,
        ChoiceState choice,
        bool givesText,
        EventBuffer events
    )
    {
        int index = -1;
        var piece = reader;
        var inner = reader;
        if (WireJson.TryFindMember(ref inner, "delta"u8))
        {
            piece = inner;
            inner = reader;
            if (WireJson.TryFindMember(ref inner, "index"u8))
                WireJson.TryReadIndex(ref inner, out index);
        }
        reader.Skip();
        if (piece.TokenType != JsonTokenType.StartObject)
            return false;
        var thinking = Find(piece, message, "thinking"u8);
        var signature = Find(piece, message, "signature"u8);
        var data = Find(piece, message, "data"u8);
        if (thinking.Length <= 2 && signature.Length <= 2 && data.Length <= 2)
            return false;
        choice.Returned.ReadContentBlock(thinking, signature, data, index, choice, givesText, events);
        return true;
    }

    // The string with its quotes; empty if there is none.
    private static ReadOnlySpan<byte> Find(Utf8JsonReader piece, ReadOnlySpan<byte> message, ReadOnlySpan<byte> name) =>
        WireJson.TryFindMember(ref piece, name) && piece.TokenType == JsonTokenType.String ? WireJson.SkipRaw(ref piece, message) : default;
}
