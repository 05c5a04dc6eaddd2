using RawLlm.Protocols;
using RawLlm.Tests.Support;

namespace RawLlm.Tests.Protocols.BedrockInvoke;

public sealed class BedrockInvokeWriterTests
{
    [Theory]
    [InlineData(false, "invoke", "application/json")]
    [InlineData(true, "invoke-with-response-stream", "application/vnd.amazon.eventstream")]
    public void WriteRequest_WithModelAndStream_WritesBothOnlyToUrl(bool stream, string operation, string accept)
    {
        var request = ChatRequest.Ask("Why?") with { Model = "us.anthropic.claude-haiku-4-5-20251001-v1:0", System = "Be brief." };

        var written = WrittenRequest.Of(new BedrockInvokeProtocol(), request, stream, "https://bedrock-runtime.us-east-1.amazonaws.com/");

        Assert.Equal(
            $"https://bedrock-runtime.us-east-1.amazonaws.com/model/us.anthropic.claude-haiku-4-5-20251001-v1%3A0/{operation}",
            written.Url
        );
        Assert.Equal(accept, written.Accept);
        JsonAssert.Equal(
            """{"anthropic_version":"bedrock-2023-05-31","max_tokens":4096,"system":"Be brief.","messages":[{"role":"user","content":"Why?"}]}""",
            written.Body
        );
    }

    [Fact]
    public void Betas_Set_AreWrittenToBody()
    {
        var protocol = new BedrockInvokeProtocol
        {
            Messages = new AnthropicProtocol
            {
                BodyVersion = "bedrock-2023-05-31",
                WritesStream = false,
                Betas = ["a-1", "b-2"],
            },
        };
        using var wire = new WireRequest { BaseUrl = new("https://bedrock-runtime.us-east-1.amazonaws.com/") };

        protocol.WriteRequest(ChatRequest.Ask("Why?") with { Model = "m" }, stream: false, wire);

        JsonAssert.Equal(
            """{"anthropic_version":"bedrock-2023-05-31","max_tokens":4096,"messages":[{"role":"user","content":"Why?"}],"anthropic_beta":["a-1","b-2"]}""",
            System.Text.Encoding.UTF8.GetString(wire.Body.Span)
        );
        Assert.Empty(wire.Headers);
    }

    [Fact]
    public void ImageUrl_NotSupported_IsRejected()
    {
        var request = new ChatRequest { Model = "m", Messages = [Message.User(new ImagePart(new Uri("https://example.org/a.png")))] };

        Assert.Contains(
            "Pass the bytes",
            Assert.Throws<ArgumentException>(() => WrittenRequest.Of(new BedrockInvokeProtocol(), request)).Message,
            StringComparison.Ordinal
        );
    }

    [Fact]
    public void Messages_ProtocolNotForBedrock_IsRejected()
    {
        Assert.Throws<ArgumentException>(() => new BedrockInvokeProtocol { Messages = new AnthropicProtocol() });
        Assert.Throws<ArgumentException>(() =>
            new BedrockInvokeProtocol { Messages = new AnthropicProtocol { BodyVersion = "bedrock-2023-05-31" } }
        );
    }
}
