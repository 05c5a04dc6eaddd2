namespace RawLlm;

/// <summary>Marks the wire data of a conversation as another service's, so that it is not sent back.</summary>
internal static class ForeignWireData
{
    // No provider has an empty origin.
    private const string Nobody = "";

    /// <summary>
    /// Returns the messages with the model's wire data assigned to another service; null if none of it belongs to this one.
    /// </summary>
    /// <param name="messages">The conversation.</param>
    /// <param name="origin">The service's origin.</param>
    public static Message[]? Of(IReadOnlyList<Message> messages, string? origin)
    {
        Message[]? disowned = null;
        for (int i = 0; i < messages.Count; i++)
        {
            if (messages[i] is not { Role: Role.Assistant } message || Of(message.Parts, origin) is not { } parts)
                continue;
            disowned ??= Copy(messages);
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
            disowned ??= Copy(parts);
            disowned[i] = parts[i] with { WireData = data with { Origin = Nobody } };
        }
        return disowned;
    }

    // Not [.. list], for which the compiler calls LINQ: 6 KB of a native program.
    private static T[] Copy<T>(IReadOnlyList<T> list)
    {
        var copy = new T[list.Count];
        for (int i = 0; i < copy.Length; i++)
            copy[i] = list[i];
        return copy;
    }
}
