using RawLlm.Tests.Support;
using RawLlm.Tests.Wire;
using RichardSzalay.MockHttp;

namespace RawLlm.Tests.Protocols.Requests;

/// <summary>The tools of a request: each has its own name, whether or not the bytes of some are kept.</summary>
public sealed class UnkeptToolsTests
{
    private static readonly ToolDefinition A = new("a");
    private static readonly ToolDefinition B = new("b", "The second");

    [Theory]
    [InlineData("anthropic")]
    [InlineData("bedrock-invoke")]
    [InlineData("chat-completions")]
    [InlineData("converse")]
    [InlineData("gemini")]
    [InlineData("ollama")]
    [InlineData("responses")]
    public void Write_TwoToolsWithSameName_ThrowsArgumentException(string wire)
    {
        string model = wire == "bedrock-invoke" ? "anthropic.claude-sonnet-4-20250514-v1:0" : "m";
        var request = ChatRequest.Ask("Why?") with { Model = model, Tools = [A, B, new ToolDefinition("a", "Another")] };

        var error = Assert.Throws<ArgumentException>(() => WrittenRequest.Of(WireProtocols.Get(wire), request));

        Assert.StartsWith("Two tools of the request have the name \"a\"", error.Message, StringComparison.Ordinal);
        WrittenRequest.Of(WireProtocols.Get(wire), request with { Tools = [A, B, new ToolDefinition("A")] });
    }

    // Kept bytes need 4,096 characters.
    [Fact]
    public async Task SendAsync_ToolWithNameOfKeptTool_ThrowsArgumentException()
    {
        using var http = new MockHttpMessageHandler();
        http.When("*").Respond("application/json", Contract.Answers.Whole(Providers.OpenAI.Protocol));
        using var client = new LlmClient(Providers.OpenAI.WithKey("test-key-0123456789"), "m", http: http.ToHttpClient());
        var large = new ToolDefinition("long", new string('x', 8000));
        var request = ChatRequest.Ask(new string('y', 8000)) with { Tools = [A, B, large] };
        await client.SendAsync(request);

        foreach (
            ToolDefinition[] tools in (ToolDefinition[][])
                [
                    [A, B, large, new("b")],
                    [new("b"), A, B, large],
                    [A, B, large, A],
                ]
        )
        {
            await Assert.ThrowsAsync<ArgumentException>(() => client.SendAsync(request with { Tools = tools }));
        }
        await client.SendAsync(request with { Tools = [new("c"), A, B, large, new("d")] });
    }
}
