namespace RawLlm.Protocols;

/// <summary>The turns of a conversation on wires where user and model must take turns: the messages of one side that follow each other are one turn.</summary>
internal static class MessageTurns
{
    /// <summary>Finds the turn that begins at a message.</summary>
    /// <param name="messages">The conversation.</param>
    /// <param name="start">A message's place.</param>
    /// <param name="isAssistant">Whether the turn is the model's.</param>
    /// <returns>The place behind the turn, which may hold system messages as well; 0 when a system message stands at the start.</returns>
    /// <exception cref="ArgumentException">The message is null or of no known role.</exception>
    public static int End(IReadOnlyList<Message> messages, int start, out bool isAssistant)
    {
        var message = messages[start];
        if (message?.Parts is null)
            RequestErrors.Throw("A message of the request, or its list of parts, is null.");
        isAssistant = message.Role == Role.Assistant;
        if (message.Role == Role.System)
            return 0;
        if (message.Role is not (Role.User or Role.Assistant or Role.Tool))
            RequestErrors.Throw($"The role {message.Role} is not known.");
        int end = start + 1;
        while (end < messages.Count && messages[end] is { Parts: not null } next && (next.Role == Role.System || next.Role == Role.Assistant == isAssistant))
            end++;
        return end;
    }
}
