namespace RawLlm.Protocols;

/// <summary>Writes the reply format as the <c>response_format</c> of chat completions.</summary>
internal readonly struct ChatFormatWriter(ChatCompletionsProtocol dialect, MemberWriter members)
{
    private JsonWriter Json => members.Json;

    private WireRequest Wire => members.Json.Wire;

    /// <summary>Writes the format.</summary>
    public void Write(ReplyFormat format)
    {
        if (dialect.SendsSchemaAsValue)
        {
            WriteSchemaAsValue(format);
            return;
        }
        members.Name("response_format");
        Json.StartObject();
        if (format.Kind == ReplyFormatKind.Text)
        {
            Json.WriteMember("type"u8, "text"u8);
        }
        else if (format.Kind == ReplyFormatKind.Json || !dialect.SupportsJsonSchema)
        {
            if (format.Kind == ReplyFormatKind.JsonSchema)
                Wire.Note(QuirkKind.Adapted, "response_format");
            if (dialect.SupportsJsonObject)
                Json.WriteMember("type"u8, "json_object"u8);
            else
                WriteSchemaOfAnyObject();
        }
        else
        {
            Json.WriteMember("type"u8, "json_schema"u8);
            Json.WriteName("json_schema"u8);
            Json.StartObject();
            Json.WriteMember("name"u8, format.Name!, "response_format.json_schema.name");
            if (format.Description is { } description)
                Json.WriteMember("description"u8, description, "response_format.json_schema.description");
            Json.WriteName("schema"u8);
            Json.WriteRaw(format.Schema);
            ToolSchema.WriteStrict(Json, format.Strict, dialect.SupportsStrict, "response_format.json_schema.strict");
            Json.EndObject();
        }
        Json.EndObject();
    }

    // Text is the default. The server has no JSON mode without a schema: it rejects one without "properties", and with empty ones it
    // answers "{}".
    private void WriteSchemaAsValue(ReplyFormat format)
    {
        if (format.Kind == ReplyFormatKind.Json)
            Wire.Note(QuirkKind.LeftOut, "response_format");
        if (format.Kind != ReplyFormatKind.JsonSchema)
            return;
        members.Name("response_format");
        Json.StartObject();
        Json.WriteMember("type"u8, "json"u8);
        Json.WriteName("value"u8);
        Json.WriteRaw(format.Schema);
        Json.EndObject();
    }

    private void WriteSchemaOfAnyObject()
    {
        Wire.Note(QuirkKind.Adapted, "response_format");
        Json.WriteMember("type"u8, "json_schema"u8);
        Json.WriteName("json_schema"u8);
        Json.StartObject();
        Json.WriteMember("name"u8, "object"u8);
        Json.WriteName("schema"u8);
        Json.StartObject();
        Json.WriteMember("type"u8, "object"u8);
        Json.EndObject();
        Json.EndObject();
    }
}
