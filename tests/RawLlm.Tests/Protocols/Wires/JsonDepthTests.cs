using System.Text;
using RawLlm.Protocols;

namespace RawLlm.Tests.Protocols.Wires;

/// <summary>JSON that a depth limit above the default of 64 lets in can be read again, and goes back.</summary>
public sealed class JsonDepthTests
{
    private static readonly string Deep = new string('[', 100) + new string(']', 100);

    private static readonly DecoderOptions Options = new() { Limits = new() { JsonDepth = 128 } };

    [Fact]
    public void Gemini_DeeplyNestedMembers_AreSentBack()
    {
        var message = Read(
            new GeminiProtocol(),
            $$"""
            {"candidates":[{"content":{"role":"model","parts":[{"functionCall":{"name":"f","args":{},"id":"1"},"partMetadata":{"x":{{Deep}}},"thoughtSignature":"c2ln"}]},"finishReason":"STOP"}]}
            """
        );
        using var wire = new WireRequest { BaseUrl = new("https://example.org/v1beta/") };
        new GeminiProtocol().WriteRequest(new ChatRequest { Model = "m", Messages = [Message.User("x"), message] }, stream: false, wire);
        string sent = Encoding.UTF8.GetString(wire.Body.Span);
        Assert.Contains($"\"partMetadata\":{{\"x\":{Deep}}}", sent, StringComparison.Ordinal);
        Assert.Contains("\"thoughtSignature\":\"c2ln\"", sent, StringComparison.Ordinal);
    }

    [Fact]
    public void ChatCompletions_DeeplyNestedErrorWithAnswer_ThrowsServerError()
    {
        var error = Assert.Throws<LlmException>(() =>
            Read(
                new ChatCompletionsProtocol(),
                $$"""
                {"error":{"more":{{Deep}},"message":"not today"},"choices":[{"index":0,"message":{"role":"assistant","content":"Hi"},"finish_reason":"stop"}]}
                """
            )
        );
        Assert.Equal((LlmErrorKind.ServerError, null), (error.Kind, error.Limit));
    }

    [Fact]
    public void Anthropic_DeeplyNestedContainer_ReturnsID() =>
        Assert.Equal("c1", AnthropicContainer.IdOf(Encoding.UTF8.GetBytes($$"""{"more":{{Deep}},"id":"c1"}""")).ToString());

    private static Message Read(WireProtocol protocol, string body)
    {
        using var events = new EventBuffer(Options);
        protocol.ReadReply(Encoding.UTF8.GetBytes(body), events);
        var builder = new ReplyBuilder();
        while (events.MoveNext())
            builder.Add(events.Current);
        return builder.Build().Message;
    }
}
