namespace RawLlm.Protocols;

internal static class ChatCompletionsWriter
{
    public static void Write(ChatCompletionsProtocol dialect, ChatRequest request, bool stream, WireRequest wire) => throw new NotImplementedException();
}
