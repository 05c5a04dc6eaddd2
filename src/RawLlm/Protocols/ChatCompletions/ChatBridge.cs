namespace RawLlm.Protocols;

/// <summary>A model message between tool results and the user's next message, for services that require one.</summary>
/// <remarks>"Unexpected role 'user' after role 'tool'" (Mistral, code 3230).</remarks>
internal static class ChatBridge
{
    /// <summary>Writes the message.</summary>
    public static void Write(JsonWriter json)
    {
        json.Wire.Note(QuirkKind.Adapted, "messages[]");
        json.StartObject();
        json.WriteMember("role"u8, "assistant"u8);
        json.WriteMember("content"u8, "OK."u8);
        json.EndObject();
    }
}
