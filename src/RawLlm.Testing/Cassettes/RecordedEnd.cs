namespace RawLlm.Testing;

/// <summary>How a recorded call ended.</summary>
internal enum RecordedEnd
{
    /// <summary>The body came to its end.</summary>
    Complete,

    /// <summary>Whoever read it stopped reading.</summary>
    Left,

    /// <summary>Whoever waited for more cancelled.</summary>
    Cancelled,

    /// <summary>The connection failed.</summary>
    Broken,
}
