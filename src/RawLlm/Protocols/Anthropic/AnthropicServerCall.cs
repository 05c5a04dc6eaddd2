namespace RawLlm.Protocols;

/// <summary>A call that the service itself runs, in an answer that is sent back.</summary>
/// <remarks>
/// An answer that was cut off may end with such a call without its result. If only tool results have followed, the service still runs the
/// call (<c>pause_turn</c>). After anything else from the user, it rejects the call ("`web_search` tool use with ID `srvtoolu_1` was found
/// without a corresponding `web_search_tool_result` block", 2026).
/// </remarks>
internal static class AnthropicServerCall
{
    /// <summary>Whether a call has no result and will get none.</summary>
    /// <param name="id">The call's ID.</param>
    /// <param name="messages">The conversation.</param>
    /// <param name="message">The index of the message that contains the call.</param>
    /// <param name="part">Its index in the message.</param>
    /// <param name="request">The request being written. The kept bytes of the turn are not reused, because later messages matter.</param>
    public static bool HasNoResult(JsonText id, IReadOnlyList<Message> messages, int message, int part, WireRequest request)
    {
        if (IsAnswered(id, messages, message, part))
            return false;
        request.Written?.MarkUnreusable();
        return IsFollowedByContent(messages, message);
    }

    private static bool IsAnswered(JsonText id, IReadOnlyList<Message> messages, int message, int part)
    {
        for (int i = message; i < messages.Count && messages[i] is { Parts: { } parts, Role: Role.Assistant or Role.System }; i++)
        {
            for (int j = i == message ? part + 1 : 0; j < parts.Count; j++)
            {
                if (
                    parts[j] is OpaquePart { WireData: { Protocol: AnthropicProtocol.ProtocolName } data }
                    && AnthropicBlock.Find(data.Json.Utf8, "tool_use_id"u8) is { IsPresent: true } answered
                    && answered.Raw.SequenceEqual(id.Raw)
                )
                {
                    return true;
                }
            }
        }
        return false;
    }

    // Whether the user turn after the model's contains anything but tool results.
    private static bool IsFollowedByContent(IReadOnlyList<Message> messages, int message)
    {
        bool isUsers = false;
        for (
            int i = message + 1;
            i < messages.Count && messages[i] is { Parts: { } parts, Role: var role } && !(isUsers && role == Role.Assistant);
            i++
        )
        {
            if (role is not (Role.User or Role.Tool))
                continue;
            isUsers = true;
            for (int j = 0; j < parts.Count; j++)
            {
                if (parts[j] is not ToolResultPart)
                    return true;
            }
        }
        return false;
    }
}
