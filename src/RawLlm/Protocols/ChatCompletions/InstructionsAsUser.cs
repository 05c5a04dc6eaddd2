namespace RawLlm.Protocols;

/// <summary>
/// Turns instructions into messages of the user, for a model whose template knows no other role and requires roles to alternate.
/// </summary>
internal static class InstructionsAsUser
{
    /// <summary>Whether a dialect sends instructions in this way.</summary>
    public static bool AreUsedBy(ChatCompletionsProtocol dialect) => dialect is { SystemRole: "user", AcceptsRepeatedRoles: false };

    /// <summary>Returns the same request with its instructions as messages of the user, which are then joined with their
    /// neighbors.</summary>
    public static ChatRequest Rewrite(ChatRequest request, WireRequest wire)
    {
        var messages = new List<Message>(request.Messages.Count + 1);
        if (!string.IsNullOrEmpty(request.System))
            messages.Add(Message.User(request.System));
        bool isChanged = messages.Count > 0;
        foreach (var message in request.Messages)
        {
            bool isInstruction = message is { Role: Role.System };
            isChanged |= isInstruction;
            messages.Add(isInstruction ? message with { Role = Role.User } : message);
        }
        if (!isChanged)
            return request;
        wire.Note(QuirkKind.Adapted, "messages[].role");
        return request with { System = null, Messages = messages };
    }
}
