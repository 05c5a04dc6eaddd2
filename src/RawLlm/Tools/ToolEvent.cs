namespace RawLlm;

/// <summary>An event of a <see cref="ToolStream"/>, lent until the next read: part of an answer, or the progress of a call.</summary>
public readonly ref struct ToolEvent
{
    internal ToolEvent(int turn, StreamEvent answer)
    {
        Kind = ToolEventKind.Answer;
        Turn = turn;
        Answer = answer;
    }

    internal ToolEvent(ToolEventKind kind, int turn, ToolCall call, ToolInvocation? invocation)
    {
        Kind = kind;
        Turn = turn;
        Call = call;
        Invocation = invocation;
    }

    /// <summary>The kind of event.</summary>
    public ToolEventKind Kind { get; }

    /// <summary>The turn that the event belongs to, from 1; 0 for a call that the conversation already contained.</summary>
    public int Turn { get; }

    /// <summary>
    /// The event of the answer, lent until the next read; of kind <see cref="StreamEventKind.None"/> if this event is about a call.
    /// </summary>
    public StreamEvent Answer { get; }

    /// <summary>The call, with repaired arguments if they were repaired; null for <see cref="ToolEventKind.Answer"/>.</summary>
    public ToolCall? Call { get; }

    /// <summary>The outcome of the call, for <see cref="ToolEventKind.CallEnded"/> and <see cref="ToolEventKind.CallFailed"/>.</summary>
    public ToolInvocation? Invocation { get; }
}
