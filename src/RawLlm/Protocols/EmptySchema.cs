namespace RawLlm.Protocols;

/// <summary>The schema of a function that takes no arguments.</summary>
internal static class EmptySchema
{
    /// <summary>It as JSON.</summary>
    /// <param name="isStrict">Whether the service is to hold the arguments to it: then OpenAI and Anthropic demand that it says that there are no others.</param>
    public static ReadOnlySpan<byte> Of(bool isStrict) =>
        isStrict ? """{"type":"object","properties":{},"additionalProperties":false}"""u8 : """{"type":"object","properties":{}}"""u8;
}
