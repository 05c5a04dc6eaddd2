namespace RawLlm.Protocols;

/// <summary>
/// The instructions of a request that are sent as one message at its start. If there is only one, and it is there already, none are joined.
/// </summary>
/// <remarks>
/// Templates reject a second instruction message, and one after other messages: "System message must be at the beginning." (Qwen since 3.5,
/// 2026), "Conversation roles must alternate user/assistant/…" (Gemma), "invalid chat setting (2013)" (MiniMax).
/// </remarks>
internal readonly struct ChatInstructions
{
    private readonly int _leading;
    private readonly bool _movesLater;

    private ChatInstructions(int leading, bool movesLater, bool tellsSchema)
    {
        AreJoined = true;
        IncludesSchema = tellsSchema;
        _leading = leading;
        _movesLater = movesLater;
    }

    /// <summary>Whether there is a joined message.</summary>
    public bool AreJoined { get; }

    /// <summary>Whether the joined message includes the schema of the answer, because the service accepts no schema.</summary>
    public bool IncludesSchema { get; }

    /// <summary>Finds the instructions of a request.</summary>
    /// <param name="dialect">What the service accepts.</param>
    /// <param name="request">The request.</param>
    public static ChatInstructions Of(ChatCompletionsProtocol dialect, ChatRequest request)
    {
        var messages = request.Messages;
        bool isTold = request.Format is { Kind: ReplyFormatKind.JsonSchema } && !dialect.SupportsJsonSchema;
        bool movesLater = !dialect.SupportsLaterSystemMessages;
        int leading = 0;
        // A named speaker, such as in an example, is not joined with others.
        while (leading < messages.Count && messages[leading] is { Role: Role.System } message && (movesLater || message.Name is null))
            leading++;
        int all = leading + (isTold ? 1 : 0) + (string.IsNullOrEmpty(request.System) ? 0 : 1);
        return all > 1 || isTold || movesLater && AnyIn(messages, leading) ? new(leading, movesLater, isTold) : default;
    }

    /// <summary>Whether a message is part of the joined one.</summary>
    public bool Includes(Message message, int position) => message.Role == Role.System && (_movesLater || position < _leading);

    /// <summary>Whether a message of the joined one came after other messages.</summary>
    public bool IsMoved(int position) => position >= _leading;

    private static bool AnyIn(IReadOnlyList<Message> messages, int start)
    {
        for (int i = start; i < messages.Count; i++)
        {
            if (messages[i] is { Role: Role.System })
                return true;
        }
        return false;
    }
}
