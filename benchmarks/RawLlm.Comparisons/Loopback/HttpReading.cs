namespace RawLlm.Comparisons.Loopback;

/// <summary>How the platform's client reads a body.</summary>
internal enum HttpReading
{
    /// <summary>Into a buffer that is held all the time.</summary>
    Buffered,

    /// <summary>With a read of no bytes first, so that no buffer is held while nothing comes.</summary>
    Unbuffered,

    /// <summary>With the platform's parser of server-sent events and its generated serializer.</summary>
    Parsed,
}
