namespace RawLlm.Protocols;

/// <summary>Reads errors in every shape that services send, whatever the wire.</summary>
public static class ErrorReader
{
    /// <summary>Reads the body of a response whose status says that it failed; never throws for what the body holds.</summary>
    public static LlmException Read(int status, IReadOnlyList<KeyValuePair<string, string>> headers, ReadOnlySpan<byte> body) =>
        new(LlmErrorKind.ServerError, "The service answered with status " + status + ".") { Status = status, Phase = LlmPhase.AwaitHeaders };

    /// <summary>Reads an error that stands in the body of a success: in a whole answer, or as an event of a stream.</summary>
    /// <param name="json">The error: an object, a string, or the envelope around it.</param>
    /// <param name="inStream">True for an event of a stream, which gives <see cref="LlmErrorKind.StreamError"/> with <see cref="LlmException.CauseKind"/>.</param>
    /// <param name="usage">What the answer had used.</param>
    public static LlmException ReadInBody(ReadOnlySpan<byte> json, bool inStream, Usage? usage = null) =>
        new(inStream ? LlmErrorKind.StreamError : LlmErrorKind.ServerError, "The service reported an error.") { Phase = LlmPhase.Streaming, Usage = usage };
}
