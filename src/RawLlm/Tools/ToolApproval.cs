namespace RawLlm;

/// <summary>Whether a call may run.</summary>
public sealed record ToolApproval
{
    private ToolApproval(bool isAllowed, string? reason)
    {
        IsAllowed = isAllowed;
        Reason = reason;
    }

    /// <summary>True when the call may run.</summary>
    public bool IsAllowed { get; }

    /// <summary>What the model is told of a call that may not; null for a text of the library's.</summary>
    public string? Reason { get; }

    /// <summary>The call runs.</summary>
    public static ToolApproval Allow { get; } = new(true, null);

    /// <summary>The call does not run, and the model is told so.</summary>
    /// <param name="reason">Why, for the model; null for a text of the library's.</param>
    public static ToolApproval Deny(string? reason = null) => new(false, reason);
}
