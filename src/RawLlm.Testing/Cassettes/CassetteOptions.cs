namespace RawLlm.Testing;

/// <summary>How calls are recorded and replayed. Immutable.</summary>
public sealed record CassetteOptions
{
    /// <summary>The usual way.</summary>
    public static CassetteOptions Default { get; } = new();

    /// <summary>True to let each recorded call be asked for again once it was played; false, the default, for once.</summary>
    public bool Repeats { get; init; }

    /// <summary>True to bring each read of a body after the time that it took when it was recorded; false, the default, to bring all at once.</summary>
    public bool KeepsGaps { get; init; }

    /// <summary>Members of a request's JSON, such as <c>seed</c>, that may differ from what was recorded; only those of the outermost object.</summary>
    public IReadOnlyList<string> IgnoredMembers { get; init; } = [];

    /// <summary>Headers whose values are written beside those that always are, such as one of one's own that says which case is tested.</summary>
    /// <remarks>Those in which credentials travel are refused (<see cref="ArgumentException"/>, when the recording begins).</remarks>
    public IReadOnlyList<string> KeptHeaders { get; init; } = [];

    /// <summary>The clock by which reads are timed while they are recorded and, with <see cref="KeepsGaps"/>, brought again.</summary>
    public TimeProvider Time { get; init; } = TimeProvider.System;
}
