using RawLlm.Protocols;

namespace RawLlm.Tests.Wire;

/// <summary>The protocols, by the name of their folder of cases.</summary>
internal static class WireProtocols
{
    public static WireProtocol Get(string name) =>
        name switch
        {
            "anthropic" => new AnthropicProtocol(),
            "converse" => new ConverseProtocol(),
            "bedrock-invoke" => new BedrockInvokeProtocol(),
            "chat-completions" => new ChatCompletionsProtocol(),
            "responses" => new ResponsesProtocol(),
            "gemini" => new GeminiProtocol(),
            "ollama" => new OllamaProtocol(),
            _ => throw new ArgumentException($"No protocol is called '{name}'."),
        };
}
