namespace RawLlm.Protocols;

/// <summary>The turns of a conversation on wires where user and model must take turns: the messages of one side that follow each other are one turn.</summary>
/// <remarks>
/// A message of the model of which nothing would be left is in no turn: the services refuse an empty one. What the user says before and
/// after it is then one turn.
/// </remarks>
/// <param name="request">The request that is written: what its service gave itself goes out again.</param>
/// <param name="wire">The wire's name.</param>
/// <param name="takesUnsigned">Whether thoughts go out that are not signed.</param>
internal readonly struct MessageTurns(WireRequest request, string wire, bool takesUnsigned)
{
    /// <summary>Whether a request has instructions, which stand above its turns.</summary>
    public static bool HaveInstructions(ChatRequest request)
    {
        if (!string.IsNullOrEmpty(request.System))
            return true;
        for (int i = 0; i < request.Messages.Count; i++)
        {
            if (request.Messages[i] is { Role: Role.System, Parts.Count: > 0 })
                return true;
        }
        return false;
    }

    /// <summary>Finds the turn that begins at a message.</summary>
    /// <param name="messages">The conversation.</param>
    /// <param name="start">A message's place.</param>
    /// <param name="isAssistant">Whether the turn is the model's.</param>
    /// <returns>The place behind the turn, which may hold messages that are passed over as well; 0 when such a message stands at the start.</returns>
    /// <exception cref="ArgumentException">The message is null or of no known role.</exception>
    public int End(IReadOnlyList<Message> messages, int start, out bool isAssistant)
    {
        var message = messages[start];
        if (message?.Parts is null)
            RequestErrors.ThrowNoMessage();
        isAssistant = message.Role == Role.Assistant;
        if (message.Role is not (Role.System or Role.User or Role.Assistant or Role.Tool))
            RequestErrors.Throw($"The role {message.Role} is not known.");
        if (IsPassedOver(message))
            return 0;
        int end = start + 1;
        while (end < messages.Count && messages[end] is { Parts: not null } next && (next.Role == Role.Assistant == isAssistant || IsPassedOver(next)))
            end++;
        return end;
    }

    /// <summary>Whether a message is in no turn: instructions have a place of their own, and of some answers nothing is left.</summary>
    public bool IsPassedOver(Message message) => message.Role == Role.System || IsEmpty(message);

    /// <summary>Whether nothing is left of a message of the model.</summary>
    public bool IsEmpty(Message message)
    {
        if (message.Role != Role.Assistant)
            return false;
        for (int i = 0; i < message.Parts.Count; i++)
        {
            bool isLeftOut = message.Parts[i] switch
            {
                TextPart { Text: { } text } => string.IsNullOrWhiteSpace(text),
                RefusalPart { Text: { } text } => string.IsNullOrWhiteSpace(text),
                ReasoningPart reasoning => !takesUnsigned && !IsOwn(reasoning),
                OpaquePart opaque => !IsOwn(opaque) || AnthropicContainer.Is(opaque),
                FilePart { Transcript: { } said } => string.IsNullOrWhiteSpace(said),
                ImagePart image => !IsOwn(image),
                FilePart => true,
                _ => false,
            };
            if (!isLeftOut)
                return false;
        }
        return true;
    }

    /// <summary>The results of functions in a turn of the user: the services want them before all else that it holds.</summary>
    public TurnResults Results(IReadOnlyList<Message> messages, int start, int end) => new(this, request, messages, start, end);

    /// <summary>
    /// Whether the model's last turn calls functions without a thought before it: Anthropic's models that are to think up to a budget then
    /// refuse to go on ("Expected `thinking` or `redacted_thinking`, but found `tool_use`", 2025).
    /// </summary>
    /// <param name="messages">The conversation.</param>
    /// <param name="redacted">What marks a thought that only the service can read.</param>
    public bool EndInCallsWithoutThoughts(IReadOnlyList<Message> messages, ReadOnlySpan<byte> redacted)
    {
        bool hasCalls = false;
        bool isInside = false;
        for (int i = messages.Count - 1; i >= 0; i--)
        {
            if (messages[i] is not { Parts: { } parts } message || IsPassedOver(message))
                continue;
            if (message.Role != Role.Assistant)
            {
                if (isInside)
                    break;
                continue;
            }
            isInside = true;
            for (int j = 0; j < parts.Count; j++)
            {
                if (parts[j] is ReasoningPart reasoning && (takesUnsigned || IsOwn(reasoning)))
                    return false;
                if (parts[j] is OpaquePart { WireData: { } data } && IsOwn(parts[j]) && data.Json.Utf8.IndexOf(redacted) >= 0)
                    return false;
                hasCalls |= parts[j] is ToolCallPart;
            }
        }
        return hasCalls;
    }

    private bool IsOwn(Part part) => request.Owns(part.WireData, wire);
}
