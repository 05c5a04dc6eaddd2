namespace RawLlm;

/// <summary>What a <see cref="ToolEvent"/> tells. Values may be added: ignore unknown ones.</summary>
public enum ToolEventKind
{
    /// <summary>Nothing: there has been no read yet.</summary>
    None,

    /// <summary>The model's answer goes on (<see cref="ToolEvent.Answer"/>).</summary>
    Answer,

    /// <summary>A function is about to run (<see cref="ToolEvent.Call"/>).</summary>
    CallStarted,

    /// <summary>A function gave its result (<see cref="ToolEvent.Invocation"/>).</summary>
    CallEnded,

    /// <summary>A function failed, or was not run, and the model is told so (<see cref="ToolEvent.Invocation"/>).</summary>
    CallFailed,

    /// <summary>A call waits for a decision (<see cref="ToolEvent.Call"/>): once the others of its turn have ended the stream does, and <see cref="ToolRun.Pending"/> has it.</summary>
    CallDeferred,
}
