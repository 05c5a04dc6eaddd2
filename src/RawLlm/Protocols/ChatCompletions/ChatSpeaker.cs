namespace RawLlm.Protocols;

/// <summary>Writes the name of who says a message.</summary>
internal readonly struct ChatSpeaker(ChatCompletionsProtocol dialect, JsonWriter json, WireRequest wire)
{
    /// <summary>Writes it, if the message has one.</summary>
    public void Write(Message message)
    {
        if (message.Name is not { } name)
            return;
        if (dialect.TakesMessageNames)
            json.WriteMember("name"u8, name, "messages[].name");
        else
            wire.Note(QuirkKind.LeftOut, "messages[].name");
    }
}
