namespace RawLlm.Testing;

/// <summary>How a body that is cut off ends.</summary>
public enum CutKind
{
    /// <summary>The connection is closed in the middle of the body: <see cref="LlmErrorKind.ConnectionLost"/>.</summary>
    Close,

    /// <summary>The connection is reset: <see cref="LlmErrorKind.ConnectionLost"/>.</summary>
    Reset,

    /// <summary>The body ends as if it were complete: <see cref="LlmErrorKind.StreamTruncated"/> for a stream.</summary>
    End,
}
