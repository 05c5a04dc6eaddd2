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

    /// <summary>The names of the functions that were called, as they go out, each once.</summary>
    public static List<string> NamesIn(IReadOnlyList<Message> messages, CallNames taken, string place)
    {
        List<string> names = [];
        for (int i = 0; i < messages.Count; i++)
        {
            for (int j = 0; messages[i]?.Parts is { } parts && j < parts.Count; j++)
            {
                string? name = parts[j] switch { ToolCallPart call => call.Call?.Name, ToolResultPart result => result.Name, _ => null };
                if (name is not null && taken.Of(name, place) is var sent && !names.Contains(sent))
                    names.Add(sent);
            }
        }
        return names;
    }
}
