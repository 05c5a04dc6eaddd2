using System.Text.Json;
using RawLlm.Protocols;
using RawLlm.Tests.Support;

namespace RawLlm.Tests.Protocols.Wires;

/// <summary>Arguments of calls on their way back, for services that accept only an object.</summary>
public sealed class CallArgumentsTests
{
    private static readonly string Deep = string.Concat(Enumerable.Repeat("{\"a\":", 100)) + "1" + new string('}', 100);

    [Theory]
    [InlineData("chat")]
    [InlineData("responses")]
    [InlineData("anthropic")]
    [InlineData("converse")]
    [InlineData("gemini")]
    [InlineData("ollama")]
    public void Arguments_NestedToMaxDepth_AreSentBackUnchanged(string wire)
    {
        var written = Written(wire, Deep);

        bool isText = wire is "chat" or "responses";
        Assert.Contains(
            isText ? JsonEncodedText.Encode(Deep, System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping).ToString() : Deep,
            written.Body,
            StringComparison.Ordinal
        );
        Assert.Empty(written.Quirks);
    }

    [Theory]
    [InlineData("anthropic")]
    [InlineData("converse")]
    [InlineData("gemini")]
    [InlineData("ollama")]
    public void Arguments_SurroundedByWhiteSpace_AreTrimmed(string wire)
    {
        var written = Written(wire, " \n{ \"a\": 1 }\n ");

        Assert.Contains(":{ \"a\": 1 }", written.Body, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', written.Body);
        Assert.Empty(written.Quirks);
    }

    private static WrittenRequest Written(string wire, string arguments)
    {
        WireProtocol protocol = wire switch
        {
            "chat" => new ChatCompletionsProtocol(),
            "responses" => new ResponsesProtocol(),
            "anthropic" => new AnthropicProtocol(),
            "converse" => new ConverseProtocol(),
            "gemini" => new GeminiProtocol(),
            _ => new OllamaProtocol(),
        };
        var call = new ToolCall("c1", "run", arguments);
        return WrittenRequest.Of(
            protocol,
            new ChatRequest
            {
                Model = "gemini-2.5-flash",
                Messages = [Message.User("?"), new Message(Role.Assistant, [new ToolCallPart(call)]), Message.ToolResult(call, "Done.")],
                Tools = [new ToolDefinition("run")],
            }
        );
    }
}
