namespace RawLlm.Protocols;

/// <summary>Writes the name of the author of a message.</summary>
internal readonly struct MessageNameWriter(ChatCompletionsProtocol dialect, JsonWriter json)
{
    /// <summary>Writes the name, if the message has one.</summary>
    public void Write(Message message)
    {
        if (message.Name is not { } name)
            return;
        if (dialect.SupportsMessageNames)
            json.WriteMember("name"u8, name, "messages[].name");
        else
            json.Wire.Note(QuirkKind.LeftOut, "messages[].name");
    }
}
