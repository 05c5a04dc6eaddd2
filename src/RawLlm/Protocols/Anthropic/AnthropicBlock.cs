using System.Text.Json;

namespace RawLlm.Protocols;

/// <summary>A content block of the Messages wire that is kept whole.</summary>
internal static class AnthropicBlock
{
    /// <summary>Decides what remains of a block when it is sent back.</summary>
    /// <param name="block">The block, whose data is the service's own.</param>
    /// <param name="messages">The conversation.</param>
    /// <param name="message">The index of the message that contains it.</param>
    /// <param name="place">Its index in the message.</param>
    /// <param name="request">The request being written.</param>
    public static TurnPart RemainsOf(OpaquePart block, IReadOnlyList<Message> messages, int message, int place, WireRequest request)
    {
        if (AnthropicContainer.Is(block))
            return TurnPart.Elsewhere;
        var json = block.WireData!.Json.Utf8;
        var type = Find(json, "type"u8);
        // Reasoning that is not shown arrives in blocks without text.
        if (type.Is("redacted_thinking"u8) || type.Is("thinking"u8))
            return TurnPart.Thought;
        bool isCall = type.Is("server_tool_use"u8) || type.Is("mcp_tool_use"u8);
        return
            IsEmptySummary(type, json) || (isCall && AnthropicServerCall.HasNoResult(Find(json, "id"u8), messages, message, place, request))
            ? TurnPart.LeftOut
            : TurnPart.Sent;
    }

    /// <summary>
    /// Whether a block is the summary of a conversation that could not be summarized: it is rejected
    /// ("compaction.content: content cannot be empty", 2026).
    /// </summary>
    public static bool IsEmptySummary(RawJson block) => IsEmptySummary(Find(block.Utf8, "type"u8), block.Utf8);

    /// <summary>Whether a block has a type; fast for blocks that do not contain the type's name at all.</summary>
    public static bool IsOf(ReadOnlySpan<byte> block, ReadOnlySpan<byte> type) =>
        block.IndexOf(type) >= 0 && Find(block, "type"u8).Is(type);

    /// <summary>Returns the string member of a block with this name; empty if there is none.</summary>
    public static JsonText Find(ReadOnlySpan<byte> block, ReadOnlySpan<byte> member)
    {
        var reader = WireJson.DeepReader(block);
        reader.Read();
        return WireJson.TryFindMember(ref reader, member) && reader.TokenType == JsonTokenType.String ? JsonText.Read(ref reader) : default;
    }

    private static bool IsEmptySummary(JsonText type, ReadOnlySpan<byte> block)
    {
        if (!type.Is("compaction"u8))
            return false;
        var reader = WireJson.DeepReader(block);
        reader.Read();
        return !WireJson.TryFindMember(ref reader, "content"u8)
            || reader.TokenType == JsonTokenType.Null
            || (reader.TokenType == JsonTokenType.String && reader.ValueSpan.IsEmpty);
    }
}
