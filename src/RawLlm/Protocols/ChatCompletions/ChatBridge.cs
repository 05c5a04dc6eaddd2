namespace RawLlm.Protocols;

/// <summary>An answer of the model's between results of functions and what the user says behind them, for services that want one.</summary>
/// <remarks>"Unexpected role 'user' after role 'tool'" (Mistral, code 3230).</remarks>
internal static class ChatBridge
{
    /// <summary>Writes it.</summary>
    public static void Write(JsonWriter json)
    {
        json.Wire.Note(QuirkKind.Adapted, "messages[]");
        json.StartObject();
        json.WriteMember("role"u8, "assistant"u8);
        json.WriteMember("content"u8, "OK."u8);
        json.EndObject();
    }
}
