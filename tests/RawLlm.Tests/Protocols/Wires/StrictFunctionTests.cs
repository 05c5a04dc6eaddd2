using RawLlm.Protocols;
using RawLlm.Tests.Support;

namespace RawLlm.Tests.Protocols.Wires;

/// <summary>Tools without arguments whose calls the service must hold to the schema.</summary>
public sealed class StrictFunctionTests
{
    private const string Open = """{"type":"object","properties":{}}""";
    private const string Closed = """{"type":"object","properties":{},"additionalProperties":false}""";

    [Theory]
    [InlineData("chat", true, """{"name":"now","parameters":""" + Closed + ""","strict":true}""")]
    [InlineData("chat", false, """{"name":"now","parameters":""" + Open + ""","strict":false}""")]
    [InlineData("chat", null, """{"name":"now","parameters":""" + Open + "}")]
    [InlineData("chat without", true, """{"name":"now","parameters":""" + Open + "}")]
    [InlineData("responses", true, """{"type":"function","name":"now","parameters":""" + Closed + ""","strict":true}""")]
    [InlineData("anthropic", true, """{"name":"now","input_schema":""" + Closed + ""","strict":true}""")]
    [InlineData("anthropic", null, """{"name":"now","input_schema":""" + Open + "}")]
    [InlineData("converse", true, """{"name":"now","inputSchema":{"json":""" + Closed + """},"strict":true}""")]
    [InlineData("converse", null, """{"name":"now","inputSchema":{"json":""" + Open + "}}")]
    public void Schema_StrictToolWithoutArguments_DisallowsAdditionalProperties(string wire, bool? strict, string expected)
    {
        WireProtocol protocol = wire switch
        {
            "chat" => new ChatCompletionsProtocol(),
            "chat without" => new ChatCompletionsProtocol { SupportsStrict = false },
            "responses" => new ResponsesProtocol(),
            "anthropic" => new AnthropicProtocol(),
            _ => new ConverseProtocol(),
        };
        var written = WrittenRequest.Of(
            protocol,
            new ChatRequest
            {
                Model = "m",
                Messages = [Message.User("?")],
                Tools = [new ToolDefinition("now") { Strict = strict }],
            }
        );

        Assert.Contains(expected, written.Body, StringComparison.Ordinal);
    }
}
