namespace RawLlm.Testing;

/// <summary>How calls are recorded and replayed. Immutable.</summary>
public sealed record CassetteOptions
{
    /// <summary>The defaults.</summary>
    public static CassetteOptions Default { get; } = new();

    /// <summary>Whether a recorded call can be played more than once; false by default.</summary>
    public bool Repeats { get; init; }

    /// <summary>
    /// Whether a replay keeps the recorded delays, before the response and before each read of its body; false by default.
    /// </summary>
    public bool KeepGaps { get; init; }

    /// <summary>Top-level members of a request's JSON, such as <c>seed</c>, that may differ from the recording.</summary>
    public IReadOnlyList<string> IgnoredMembers { get; init; } = [];

    /// <summary>Headers whose values are written in addition to the usual ones, such as a custom header that names the test case.</summary>
    /// <remarks>Headers that can carry a credential or an account are refused with an <see cref="ArgumentException"/> when the recording
    /// starts.</remarks>
    public IReadOnlyList<string> KeptHeaders { get; init; } = [];

    /// <summary>The clock that times reads in a recording and, with <see cref="KeepGaps"/>, in a replay.</summary>
    public TimeProvider Time { get; init; } = TimeProvider.System;
}
