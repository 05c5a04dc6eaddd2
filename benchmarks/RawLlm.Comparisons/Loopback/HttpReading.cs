namespace RawLlm.Comparisons.Loopback;

/// <summary>How the platform's client reads a body.</summary>
internal enum HttpReading
{
    /// <summary>Reads into a buffer that is held all the time.</summary>
    Buffered,

    /// <summary>Starts with a zero-byte read, so that no buffer is held while waiting.</summary>
    Unbuffered,

    /// <summary>Uses the platform's parser for server-sent events and a generated serializer.</summary>
    Parsed,
}
