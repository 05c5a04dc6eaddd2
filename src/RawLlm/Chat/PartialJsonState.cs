namespace RawLlm;

/// <summary>How far a <see cref="PartialJson"/> has come.</summary>
public enum PartialJsonState
{
    /// <summary>More is to come.</summary>
    Open,

    /// <summary>What has come is one whole JSON value. A number that stands alone may still grow.</summary>
    Complete,

    /// <summary>What has come is no JSON and cannot become any.</summary>
    NotJson,

    /// <summary>It is nested deeper than was allowed.</summary>
    TooDeep,

    /// <summary>It is longer than was allowed.</summary>
    TooLong,
}
