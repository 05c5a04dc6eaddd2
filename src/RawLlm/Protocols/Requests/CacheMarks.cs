namespace RawLlm.Protocols;

/// <summary>The prompt caching marks of one request. Services reject more than four, so only the last four are sent.</summary>
/// <remarks>Content cached by an earlier mark is still found, because services also look for it before a later one.</remarks>
internal sealed class CacheMarks
{
    private const int MaxCount = 4;

    private readonly IReadOnlyList<Message> _messages;
    private readonly bool _areNested;
    private readonly MessageTurns _turns;
    private readonly int _ofTools;
    private readonly int _ofSystem;
    private int _ofMessages;
    private int _left;

    /// <summary>Counts the marks of a request, in the order of its prompt: tools, instructions, conversation.</summary>
    /// <param name="request">The request.</param>
    /// <param name="areNested">Whether the parts of tool results have marks of their own.</param>
    /// <param name="turns">The turns of the conversation: those instructions that stay in it are counted with it.</param>
    public CacheMarks(ChatRequest request, bool areNested, MessageTurns turns)
    {
        _messages = request.Messages;
        _areNested = areNested;
        _turns = turns;
        int ofTools = 0;
        for (int i = 0; i < request.Tools.Count; i++)
            ofTools += request.Tools[i] is { Cache: not null } ? 1 : 0;
        int ofSystem = 0;
        int ofMessages = 0;
        for (int i = 0; i < _messages.Count; i++)
        {
            if (IsApart(i))
                ofSystem += CountIn(i);
            else
                ofMessages += CountIn(i);
        }
        int surplus = Math.Max(0, ofTools + ofSystem + ofMessages - MaxCount);
        _ofTools = Math.Min(surplus, ofTools);
        _ofSystem = Math.Min(surplus - _ofTools, ofSystem);
        _ofMessages = surplus - _ofTools - _ofSystem;
    }

    /// <summary>Starts the tools.</summary>
    public void StartTools() => _left = _ofTools;

    /// <summary>Starts the instructions.</summary>
    public void StartSystem() => _left = _ofSystem;

    /// <summary>Starts messages that are written together.</summary>
    /// <param name="start">The index of the first message.</param>
    /// <param name="end">The index after the last message; each message is passed once, in order.</param>
    /// <returns>How many of their marks, counted from the first, are not sent.</returns>
    public int Start(int start, int end)
    {
        _left = 0;
        for (int i = start; i < end && _ofMessages > _left; i++)
        {
            if (!IsApart(i))
                _left = Math.Min(_ofMessages, _left + CountIn(i));
        }
        _ofMessages -= _left;
        return _left;
    }

    /// <summary>Whether the next mark is one that is not sent.</summary>
    public bool DropsNext(PromptCache? mark)
    {
        if (mark is null || _left == 0)
            return false;
        _left--;
        return true;
    }

    private bool IsApart(int message) => _messages[message] is { Role: Role.System } && !_turns.Keeps(_messages, message);

    private int CountIn(int message) => _messages[message]?.Parts is { } parts ? CountIn(parts) : 0;

    private int CountIn(IReadOnlyList<Part> parts)
    {
        int count = 0;
        for (int i = 0; i < parts.Count; i++)
        {
            count += parts[i] is { Cache: not null } ? 1 : 0;
            if (_areNested && parts[i] is ToolResultPart { Content: { } content })
                count += CountIn(content);
        }
        return count;
    }
}
