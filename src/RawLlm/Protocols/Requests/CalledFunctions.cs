namespace RawLlm.Protocols;

/// <summary>What functions a conversation has called, for services that want functions named wherever one was called.</summary>
internal static class CalledFunctions
{
    /// <summary>Whether the conversation holds a call of a function, or a result.</summary>
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

    /// <summary>Definitions of the functions that were called, under the names under which their calls go out, each once.</summary>
    /// <param name="messages">The conversation of a request that defines none.</param>
    /// <param name="wire">Where it is noted that a name was changed.</param>
    /// <param name="place">Where the name stands.</param>
    public static List<ToolDefinition> DefineFor(IReadOnlyList<Message> messages, WireRequest wire, string place)
    {
        var names = new CallNames([], wire);
        List<ToolDefinition> tools = [];
        for (int i = 0; i < messages.Count; i++)
        {
            for (int j = 0; messages[i]?.Parts is { } parts && j < parts.Count; j++)
            {
                string? name = parts[j] switch { ToolCallPart call => call.Call?.Name, ToolResultPart result => result.Name, _ => null };
                if (name is not null && names.Of(name, place) is var sent && !AreNamed(tools, sent))
                    tools.Add(new ToolDefinition(sent));
            }
        }
        return tools;
    }

    /// <summary>The latest call that a result may answer: ids that were made here may come again in another answer.</summary>
    /// <param name="messages">The conversation.</param>
    /// <param name="before">The place of the message that holds the result.</param>
    /// <param name="callId">The id that it names.</param>
    /// <returns>Null where the conversation holds none.</returns>
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
