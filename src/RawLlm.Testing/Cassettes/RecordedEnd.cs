namespace RawLlm.Testing;

/// <summary>How a recorded call ended.</summary>
internal enum RecordedEnd
{
    /// <summary>The body ended normally.</summary>
    Complete,

    /// <summary>The reader stopped reading.</summary>
    Left,

    /// <summary>The caller canceled while it waited.</summary>
    Cancelled,

    /// <summary>The connection failed.</summary>
    Broken,
}
