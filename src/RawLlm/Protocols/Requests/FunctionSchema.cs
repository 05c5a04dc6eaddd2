namespace RawLlm.Protocols;

/// <summary>The schema of a function's arguments.</summary>
internal static class FunctionSchema
{
    /// <summary>Writes it; one that takes none has a schema all the same.</summary>
    /// <param name="json">Where it is written.</param>
    /// <param name="tool">The function.</param>
    /// <param name="isStrict">Whether the service is to hold the arguments to it: then OpenAI and Anthropic demand that it says that there are no others.</param>
    public static void Write(JsonWriter json, ToolDefinition tool, bool isStrict)
    {
        if (!tool.Parameters.IsEmpty)
            json.WriteRaw(tool.Parameters);
        else
            json.WriteRaw(isStrict ? """{"type":"object","properties":{},"additionalProperties":false}"""u8 : """{"type":"object","properties":{}}"""u8);
    }

    /// <summary>Writes whether the service is to hold what the model writes to a schema, of a function or of the answer.</summary>
    /// <param name="json">Where it is written.</param>
    /// <param name="strict">What was asked for; null for nothing.</param>
    /// <param name="isTaken">Whether the service takes it.</param>
    /// <param name="place">Where it stands.</param>
    public static void WriteStrict(JsonWriter json, bool? strict, bool isTaken, string place)
    {
        if (strict is not { } value)
            return;
        if (isTaken)
            json.WriteMember("strict"u8, value);
        else
            json.Wire.Note(QuirkKind.LeftOut, place);
    }
}
