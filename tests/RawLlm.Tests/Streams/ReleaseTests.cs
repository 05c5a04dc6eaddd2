using RawLlm.Tests.Faults;

namespace RawLlm.Tests.Streams;

/// <summary>A stream that has begun keeps only those parts of its request and response head that may still be needed.</summary>
public sealed class ReleaseTests
{
    [Fact]
    public async Task Stream_Opened_ReleasesHeadersAndRequestBody()
    {
        using var wire = new FaultWire(
            Script.OnRequest.Sse("x-request-id: r1", "x-ratelimit-remaining-requests: 7").Chunk(Answers.All).LastChunk()
        );
        Seeing? seeing = null;
        var client = wire.Client(new LlmClientOptions { Before = handler => seeing = new Seeing(handler) });
        await using var stream = await client.StreamAsync("Hi", wire.Token);
        Assert.Null(seeing!.Request!.Content);
        Assert.Empty(seeing.Request.Headers);
        Assert.Empty(seeing.Response!.Content.Headers);
        Assert.Equal("r1", stream.RequestId);
        Assert.Equal(7, stream.RateLimits?.Requests?.Remaining);
        Assert.Equal("Hi you", (await stream.ReplyAsync(wire.Token)).Text);
        Assert.Contains("Authorization: Bearer test-key", wire.Requests[0], StringComparison.Ordinal);
    }

    [Fact]
    public async Task Stream_WithOwnHttpClient_KeepsRequestAndResponse()
    {
        using var wire = new FaultWire(Answers.Stream);
        var own = wire.Client();
        Seeing? seeing = null;
        using var http = new HttpClient(seeing = new Seeing(new Canned()));
        using var client = new LlmClient(own.Provider, "m", http: http);
        await using var stream = await client.StreamAsync("Hi", wire.Token);
        Assert.NotNull(seeing.Request!.Content);
        Assert.NotNull(seeing.Request.Headers.Authorization);
        Assert.Equal("text/event-stream", seeing.Response!.Content.Headers.ContentType?.MediaType);
        Assert.Equal("Hi you", (await stream.ReplyAsync(wire.Token)).Text);
        Assert.Equal("Hi you", await FaultRun.Text(own, wire.Token));
    }

    private sealed class Seeing(HttpMessageHandler inner) : DelegatingHandler(inner)
    {
        public HttpRequestMessage? Request { get; private set; }

        public HttpResponseMessage? Response { get; private set; }

        protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            Request = request;
            return Response = await base.SendAsync(request, cancellationToken);
        }
    }

    private sealed class Canned : HttpMessageHandler
    {
        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken) =>
            Task.FromResult(
                new HttpResponseMessage
                {
                    RequestMessage = request,
                    Content = new StringContent(Answers.All, System.Text.Encoding.UTF8, "text/event-stream"),
                }
            );
    }
}
