namespace RawLlm;

/// <summary>What one run of a <see cref="ToolLoop"/> has come to, for whoever wants it also where the run ends with an exception that cannot hold it: a cancellation, or what a hook threw.</summary>
/// <remarks>One for each run. May be read at any time and by any thread.</remarks>
public sealed class ToolProgress
{
    private ToolDialogue? _dialogue;

    /// <summary>What was said so far, all of it once the run has ended; null while nothing was.</summary>
    /// <remarks>Can be appended to the conversation at any time: a call that had not ended has a result that says whether it began.</remarks>
    public ToolRun? Run => Volatile.Read(ref _dialogue)?.Run;

    internal void Begin(ToolDialogue dialogue)
    {
        if (Interlocked.CompareExchange(ref _dialogue, dialogue, null) is not null)
            throw new InvalidOperationException("A ToolProgress is of one run: make one for each.");
    }
}
