namespace RawLlm.Protocols;

/// <summary>The bounds on the arguments of function calls.</summary>
internal static class ArgumentBounds
{
    /// <summary>Whether the arguments of one call, and those of all, are as long as they may be.</summary>
    public static bool Hold(long ofCall, long ofAll, LlmLimits limits) => ofCall <= limits.ToolArgumentBytes && ofAll <= limits.AllToolArgumentBytes;

    /// <summary>Refuses arguments that are longer.</summary>
    /// <exception cref="LlmException">They are; the error names the bound.</exception>
    public static void Check(long ofCall, long ofAll, LlmLimits limits)
    {
        if (ofCall > limits.ToolArgumentBytes)
            Throw(LlmLimit.ToolArgumentBytes, "The arguments of a function call are longer than LlmLimits.ToolArgumentBytes allows.");
        if (ofAll > limits.AllToolArgumentBytes)
            Throw(LlmLimit.AllToolArgumentBytes, "The arguments of all function calls together are longer than LlmLimits.AllToolArgumentBytes allows.");
    }

    private static void Throw(LlmLimit limit, string message) => throw AnswerErrors.TooMuch(limit, message);
}
