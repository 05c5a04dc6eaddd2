namespace RawLlm.Protocols;

/// <summary>Writes the schema of a tool's arguments.</summary>
internal static class ToolSchema
{
    /// <summary>Writes the schema, even for a tool without arguments.</summary>
    /// <param name="json">Receives the schema.</param>
    /// <param name="tool">The tool.</param>
    /// <param name="isStrict">Whether the service must enforce the schema: OpenAI and Anthropic then require it to exclude other
    /// members.</param>
    public static void Write(JsonWriter json, ToolDefinition tool, bool isStrict)
    {
        if (!tool.Parameters.IsEmpty)
            json.WriteRaw(tool.Parameters);
        else
        {
            json.WriteRaw(
                isStrict
                    ? """{"type":"object","properties":{},"additionalProperties":false}"""u8
                    : """{"type":"object","properties":{}}"""u8
            );
        }
    }

    /// <summary>Writes whether the service must enforce the schema of a tool or of the answer.</summary>
    /// <param name="json">Receives the member.</param>
    /// <param name="strict">The requested setting; null for none.</param>
    /// <param name="isTaken">Whether the service accepts the member.</param>
    /// <param name="place">The place on the wire, for the quirk.</param>
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
