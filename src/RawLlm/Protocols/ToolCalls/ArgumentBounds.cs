namespace RawLlm.Protocols;

/// <summary>The limits on the arguments of tool calls.</summary>
internal static class ArgumentBounds
{
    /// <summary>Whether the arguments of one call, and of all calls together, are within the limits.</summary>
    public static bool AreWithin(long ofCall, long ofAll, LlmLimits limits) =>
        ofCall <= limits.ToolArgumentBytes && ofAll <= limits.AllToolArgumentBytes;

    /// <summary>Throws if arguments exceed a limit.</summary>
    /// <exception cref="LlmException">The arguments exceed a limit, which the error names.</exception>
    public static void Check(long ofCall, long ofAll, LlmLimits limits)
    {
        if (ofCall > limits.ToolArgumentBytes)
            Throw(LlmLimit.ToolArgumentBytes, "The arguments of a tool call are longer than LlmLimits.ToolArgumentBytes allows.");
        if (ofAll > limits.AllToolArgumentBytes)
        {
            Throw(
                LlmLimit.AllToolArgumentBytes,
                "The arguments of all tool calls together are longer than LlmLimits.AllToolArgumentBytes allows."
            );
        }
    }

    private static void Throw(LlmLimit limit, string message) => throw AnswerErrors.LimitExceeded(limit, message);
}
