namespace RawLlm;

/// <summary>One run of a <see cref="ToolLoop"/> so far, also available if it ends with an exception that cannot hold it: a
/// cancellation, or an exception from a hook.</summary>
/// <remarks>Create one for each run. Can be read at any time, from any thread.</remarks>
public sealed class ToolProgress
{
    private ToolDialogue? _dialogue;

    /// <summary>The run so far, complete once it has ended; null if nothing has been said yet.</summary>
    /// <remarks>Can be appended to the conversation at any time: a call that has not ended has a result that says whether it
    /// started.</remarks>
    public ToolRun? Run => Volatile.Read(ref _dialogue)?.Run;

    internal void Begin(ToolDialogue dialogue)
    {
        if (Interlocked.CompareExchange(ref _dialogue, dialogue, null) is not null)
            throw new InvalidOperationException("A ToolProgress belongs to one run: create a new one for each run.");
    }
}
