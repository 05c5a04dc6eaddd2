using System.Text;
using RawLlm.Tests.Support;

namespace RawLlm.Tests.Contract;

public sealed class FireworksContractTests
{
    [Fact]
    public async Task Send_MaxTokensAboveNonStreamingLimit_StreamsAndCollectsReply()
    {
        using var service = MockService.Sse(Encoding.UTF8.GetString(Answers.Stream(Providers.Fireworks.Protocol).Body));
        using var client = service.Client(Providers.Fireworks, "m");

        var reply = await client.SendAsync(ChatRequest.Ask("Hi") with { MaxTokens = 4097 });

        service.AssertRequest(
            """
            POST https://api.fireworks.ai/inference/v1/chat/completions
            Accept: text/event-stream
            Authorization: Bearer test-key
            Content-Type: application/json
            """,
            """{"model":"m","messages":[{"role":"user","content":"Hi"}],"max_tokens":4097,"stream":true,"stream_options":{"include_usage":true}}"""
        );
        Assert.Equal("Blue.", reply.Text);
        Assert.Equal(1100, reply.Usage!.TotalTokens);
        Assert.Empty(reply.Quirks);
    }

    [Theory]
    [InlineData(4096)]
    [InlineData(null)]
    public async Task Send_MaxTokensWithinNonStreamingLimit_DoesNotStream(int? tokens)
    {
        using var service = MockService.Json(Answers.Whole(Providers.Fireworks.Protocol));
        using var client = service.Client(Providers.Fireworks, "m");

        Assert.Equal("Blue.", (await client.SendAsync(ChatRequest.Ask("Hi") with { MaxTokens = tokens })).Text);
        Assert.DoesNotContain("stream", service.Body, StringComparison.Ordinal);
    }

    [Fact]
    public void Messages_ReasoningDetailsOfOtherService_AreOmitted()
    {
        var foreign = new WireData("chat-completions", RawJson.Parse("""{"reasoning_details":[{"type":"reasoning.text","text":"hm"}]}"""));
        var written = WrittenRequest.Of(
            Providers.Fireworks.Protocol,
            new ChatRequest
            {
                Messages = [new Message(Role.Assistant, [new ReasoningPart("hm") { WireData = foreign }, new TextPart("Yes.")])],
            }
        );

        Assert.Equal("""{"messages":[{"role":"assistant","content":"Yes."}]}""", written.Body);
        Assert.Equal([new Quirk(QuirkKind.LeftOut, "messages[].reasoning")], written.Quirks);
    }
}
