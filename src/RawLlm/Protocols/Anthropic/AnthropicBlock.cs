using System.Text.Json;

namespace RawLlm.Protocols;

/// <summary>A content block of the Messages wire that is kept whole.</summary>
internal static class AnthropicBlock
{
    /// <summary>What is left of one where it goes back.</summary>
    /// <param name="block">The block, whose data is the service's own.</param>
    /// <param name="messages">The conversation.</param>
    /// <param name="message">The number of the message that holds it.</param>
    /// <param name="place">Its number in the message.</param>
    /// <param name="request">The request that is written.</param>
    public static TurnPart RemainsOf(OpaquePart block, IReadOnlyList<Message> messages, int message, int place, WireRequest request)
    {
        if (AnthropicContainer.Is(block))
            return TurnPart.Elsewhere;
        var json = block.WireData!.Json.Utf8;
        var type = Find(json, "type"u8);
        // Thoughts that are not shown are blocks without a text.
        if (type.Is("redacted_thinking"u8) || type.Is("thinking"u8))
            return TurnPart.Thought;
        bool isCall = type.Is("server_tool_use"u8) || type.Is("mcp_tool_use"u8);
        return IsEmptySummary(type, json) || (isCall && AnthropicServerCall.IsLost(Find(json, "id"u8), messages, message, place, request)) ? TurnPart.LeftOut : TurnPart.Said;
    }

    /// <summary>Whether a block is the summary of a conversation that could not be summed up: it is refused ("compaction.content: content cannot be empty", 2026).</summary>
    public static bool IsEmptySummary(RawJson block) => IsEmptySummary(Find(block.Utf8, "type"u8), block.Utf8);

    /// <summary>Whether a block is of a type; cheap for all that do not so much as name it.</summary>
    public static bool IsOf(ReadOnlySpan<byte> block, ReadOnlySpan<byte> type) => block.IndexOf(type) >= 0 && Find(block, "type"u8).Is(type);

    /// <summary>A text under a name in a block; none where there is no such.</summary>
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
        return !WireJson.TryFindMember(ref reader, "content"u8) || reader.TokenType == JsonTokenType.Null || (reader.TokenType == JsonTokenType.String && reader.ValueSpan.IsEmpty);
    }
}
