namespace RawLlm.Protocols;

/// <summary>What is sent back of an answer in which another model of the service replaced the first one.</summary>
/// <remarks>
/// Anthropic (2026, server-side fallback): a block <c>{"type":"fallback","from":{…},"to":{…}}</c> marks where the second model began, and
/// is sent back. The first model's reasoning and tool calls before it were declined and are rejected when sent back: such a call has no
/// result.
/// </remarks>
internal static class AnthropicFallback
{
    /// <summary>Returns the index of the last fallback part; -1 if there is none.</summary>
    public static int In(IReadOnlyList<Part> parts)
    {
        for (int i = parts.Count - 1; i > 0; i--)
        {
            if (
                parts[i] is OpaquePart { WireData: { Protocol: AnthropicProtocol.ProtocolName } data }
                && AnthropicBlock.IsOf(data.Json.Utf8, "fallback"u8)
            )
            {
                return i;
            }
        }
        return -1;
    }

    /// <summary>
    /// Whether a part was declined: tool calls and reasoning before the fallback, and calls of the service's own tools without a result
    /// there.
    /// </summary>
    public static bool Declines(IReadOnlyList<Part> parts, int fallback, int place) =>
        place < fallback
        && parts[place] switch
        {
            ToolCallPart or ReasoningPart => true,
            OpaquePart { WireData: { Protocol: AnthropicProtocol.ProtocolName } data } => AnthropicBlock.IsOf(
                data.Json.Utf8,
                "redacted_thinking"u8
            )
                || (
                    AnthropicBlock.IsOf(data.Json.Utf8, "server_tool_use"u8)
                    && !IsAnswered(AnthropicBlock.Find(data.Json.Utf8, "id"u8), parts, fallback)
                ),
            _ => false,
        };

    /// <summary>Whether the call that a result belongs to was declined in the preceding turn.</summary>
    public static bool DeclinesCall(string id, IReadOnlyList<Message> messages, int turn)
    {
        for (int i = turn - 1; i >= 0 && messages[i] is { Parts: { } parts } message && message.Role is Role.Assistant or Role.System; i--)
        {
            int fallback = message.Role == Role.Assistant ? In(parts) : -1;
            for (int j = 0; j < fallback; j++)
            {
                if (parts[j] is ToolCallPart { Call: { } call } && call.Id == id)
                    return true;
            }
        }
        return false;
    }

    private static bool IsAnswered(JsonText id, IReadOnlyList<Part> parts, int fallback)
    {
        for (int i = 0; i < fallback; i++)
        {
            if (
                parts[i] is OpaquePart { WireData: { Protocol: AnthropicProtocol.ProtocolName } data }
                && !id.IsEmpty
                && AnthropicBlock.Find(data.Json.Utf8, "tool_use_id"u8).Raw.SequenceEqual(id.Raw)
            )
            {
                return true;
            }
        }
        return false;
    }
}
