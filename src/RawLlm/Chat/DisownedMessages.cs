namespace RawLlm;

/// <summary>A conversation of which the service gets nothing back as its own.</summary>
internal static class DisownedMessages
{
    // No provider has an origin without a name.
    private const string Nobody = "";

    /// <summary>The same messages, in which what the model's answers want back is another service's; null where none of it is this one's.</summary>
    /// <param name="messages">The conversation.</param>
    /// <param name="origin">The service's origin.</param>
    public static Message[]? Of(IReadOnlyList<Message> messages, string? origin)
    {
        Message[]? disowned = null;
        for (int i = 0; i < messages.Count; i++)
        {
            if (messages[i] is not { Role: Role.Assistant } message || Of(message.Parts, origin) is not { } parts)
                continue;
            disowned ??= [.. messages];
            disowned[i] = message with { Parts = parts };
        }
        return disowned;
    }

    private static Part[]? Of(IReadOnlyList<Part> parts, string? origin)
    {
        Part[]? disowned = null;
        for (int i = 0; i < parts.Count; i++)
        {
            if (parts[i]?.WireData is not { } data || (data.Origin is not null && data.Origin != origin))
                continue;
            disowned ??= [.. parts];
            disowned[i] = parts[i] with { WireData = data with { Origin = Nobody } };
        }
        return disowned;
    }
}
