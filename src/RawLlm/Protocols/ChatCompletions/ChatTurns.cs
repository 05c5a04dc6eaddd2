namespace RawLlm.Protocols;

/// <summary>Determines which messages of a conversation are sent on chat completions, and which of them are joined.</summary>
/// <param name="dialect">What the service accepts.</param>
/// <param name="instructions">The messages that are sent at the start.</param>
/// <param name="own">What goes back to the service.</param>
/// <param name="wire">Records what is left out.</param>
internal readonly struct ChatTurns(ChatCompletionsProtocol dialect, ChatInstructions instructions, ChatOwnData own, WireRequest wire)
{
    /// <summary>Returns which kinds of content in a message are sent.</summary>
    public SentContentKinds SentKinds(Message? message)
    {
        if (message?.Parts is not { } parts)
            return SentContentKinds.Nothing;
        if (message.Role is not (Role.User or Role.Tool))
            return message.Role == Role.Assistant && IsLeftOut(message) ? SentContentKinds.Nothing : SentContentKinds.Else;
        var holds = message.Role == Role.User && parts.Count == 0 ? SentContentKinds.Else : SentContentKinds.Nothing;
        for (int i = 0; i < parts.Count; i++)
            holds |= parts[i] is ToolResultPart ? SentContentKinds.Results : SentContentKinds.Else;
        return holds;
    }

    /// <summary>Whether a message of the model is left out, because the service rejects what remains of it.</summary>
    public bool IsLeftOut(Message message)
    {
        if (dialect.AcceptsEmptyAnswers)
            return false;
        for (int i = 0; i < message.Parts.Count; i++)
        {
            if (
                message.Parts[i]
                is ToolCallPart
                    or TextPart { Text: not "" }
                    or RefusalPart { Text: not "" }
                    or FilePart { Transcript.Length: > 0 }
            )
            {
                return false;
            }

            if (message.Parts[i] is null or ToolResultPart || own.HasContent(message.Parts[i].WireData))
                return false;
        }
        return true;
    }

    /// <summary>Whether the next message with anything to send contains tool results.</summary>
    public bool GoOnInResults(IReadOnlyList<Message> messages, int position)
    {
        while (position < messages.Count)
        {
            var holds =
                messages[position] is { } message && instructions.Includes(message, position)
                    ? SentContentKinds.Nothing
                    : SentKinds(messages[position]);
            if (holds != SentContentKinds.Nothing)
                return (holds & SentContentKinds.Results) != 0;
            position++;
        }
        return false;
    }

    /// <summary>Returns the end of the turn that starts at a message. Tool results are separate messages and are never joined.</summary>
    public int End(IReadOnlyList<Message> messages, int start)
    {
        int end = start + 1;
        if (dialect.AcceptsRepeatedRoles || SentKinds(messages[start]) != SentContentKinds.Else || messages[start].Role == Role.System)
            return end;
        for (int i = end; i < messages.Count && messages[i] is { Parts: not null } next; i++)
        {
            if (instructions.Includes(next, i) || next.Role == Role.Assistant && IsLeftOut(next))
                continue;
            if (next.Role != messages[start].Role || SentKinds(next) != SentContentKinds.Else)
                break;
            end = i + 1;
        }
        return end;
    }

    /// <summary>Joins the messages of a turn into one, with a blank line between their texts.</summary>
    public Message Join(IReadOnlyList<Message> messages, int start, int end)
    {
        var parts = new List<Part>();
        bool isText = true;
        bool hasText = false;
        string? name = messages[start].Name;
        for (int i = start; i < end; i++)
        {
            var message = messages[i];
            if (instructions.Includes(message, i))
                continue;
            if (message.Role == Role.Assistant && IsLeftOut(message))
            {
                wire.Note(QuirkKind.LeftOut, "messages[]");
                continue;
            }
            if (message.Name != name)
                wire.Note(QuirkKind.LeftOut, "messages[].name");
            name = message.Name == name ? name : null;
            bool isNext = true;
            for (int j = 0; j < message.Parts.Count; j++)
            {
                var part = message.Parts[j];
                isText &= part is TextPart { WireData: null, Cache: null };
                if (part is TextPart { Text.Length: > 0 })
                {
                    if (isNext && hasText)
                        parts.Add(new TextPart("\n\n"));
                    (isNext, hasText) = (false, true);
                }
                parts.Add(part);
            }
        }
        if (isText)
            parts = [new TextPart(Message.JoinText(parts))];
        return new Message(messages[start].Role, parts) { Name = name };
    }

    /// <summary>Returns the index of the last user message that contains more than tool results; -1 if there is none.</summary>
    public static int LastQuestion(IReadOnlyList<Message> messages)
    {
        for (int i = messages.Count - 1; i >= 0; i--)
        {
            if (messages[i] is not { Role: Role.User, Parts: { } parts })
                continue;
            for (int j = 0; j < parts.Count; j++)
            {
                if (parts[j] is not ToolResultPart)
                    return i;
            }
        }
        return -1;
    }
}
