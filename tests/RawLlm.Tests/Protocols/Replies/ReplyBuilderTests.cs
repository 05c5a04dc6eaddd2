using System.Text;
using RawLlm.Protocols;
using RichardSzalay.MockHttp;

namespace RawLlm.Tests.Protocols;

public sealed class ReplyBuilderTests
{
    [Theory]
    [InlineData(StreamEventKind.Text)]
    [InlineData(StreamEventKind.Reasoning)]
    [InlineData(StreamEventKind.ToolArguments)]
    public void Add_PartLargerThanLimit_ThrowsLimitExceeded(StreamEventKind kind)
    {
        var builder = new ReplyBuilder(mostPartBytes: 10);
        builder.Add(new StreamEvent(kind, 0, 0, "12345"u8));
        builder.Add(new StreamEvent(kind, 0, 0, "67890"u8));
        builder.Add(new StreamEvent(kind, 0, 1, "1234567890"u8));
        var error = Assert.Throws<LlmException>(() => builder.Add(new StreamEvent(kind, 0, 0, "1"u8)));
        Assert.Equal((LlmErrorKind.LimitExceeded, LlmLimit.StreamBytes, false), (error.Kind, error.Limit, error.IsRetryable));
        Assert.Equal(2, builder.Build().Choices[0].Message.Parts.Count);
    }

    // The stream has no [DONE]: a loop over the events reports that just as ReplyAsync would.
    [Fact]
    public async Task Build_WithStream_ContainsMetadataAndQuirksOfStream()
    {
        using var http = new MockHttpMessageHandler();
        http.When("*")
            .Respond(_ =>
            {
                var response = new HttpResponseMessage
                {
                    Content = new StringContent(
                        "data: {\"id\":\"c1\",\"choices\":[{\"index\":0,\"delta\":{\"content\":\"Hi\"},\"finish_reason\":\"stop\"}],\"usage\":{\"prompt_tokens\":3,\"completion_tokens\":1}}\n\n",
                        Encoding.UTF8,
                        "text/event-stream"
                    ),
                };
                response.Headers.Add("x-request-id", "req-1");
                return response;
            });
        using var client = new LlmClient(Providers.OpenAI with { Credential = Credential.None }, "gpt-4o-mini", null, http.ToHttpClient());
        await using var stream = await client.StreamAsync("Hello");
        var builder = new ReplyBuilder();
        await foreach (var e in stream)
            builder.Add(e);
        var reply = builder.Build(stream);

        Assert.Equal(("Hi", "req-1", "openai", 3L), (reply.Text, reply.RequestId, reply.Provider, reply.Usage!.InputTokens));
        Assert.Contains(reply.Quirks, quirk => quirk.Kind == QuirkKind.MissingSentinel);
        Assert.NotNull(reply.Cost);
        Assert.Empty(builder.Build().Quirks);
    }

    [Fact]
    public void Add_CompleteCallAfterArgumentChunks_ReplacesThem()
    {
        var builder = new ReplyBuilder(mostPartBytes: 10);
        builder.Add(new StreamEvent(StreamEventKind.ToolArguments, 0, 0, "{\"a\":123"u8));
        builder.Add(new StreamEvent(StreamEventKind.ToolCall, 0, 0, "{\"a\":1234}"u8));
        Assert.Equal("{\"a\":1234}", builder.Build().ToolCalls[0].Arguments);
    }

    [Fact]
    public void Build_StopWithMessage_SetsStopMessageAndRefusal()
    {
        var builder = new ReplyBuilder();
        builder.Add(
            new StreamEvent(StreamEventKind.Stop)
            {
                StopReason = StopReason.Refusal,
                RawStopReason = "refusal",
                StopMessage = "Declined by policy.",
            }
        );
        var reply = builder.Build();
        Assert.Equal(("Declined by policy.", "Declined by policy.", 0), (reply.StopMessage, reply.Refusal, reply.Message.Parts.Count));

        builder.Add(new StreamEvent(StreamEventKind.Refusal, 0, 0, "I cannot."u8));
        Assert.Equal(("Declined by policy.", "I cannot."), (builder.Build().StopMessage, builder.Build().Refusal));

        var other = new ReplyBuilder();
        other.Add(
            new StreamEvent(StreamEventKind.Stop)
            {
                StopReason = StopReason.Error,
                RawStopReason = "MALFORMED_FUNCTION_CALL",
                StopMessage = "Malformed function call.",
            }
        );
        Assert.Equal(("Malformed function call.", ""), (other.Build().StopMessage, other.Build().Refusal));
    }
}
