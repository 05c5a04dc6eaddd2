namespace RawLlm;

/// <summary>The state of a <see cref="PartialJson"/>.</summary>
public enum PartialJsonState
{
    /// <summary>More is expected.</summary>
    Open,

    /// <summary>What has arrived is a complete JSON value. If it is a number, more digits may still follow.</summary>
    Complete,

    /// <summary>What has arrived is not JSON and cannot become JSON.</summary>
    NotJson,

    /// <summary>The text is nested more deeply than allowed.</summary>
    TooDeep,

    /// <summary>The text is longer than allowed.</summary>
    TooLong,
}
