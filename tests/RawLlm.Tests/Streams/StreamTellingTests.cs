using System.Net;
using RawLlm.Protocols;
using RawLlm.Tests.Contract;
using RawLlm.Tests.Support;
using RichardSzalay.MockHttp;

namespace RawLlm.Tests.Streams;

/// <summary>A stream reports the same about itself as the whole answer does.</summary>
public sealed class StreamTellingTests
{
    [Fact]
    public async Task Attempts_StreamOpenedAfterRetry_ListFailedAttempt()
    {
        var openAI = Providers.OpenAI.WithKey("test");
        var (body, mediaType) = Answers.Stream(openAI.Protocol);
        using var http = new MockHttpMessageHandler();
        http.Expect("*").Respond(HttpStatusCode.ServiceUnavailable);
        http.Expect("*").Respond(mediaType, new MemoryStream(body));
        http.Expect("*").Respond(mediaType, new MemoryStream(body));
        using var client = new LlmClient(openAI, "m", new() { Retries = new() { BaseDelay = TimeSpan.Zero } }, http.ToHttpClient());

        await using var stream = await client.StreamAsync("Why?");
        Assert.Equal(503, Assert.Single(stream.Attempts).Status);
        var reply = await stream.ReplyAsync();
        Assert.Equal(503, Assert.Single(stream.Attempts).Status);
        Assert.Equal(reply.Attempts, stream.Attempts);

        await using var second = await client.StreamAsync("Why?");
        Assert.Empty(second.Attempts);
    }

    [Fact]
    public async Task StopMessage_RefusedStream_IsMessageOfService()
    {
        const string Refusal = """
            data: {"type":"message_start","message":{"id":"1","type":"message","role":"assistant","model":"m","content":[],"stop_reason":null,"usage":{"input_tokens":1,"output_tokens":1}}}

            data: {"type":"message_delta","delta":{"stop_reason":"refusal","stop_sequence":null,"stop_details":{"type":"refusal","explanation":"It is against the rules."}},"usage":{"output_tokens":1}}

            data: {"type":"message_stop"}


            """;
        using var http = new MockHttpMessageHandler();
        http.When("*").Respond("text/event-stream", Refusal);
        using var client = new LlmClient(Providers.Anthropic.WithKey("test"), "m", http: http.ToHttpClient());

        await using var stream = await client.StreamAsync("Why?");
        Assert.Null(stream.StopMessage);
        var reply = await stream.ReplyAsync();

        Assert.Equal((StopReason.Refusal, "It is against the rules."), (stream.StopReason, stream.StopMessage));
        Assert.Equal(reply.StopMessage, stream.StopMessage);
    }

    [Fact]
    public async Task StopSequence_StreamThatReachedOne_IsSequenceOfService()
    {
        const string Answer = """
            data: {"id":"1","model":"m","choices":[{"index":0,"delta":{"content":"a"},"finish_reason":null,"stop_reason":null}]}

            data: {"id":"1","model":"m","choices":[{"index":0,"delta":{},"finish_reason":"stop","stop_reason":"\n\n"}]}

            data: [DONE]


            """;
        using var http = new MockHttpMessageHandler();
        http.When("*").Respond("text/event-stream", Answer);
        using var client = new LlmClient(Providers.Vllm, "m", http: http.ToHttpClient());

        await using var stream = await client.StreamAsync("Why?");
        Assert.Null(stream.StopSequence);
        var updates = new List<StreamUpdate>();
        var builder = new ReplyBuilder();
        await foreach (var e in stream)
        {
            updates.Add(e.ToUpdate());
            builder.Add(e);
        }

        Assert.Equal("\n\n", stream.StopSequence);
        Assert.Equal("\n\n", builder.Build().StopSequence);
        var stop = updates.Single(update => update.Kind == StreamEventKind.Stop);
        Assert.Equal(("\n\n", null, null), (stop.StopSequence, stop.Name, stop.StopMessage));
    }

    [Fact]
    public void StopSequence_EventCopiedToBuffer_IsKept()
    {
        using var events = new EventBuffer();
        events.Add(
            new StreamEvent(StreamEventKind.Stop)
            {
                StopReason = StopReason.StopSequence,
                StopMessage = "said",
                StopSequence = "END",
            }
        );
        Assert.True(events.MoveNext());
        Assert.Equal(("END", null, "said"), (events.Current.StopSequence, events.Current.Name, events.Current.StopMessage));
    }
}
