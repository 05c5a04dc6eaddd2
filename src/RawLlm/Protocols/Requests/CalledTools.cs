namespace RawLlm.Protocols;

/// <summary>Finds the tools that a conversation has called, for services that require their definitions.</summary>
internal static class CalledTools
{
    /// <summary>Whether the conversation contains a tool call or a tool result.</summary>
    public static bool IsAnyIn(IReadOnlyList<Message> messages)
    {
        for (int i = 0; i < messages.Count; i++)
        {
            for (int j = 0; messages[i]?.Parts is { } parts && j < parts.Count; j++)
            {
                if (parts[j] is ToolCallPart or ToolResultPart)
                    return true;
            }
        }
        return false;
    }

    /// <summary>Returns a definition for each called tool, under the name that is sent for its calls.</summary>
    /// <param name="messages">The conversation of a request that defines no tools.</param>
    /// <param name="wire">Records that a name was changed.</param>
    /// <param name="place">The place of the name on the wire, for the quirk.</param>
    public static List<ToolDefinition> DefineFor(IReadOnlyList<Message> messages, WireRequest wire, string place)
    {
        var names = new CallNames([], wire);
        List<ToolDefinition> tools = [];
        for (int i = 0; i < messages.Count; i++)
        {
            for (int j = 0; messages[i]?.Parts is { } parts && j < parts.Count; j++)
            {
                string? name = parts[j] switch
                {
                    ToolCallPart call => call.Call?.Name,
                    ToolResultPart result => result.Name,
                    _ => null,
                };
                if (name is not null && names.Of(name, place) is var sent && !AreNamed(tools, sent))
                    tools.Add(new ToolDefinition(sent));
            }
        }
        return tools;
    }

    /// <summary>Returns the latest call that a result can belong to: generated IDs may recur in a later answer.</summary>
    /// <param name="messages">The conversation.</param>
    /// <param name="before">The index of the message that contains the result.</param>
    /// <param name="callId">The ID in the result.</param>
    /// <returns>Null if the conversation contains no such call.</returns>
    public static ToolCallPart? FindAnswered(IReadOnlyList<Message> messages, int before, string callId)
    {
        for (int i = before - 1; i >= 0; i--)
        {
            if (messages[i] is not { Role: Role.Assistant, Parts: { } parts })
                continue;
            for (int j = parts.Count - 1; j >= 0; j--)
            {
                if (parts[j] is ToolCallPart { Call: { } call } part && call.Id == callId)
                    return part;
            }
        }
        return null;
    }

    private static bool AreNamed(List<ToolDefinition> tools, string name)
    {
        foreach (var tool in tools)
        {
            if (tool.Name == name)
                return true;
        }
        return false;
    }
}
