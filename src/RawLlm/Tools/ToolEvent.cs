namespace RawLlm;

/// <summary>One event of a <see cref="ToolStream"/>, lent until the next read: a piece of an answer, or what becomes of a call.</summary>
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

    /// <summary>What the event tells.</summary>
    public ToolEventKind Kind { get; }

    /// <summary>The turn that it belongs to, from 1; 0 for a call that the conversation brought along.</summary>
    public int Turn { get; }

    /// <summary>The event of the answer, lent until the next read; of kind <see cref="StreamEventKind.None"/> where a call is told of.</summary>
    public StreamEvent Answer { get; }

    /// <summary>The call, as it runs where its arguments were repaired; null for <see cref="ToolEventKind.Answer"/>.</summary>
    public ToolCall? Call { get; }

    /// <summary>What became of the call, for <see cref="ToolEventKind.CallEnded"/> and <see cref="ToolEventKind.CallFailed"/>.</summary>
    public ToolInvocation? Invocation { get; }
}
