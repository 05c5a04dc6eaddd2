namespace RawLlm.Protocols;

/// <summary>What is wrong with an answer, on whatever wire.</summary>
internal static class AnswerErrors
{
    /// <summary>The error for a stream that broke off.</summary>
    /// <param name="isCut">True when it ended inside an event.</param>
    /// <param name="end">What did not come, as in "message_stop".</param>
    /// <param name="usage">What the answer had used.</param>
    public static LlmException Truncated(bool isCut, string end, Usage? usage) =>
        Broken(isCut ? "The stream ended inside an event: the answer is not whole." : $"The stream ended without {end}: the answer is not whole.", usage);

    /// <summary>The error for an answer that broke off, in words of the wire's own.</summary>
    public static LlmException Broken(string message, Usage? usage) =>
        new(LlmErrorKind.StreamTruncated, message) { IsRetryable = true, Phase = LlmPhase.Streaming, Usage = usage };

    /// <summary>The error for JSON that holds no answer.</summary>
    public static LlmException Malformed(string message, Usage? usage = null) =>
        new(LlmErrorKind.MalformedResponse, message) { Phase = LlmPhase.Streaming, Usage = usage };

    public static LlmException TooManyBlocks() => TooMuch(LlmLimit.ContentBlocks, "The answer holds more content blocks than LlmLimits.ContentBlocks allows.");

    public static LlmException TooMuch(LlmLimit limit, string message) =>
        new(LlmErrorKind.LimitExceeded, message) { Limit = limit, Phase = LlmPhase.Streaming };

    /// <exception cref="LlmException">There is nothing in a body but white space.</exception>
    public static void ThrowIfEmpty(ReadOnlySpan<byte> body)
    {
        if (body.Trim(" \t\r\n"u8).IsEmpty)
            throw new LlmException(LlmErrorKind.MalformedResponse, "The body of the answer is empty.") { IsRetryable = true, Phase = LlmPhase.Streaming };
    }
}
