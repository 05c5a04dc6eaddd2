namespace RawLlm;

/// <summary>The kind of a <see cref="ToolEvent"/>. Values may be added: ignore unknown ones.</summary>
public enum ToolEventKind
{
    /// <summary>No event: nothing has been read yet.</summary>
    None,

    /// <summary>Part of the model's answer (<see cref="ToolEvent.Answer"/>).</summary>
    Answer,

    /// <summary>A tool is about to run (<see cref="ToolEvent.Call"/>).</summary>
    CallStarted,

    /// <summary>A tool returned its result (<see cref="ToolEvent.Invocation"/>).</summary>
    CallEnded,

    /// <summary>A tool failed or was not run, and the model learns that (<see cref="ToolEvent.Invocation"/>).</summary>
    CallFailed,

    /// <summary>A call waits for a decision (<see cref="ToolEvent.Call"/>). The stream ends when the other calls of its turn have ended,
    /// and <see cref="ToolRun.Pending"/> contains the call.</summary>
    CallDeferred,
}
