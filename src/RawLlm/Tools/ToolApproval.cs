namespace RawLlm;

/// <summary>The decision whether a call may run.</summary>
public sealed record ToolApproval
{
    private ToolApproval(bool isAllowed, bool isDeferred, string? reason)
    {
        IsAllowed = isAllowed;
        IsDeferred = isDeferred;
        Reason = reason;
    }

    /// <summary>Whether the call may run.</summary>
    public bool IsAllowed { get; }

    /// <summary>Whether the decision is still open.</summary>
    public bool IsDeferred { get; }

    /// <summary>What the model learns about a call that may not run; null for the library's own text.</summary>
    public string? Reason { get; }

    /// <summary>The call runs.</summary>
    public static ToolApproval Allow { get; } = new(isAllowed: true, isDeferred: false, null);

    /// <summary>
    /// The call waits: the other calls of its turn run, then the run ends, and <see cref="ToolRun.Pending"/> contains the waiting calls.
    /// </summary>
    /// <remarks>A loop that receives the conversation in this state, perhaps in another process, takes the decision from
    /// <see cref="ToolLoopOptions.Decisions"/> or asks for approval again, and continues.</remarks>
    public static ToolApproval Defer { get; } = new(isAllowed: false, isDeferred: true, null);

    /// <summary>The call does not run, and the model learns that it was denied.</summary>
    /// <param name="reason">The reason, written for the model; null for the library's own text.</param>
    public static ToolApproval Deny(string? reason = null) => new(isAllowed: false, isDeferred: false, reason);
}
