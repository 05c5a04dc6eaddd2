namespace RawLlm.Protocols;

/// <summary>The turns of a conversation on wires where user and model alternate: consecutive messages of one side form one turn.</summary>
/// <remarks>
/// A message of the model that would be empty belongs to no turn, because the services reject it; the user messages before and after it
/// then form one turn. The same applies to a message of reasoning after which the turn contains nothing else: no turn may end with
/// reasoning ("The final block in an assistant message cannot be `thinking`.", 2026).
/// </remarks>
/// <param name="request">The request being written: data of its service is sent back.</param>
/// <param name="wire">The wire's name.</param>
/// <param name="takesUnsigned">Whether unsigned reasoning is sent.</param>
/// <param name="opaqueRemains">Decides what remains of the wire's own parts.</param>
/// <param name="keepsInstructions">Whether later instructions stay in the conversation (<see cref="Keeps"/>).</param>
internal readonly struct MessageTurns(
    WireRequest request,
    string wire,
    bool takesUnsigned,
    OpaqueRemains opaqueRemains,
    bool keepsInstructions = false
)
{
    /// <summary>Whether a request has instructions that are sent before its turns.</summary>
    /// <param name="request">The request.</param>
    /// <param name="turns">Its turns, on a wire that takes later instructions.</param>
    public static bool HaveInstructions(ChatRequest request, MessageTurns turns = default)
    {
        if (!string.IsNullOrEmpty(request.System))
            return true;
        for (int i = 0; i < request.Messages.Count; i++)
        {
            if (request.Messages[i] is { Role: Role.System, Parts.Count: > 0 } && !turns.Keeps(request.Messages, i))
                return true;
        }
        return false;
    }

    /// <summary>
    /// Whether instructions belong to a user turn, after which they are sent: those within it, those right after it, and those between an
    /// answer and it. Others have no place in the conversation: those at its beginning, within an answer, and after the last answer.
    /// </summary>
    public bool Keeps(IReadOnlyList<Message> messages, int index)
    {
        if (!keepsInstructions || messages[index] is not { Role: Role.System })
            return false;
        return Neighbor(messages, index, -1) is { } before
            && (before != Role.Assistant || Neighbor(messages, index, 1) is { } after && after != Role.Assistant);
    }

    /// <summary>Finds the turn that starts at a message.</summary>
    /// <param name="messages">The conversation.</param>
    /// <param name="start">The index of the message.</param>
    /// <param name="isAssistant">Whether the turn is the model's.</param>
    /// <returns>The index after the turn, which may include skipped messages; 0 if the message at <paramref name="start"/> is
    /// skipped.</returns>
    /// <exception cref="ArgumentException">The message is null or has an unknown role.</exception>
    public int End(IReadOnlyList<Message> messages, int start, out bool isAssistant)
    {
        var message = messages[start];
        if (message?.Parts is null)
            RequestErrors.ThrowNoMessage();
        isAssistant = message.Role == Role.Assistant;
        if (message.Role is not (Role.System or Role.User or Role.Assistant or Role.Tool))
            RequestErrors.Throw($"The role {message.Role} is not known.");
        if (IsPassedOver(messages, start) && !Keeps(messages, start))
            return 0;
        int end = start + 1;
        while (
            end < messages.Count
            && messages[end] is { Parts: not null } next
            && (next.Role == Role.Assistant == isAssistant || IsPassedOver(messages, end))
            && !(isAssistant && Keeps(messages, end))
        )
        {
            end++;
        }

        return end;
    }

    /// <summary>Whether a message is no part of a turn: instructions have their own place, and some answers would be empty.</summary>
    public bool IsPassedOver(IReadOnlyList<Message> messages, int index) => messages[index].Role == Role.System || IsEmpty(messages, index);

    /// <summary>Whether nothing remains of a message of the model.</summary>
    public bool IsEmpty(IReadOnlyList<Message> messages, int index)
    {
        var message = messages[index];
        if (message.Role != Role.Assistant)
            return false;
        var parts = message.Parts;
        bool hasThoughts = false;
        // Usually the last part has content.
        for (int i = parts.Count - 1; i >= 0; i--)
        {
            var remains = RemainsOf(parts[i], messages, index, i);
            if (remains == TurnPart.Sent)
                return false;
            hasThoughts |= remains == TurnPart.Thought;
        }
        return !hasThoughts || !HasContentAfter(messages, index, parts.Count);
    }

    /// <summary>
    /// Whether a part of the model is not sent although it is the service's own: reasoning after all other content, or something that the
    /// service rejects.
    /// </summary>
    /// <param name="part">The part.</param>
    /// <param name="messages">The conversation.</param>
    /// <param name="message">The index of its message.</param>
    /// <param name="place">Its index in the message.</param>
    public bool IsDropped(Part part, IReadOnlyList<Message> messages, int message, int place) =>
        part switch
        {
            ReasoningPart => RemainsOf(part, messages, message, place) == TurnPart.Thought && !HasContentAfter(messages, message, place),
            OpaquePart opaque when IsOwn(opaque) => RemainsOf(part, messages, message, place) switch
            {
                TurnPart.Thought => !HasContentAfter(messages, message, place),
                var remains => remains == TurnPart.LeftOut,
            },
            _ => false,
        };

    /// <summary>Enumerates the tool results in a user turn: services require them before anything else in it.</summary>
    public TurnResults Results(IReadOnlyList<Message> messages, int start, int end) => new(this, request, messages, start, end);

    /// <summary>
    /// Whether the model's last turn calls tools without reasoning before the calls. Anthropic's models then refuse to continue if thinking
    /// with a budget is requested ("Expected `thinking` or `redacted_thinking`, but found `tool_use`", 2025).
    /// </summary>
    public bool EndInCallsWithoutReasoning(IReadOnlyList<Message> messages)
    {
        bool hasCalls = false;
        bool isInside = false;
        bool isSaid = false;
        for (int i = messages.Count - 1; i >= 0; i--)
        {
            if (messages[i] is not { Parts: { } parts } message || IsPassedOver(messages, i))
                continue;
            if (message.Role != Role.Assistant)
            {
                if (isInside)
                    break;
                continue;
            }
            isInside = true;
            for (int j = parts.Count - 1; j >= 0; j--)
            {
                var remains = RemainsOf(parts[j], messages, i, j);
                // Reasoning at the end of the turn is not sent.
                if (remains == TurnPart.Thought ? isSaid : takesUnsigned && parts[j] is ReasoningPart)
                    return false;
                hasCalls |= parts[j] is ToolCallPart;
                isSaid |= remains == TurnPart.Sent;
            }
        }
        return hasCalls;
    }

    // The role of the nearest message that is part of a turn; null if there is none.
    private Role? Neighbor(IReadOnlyList<Message> messages, int index, int step)
    {
        for (int i = index + step; i >= 0 && i < messages.Count && messages[i] is { Parts: not null } message; i += step)
        {
            if (!IsPassedOver(messages, i))
                return message.Role;
        }
        return null;
    }

    // Whether the turn has content after a part of the model.
    private bool HasContentAfter(IReadOnlyList<Message> messages, int index, int place)
    {
        for (int i = index; i < messages.Count && messages[i] is { Parts: { } parts, Role: Role.Assistant or Role.System } message; i++)
        {
            for (int j = i == index ? place + 1 : 0; j < parts.Count && message.Role == Role.Assistant; j++)
            {
                if (RemainsOf(parts[j], messages, i, j) == TurnPart.Sent)
                    return true;
            }
        }
        return false;
    }

    private TurnPart RemainsOf(Part part, IReadOnlyList<Message> messages, int message, int place) =>
        part switch
        {
            TextPart { Text: { } text } => SentIf(!string.IsNullOrWhiteSpace(text)),
            RefusalPart { Text: { } text } => SentIf(!string.IsNullOrWhiteSpace(text)),
            ReasoningPart reasoning => takesUnsigned ? TurnPart.Sent
            : IsOwn(reasoning) ? TurnPart.Thought
            : TurnPart.LeftOut,
            OpaquePart opaque => IsOwn(opaque) ? opaqueRemains(opaque, messages, message, place, request) : TurnPart.LeftOut,
            FilePart { Transcript: { } transcript } => SentIf(!string.IsNullOrWhiteSpace(transcript)),
            ImagePart image => SentIf(IsOwn(image)),
            FilePart => TurnPart.LeftOut,
            _ => TurnPart.Sent,
        };

    private static TurnPart SentIf(bool isSent) => isSent ? TurnPart.Sent : TurnPart.LeftOut;

    private bool IsOwn(Part part) => request.Owns(part.WireData, wire);
}
