using RawLlm.Protocols;

namespace RawLlm;

/// <summary>
/// Determines from its first bytes whether a body is a stream or a whole answer: some servers and proxies send either with the media type
/// of the other, or with none.
/// </summary>
internal static class StreamRecognition
{
    private static ReadOnlySpan<byte> WhiteSpace => " \t\r\n\uFEFF"u8;

    /// <summary>
    /// Whether a body that begins with these bytes is a stream, as opposed to a whole answer; null if there is only white space and the
    /// media type is not that of a stream.
    /// </summary>
    public static bool? IsStream(WireProtocol protocol, string? mediaType, ReadOnlySpan<byte> bytes)
    {
        int start = bytes.IndexOfAnyExcept(WhiteSpace);
        if (protocol.IsStream(mediaType))
            return start < 0 || bytes[start] != '<';
        return start < 0 ? null : IsStream(protocol, ContentTypeCheck.IsJson(mediaType), bytes[start..]);
    }

    /// <summary>
    /// Whether a body that was sent instead of the requested whole answer is a stream of server-sent events, as the wire defines them.
    /// </summary>
    public static bool BeginsStream(WireProtocol protocol, ReadOnlySpan<byte> body) =>
        ContentTypeCheck.BeginsEvents(body.TrimStart(WhiteSpace)) && protocol.IsStream("text/event-stream");

    /// <summary>Whether there is only white space.</summary>
    public static bool IsBlank(ReadOnlySpan<byte> bytes) => !bytes.ContainsAnyExcept(WhiteSpace);

    private static bool IsStream(WireProtocol protocol, bool isJson, ReadOnlySpan<byte> bytes)
    {
        bool isAlike = protocol.StreamsJson;
        return isJson
            ? !isAlike && ContentTypeCheck.BeginsEvents(bytes)
            : bytes[0] != '<' && (isAlike || bytes[0] is not ((byte)'{' or (byte)'['));
    }
}
