namespace RawLlm.Protocols;

/// <summary>Writes the form of the answer as the <c>response_format</c> of chat completions.</summary>
internal readonly struct ChatFormatWriter(ChatCompletionsProtocol dialect, WireRequest wire, JsonWriter json, MemberWriter members)
{
    /// <summary>Writes it.</summary>
    public void Write(ReplyFormat format)
    {
        if (dialect.SendsSchemaAsValue)
        {
            WriteSchemaAsValue(format);
            return;
        }
        members.Name("response_format");
        json.StartObject();
        if (format.Kind == ReplyFormatKind.Text)
        {
            json.WriteMember("type"u8, "text"u8);
        }
        else if (format.Kind == ReplyFormatKind.Json || !dialect.TakesJsonSchema)
        {
            if (format.Kind == ReplyFormatKind.JsonSchema)
                wire.Note(QuirkKind.Adapted, "response_format");
            if (dialect.TakesJsonObject)
                json.WriteMember("type"u8, "json_object"u8);
            else
                WriteSchemaOfAnyObject();
        }
        else
        {
            json.WriteMember("type"u8, "json_schema"u8);
            json.WriteName("json_schema"u8);
            json.StartObject();
            json.WriteMember("name"u8, format.Name!, "response_format.json_schema.name");
            if (format.Description is { } description)
                json.WriteMember("description"u8, description, "response_format.json_schema.description");
            json.WriteName("schema"u8);
            json.WriteRaw(format.Schema);
            FunctionSchema.WriteStrict(json, wire, format.Strict, dialect.TakesStrict, "response_format.json_schema.strict");
            json.EndObject();
        }
        json.EndObject();
    }

    // Text is what is given anyway, and of any JSON the server knows nothing: a schema without "properties" is refused, and one with none gives "{}".
    private void WriteSchemaAsValue(ReplyFormat format)
    {
        if (format.Kind == ReplyFormatKind.Json)
            wire.Note(QuirkKind.LeftOut, "response_format");
        if (format.Kind != ReplyFormatKind.JsonSchema)
            return;
        members.Name("response_format");
        json.StartObject();
        json.WriteMember("type"u8, "json"u8);
        json.WriteName("value"u8);
        json.WriteRaw(format.Schema);
        json.EndObject();
    }

    private void WriteSchemaOfAnyObject()
    {
        wire.Note(QuirkKind.Adapted, "response_format");
        json.WriteMember("type"u8, "json_schema"u8);
        json.WriteName("json_schema"u8);
        json.StartObject();
        json.WriteMember("name"u8, "object"u8);
        json.WriteName("schema"u8);
        json.StartObject();
        json.WriteMember("type"u8, "object"u8);
        json.EndObject();
        json.EndObject();
    }
}
