namespace RawLlm.Protocols;

/// <summary>
/// Puts the results of consecutive messages in the order of their calls, for wires that match them by position: a call that waited for
/// approval has its result in a later message than the calls after it.
/// </summary>
internal static class ResultOrder
{
    /// <summary>Returns the index after the last message with tool results that follows directly; for other messages the next
    /// one.</summary>
    public static int EndOf(IReadOnlyList<Message> messages, int start)
    {
        int end = start + 1;
        while (messages[start] is { Role: Role.Tool } && end < messages.Count && messages[end] is { Role: Role.Tool, Parts: not null })
            end++;
        return end;
    }

    /// <summary>Returns the results in the order of their calls; what belongs to no call of the message before them comes last.</summary>
    /// <param name="messages">The conversation.</param>
    /// <param name="start">The index of the first message with results.</param>
    /// <param name="end">The index after the last one.</param>
    public static IReadOnlyList<Part> Of(IReadOnlyList<Message> messages, int start, int end)
    {
        if (end - start == 1 && (messages[start].Role != Role.Tool || messages[start].Parts.Count < 2))
            return messages[start].Parts;
        var results = new List<Part>();
        for (int i = start; i < end; i++)
            results.AddRange(messages[i].Parts);
        if (start == 0 || messages[start - 1] is not { Role: Role.Assistant, Parts: { } calls })
            return results;
        var ordered = new List<Part>(results.Count);
        foreach (var part in calls)
        {
            if (part is not ToolCallPart { Call: { } call })
                continue;
            for (int i = 0; i < results.Count; i++)
            {
                if (results[i] is not ToolResultPart result || result.CallId != call.Id)
                    continue;
                ordered.Add(result);
                results.RemoveAt(i);
                break;
            }
        }
        ordered.AddRange(results);
        return ordered;
    }
}
