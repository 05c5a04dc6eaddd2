namespace RawLlm;

/// <summary>Whether a call may run.</summary>
public sealed record ToolApproval
{
    private ToolApproval(bool isAllowed, bool isDeferred, string? reason)
    {
        IsAllowed = isAllowed;
        IsDeferred = isDeferred;
        Reason = reason;
    }

    /// <summary>True when the call may run.</summary>
    public bool IsAllowed { get; }

    /// <summary>True when nobody can say yet.</summary>
    public bool IsDeferred { get; }

    /// <summary>What the model is told of a call that may not; null for a text of the library's.</summary>
    public string? Reason { get; }

    /// <summary>The call runs.</summary>
    public static ToolApproval Allow { get; } = new(isAllowed: true, isDeferred: false, null);

    /// <summary>The call waits: the others of its turn run, then the run ends, and <see cref="ToolRun.Pending"/> has those that wait.</summary>
    /// <remarks>A loop that is given the conversation as it then stands, maybe in another process, asks again for these and goes on.</remarks>
    public static ToolApproval Defer { get; } = new(isAllowed: false, isDeferred: true, null);

    /// <summary>The call does not run, and the model is told so.</summary>
    /// <param name="reason">Why, for the model; null for a text of the library's.</param>
    public static ToolApproval Deny(string? reason = null) => new(isAllowed: false, isDeferred: false, reason);
}
