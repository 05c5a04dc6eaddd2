using System.Net;
using System.Net.Http.Headers;
using System.Text;
using RawLlm.Protocols;
using RawLlm.Tests.Support;
using RawLlm.Tests.Wire;
using RichardSzalay.MockHttp;

namespace RawLlm.Tests.Protocols.Errors;

/// <summary>Answers whose media type is missing or is not the wire's own.</summary>
public sealed class UnexpectedMediaTypeTests
{
    private const string Events =
        """data: {"id":"c1","model":"m","choices":[{"index":0,"delta":{"content":"Hi"}}]}"""
        + "\n\n"
        + """data: {"id":"c1","model":"m","choices":[{"index":0,"delta":{"content":" you"},"finish_reason":"stop"}]}"""
        + "\n\ndata: [DONE]\n\n";

    private const string Whole =
        """{"id":"c1","model":"m","choices":[{"index":0,"message":{"role":"assistant","content":"Hi you"},"finish_reason":"stop"}]}""";

    private const string Lines =
        """{"model":"m","message":{"role":"assistant","content":"Hi"},"done":false}"""
        + "\n"
        + """{"model":"m","message":{"role":"assistant","content":" you"},"done":true,"done_reason":"stop","prompt_eval_count":1,"eval_count":2}"""
        + "\n";

    private const string Message =
        """{"model":"m","message":{"role":"assistant","content":"Hi you"},"done":true,"done_reason":"stop","prompt_eval_count":1,"eval_count":2}""";

    private const string Candidate =
        """{"candidates":[{"content":{"role":"model","parts":[{"text":"Hi you"}]},"finishReason":"STOP"}],"usageMetadata":{"promptTokenCount":1,"candidatesTokenCount":2,"totalTokenCount":3}}""";

    private static readonly Quirk s_unexpected = new(QuirkKind.UnexpectedContentType, "Content-Type");
    private static readonly Quirk s_downgraded = new(QuirkKind.StreamDowngraded, "Content-Type");

    public static TheoryData<string?, string, int> Streams()
    {
        var rows = new TheoryData<string?, string, int>();
        foreach (
            string? type in (string?[])
                [
                    null,
                    "text/plain",
                    "application/octet-stream",
                    "application/x-ndjson",
                    "application/json",
                    "text/json",
                    "application/problem+json",
                ]
        )
        {
            foreach (string before in (string[])["", "\uFEFF", "\n\n", ": queued\n\n", "event: x\n", "retry: 5\n\n"])
            {
                rows.Add(type, before, int.MaxValue);
                rows.Add(type, before, 1);
            }
        }
        return rows;
    }

    [Theory]
    [MemberData(nameof(Streams))]
    public async Task StreamAsync_StreamWithOtherMediaType_IsReadWithQuirk(string? mediaType, string before, int pieces)
    {
        using var http = Mock(Encoding.UTF8.GetBytes(before + Events), mediaType, pieces);
        using var client = Client(http, new ChatCompletionsProtocol());
        await using var stream = await client.StreamAsync("Hi");
        var kinds = new List<StreamEventKind>();
        string text = "";
        await foreach (var e in stream)
        {
            kinds.Add(e.Kind);
            text += e.Kind == StreamEventKind.Text ? e.ToString() : "";
        }

        Assert.Equal("Hi you", text);
        Assert.Equal(
            [StreamEventKind.Connected, StreamEventKind.Text, StreamEventKind.Text, StreamEventKind.Stop, StreamEventKind.Done],
            kinds
        );
        Assert.Contains(s_unexpected, stream.Quirks);
        Assert.DoesNotContain(s_downgraded, stream.Quirks);
    }

    [Theory]
    [InlineData(null, "", 1, true)]
    [InlineData(null, " \r\n", 1, true)]
    [InlineData("text/plain", "", int.MaxValue, true)]
    [InlineData("text/plain", "\uFEFF\n", 2, true)]
    [InlineData("application/json", "", 1, false)]
    [InlineData("application/json", "\n", 1, false)]
    [InlineData("application/vnd.api+json", "", int.MaxValue, false)]
    public async Task StreamAsync_NonStreamingAnswerWithAnyMediaType_IsRead(string? mediaType, string before, int pieces, bool isUnexpected)
    {
        using var http = Mock(Encoding.UTF8.GetBytes(before + Whole), mediaType, pieces);
        using var client = Client(http, new ChatCompletionsProtocol());
        await using var stream = await client.StreamAsync("Hi");
        var reply = await stream.ReplyAsync();

        Assert.Equal("Hi you", reply.Text);
        Assert.Equal(isUnexpected ? [s_unexpected, s_downgraded] : [s_downgraded], reply.Quirks);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("text/plain")]
    public async Task StreamAsync_ServiceErrorWithOtherMediaType_ThrowsServiceError(string? mediaType)
    {
        using var http = Mock(
            """{"error":{"message":"no such model","type":"invalid_request_error","code":"model_not_found"}}"""u8.ToArray(),
            mediaType,
            int.MaxValue
        );
        using var client = Client(http, new ChatCompletionsProtocol());
        await using var stream = await client.StreamAsync("Hi");

        var error = await Assert.ThrowsAsync<LlmException>(() => stream.ReplyAsync());

        Assert.Contains("no such model", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("text/plain")]
    [InlineData("application/json")]
    public async Task StreamAsync_WebPageWithOtherMediaType_ThrowsUnexpectedContentType(string? mediaType)
    {
        foreach (WireProtocol wire in (WireProtocol[])[new ChatCompletionsProtocol(), new OllamaProtocol(), new AnthropicProtocol()])
        {
            using var http = Mock("\n<!DOCTYPE html><html><title>Sign in</title></html>"u8.ToArray(), mediaType, int.MaxValue);
            using var client = Client(http, wire);
            await using var stream = await client.StreamAsync(ChatRequest.Ask("Hi") with { MaxTokens = 9 });

            Assert.Equal(LlmErrorKind.UnexpectedContentType, (await Assert.ThrowsAsync<LlmException>(() => stream.ReplyAsync())).Kind);
        }
    }

    [Theory]
    [InlineData(null, "has no media type")]
    [InlineData("text/plain", "media type is text/plain")]
    public async Task StreamAsync_StrictWithOtherMediaType_ThrowsUnexpectedContentType(string? mediaType, string said)
    {
        using var http = Mock(Encoding.UTF8.GetBytes(Events), mediaType, int.MaxValue);
        using var client = Client(http, new ChatCompletionsProtocol(), new LlmClientOptions { Strict = true });

        var error = await Assert.ThrowsAsync<LlmException>(() => client.StreamAsync("Hi"));

        Assert.Equal((LlmErrorKind.UnexpectedContentType, "test", false), (error.Kind, error.Provider, error.IsRetryable));
        Assert.Contains(said, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task StreamAsync_StrictAndStreamWithJsonMediaType_ErrorNamesMediaType()
    {
        using var http = Mock(Encoding.UTF8.GetBytes(Events), "application/json", int.MaxValue);
        using var client = Client(http, new ChatCompletionsProtocol(), new LlmClientOptions { Strict = true });
        await using var stream = await client.StreamAsync("Hi");
        Assert.True(await stream.ReadAsync());

        for (int i = 0; i < 2; i++)
        {
            var error = await Assert.ThrowsAsync<LlmException>(async () => await stream.ReadAsync());
            Assert.Contains("media type is application/json", error.Message, StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData("text/plain", "data: {\"choices\":[", "media type is text/plain")]
    [InlineData(null, "data: {\"choices\":[", "has no media type")]
    public async Task StreamAsync_InvalidBodyWithOtherMediaType_ErrorNamesMediaTypeOnce(string? mediaType, string body, string said)
    {
        using var http = Mock(Encoding.UTF8.GetBytes(body), mediaType, int.MaxValue);
        using var client = Client(http, new ChatCompletionsProtocol());
        await using var stream = await client.StreamAsync("Hi");

        var error = await Assert.ThrowsAsync<LlmException>(() => stream.ReplyAsync());

        Assert.Contains(said, error.Message, StringComparison.Ordinal);
        Assert.Equal(error.Message.IndexOf(said, StringComparison.Ordinal), error.Message.LastIndexOf(said, StringComparison.Ordinal));
    }

    [Fact]
    public async Task StreamAsync_RetriedWithoutMediaType_IsReadWithQuirk()
    {
        var bodies = new Queue<string>(["", "data: {", "\n\n" + Events]);
        using var http = new MockHttpMessageHandler();
        http.When("*").Respond(_ => Answer(Encoding.UTF8.GetBytes(bodies.Dequeue()), mediaType: null, 1));
        using var client = Client(
            http,
            new ChatCompletionsProtocol(),
            new LlmClientOptions { Retries = LlmRetries.Default with { BaseDelay = TimeSpan.Zero } }
        );
        await using var stream = await client.StreamAsync("Hi");

        var reply = await stream.ReplyAsync();

        Assert.Equal("Hi you", reply.Text);
        Assert.Contains(s_unexpected, reply.Quirks);
        Assert.Empty(bodies);
    }

    [Theory]
    [InlineData("application/x-ndjson", Lines, null)]
    [InlineData("application/json", Message, QuirkKind.StreamDowngraded)]
    [InlineData("text/plain", Lines, QuirkKind.UnexpectedContentType)]
    [InlineData("text/plain", Message, QuirkKind.UnexpectedContentType)]
    [InlineData(null, Lines, QuirkKind.UnexpectedContentType)]
    public async Task StreamAsync_OllamaWithAnyMediaType_IsReadByContent(string? mediaType, string body, QuirkKind? quirk)
    {
        using var http = Mock(Encoding.UTF8.GetBytes(body), mediaType, 1);
        using var client = Client(http, new OllamaProtocol());
        await using var stream = await client.StreamAsync("Hi");
        var reply = await stream.ReplyAsync();

        Assert.Equal("Hi you", reply.Text);
        Assert.Equal(
            quirk is { } expected ? [expected] : [],
            reply.Quirks.Select(found => found.Kind).Where(kind => kind != QuirkKind.UnterminatedEvent)
        );
    }

    [Theory]
    [InlineData("application/json", "[" + Candidate + "]", false)]
    [InlineData("application/json", Candidate, false)]
    [InlineData("application/json", "data: " + Candidate + "\n\n", false)]
    [InlineData("text/event-stream", "data: " + Candidate + "\n\n", false)]
    [InlineData("text/plain", "data: " + Candidate + "\n\n", true)]
    [InlineData(null, "[" + Candidate + "]", true)]
    public async Task StreamAsync_GeminiWithAnyMediaType_IsReadByContent(string? mediaType, string body, bool isUnexpected)
    {
        using var http = Mock(Encoding.UTF8.GetBytes(body), mediaType, 1);
        using var client = Client(http, new GeminiProtocol());
        await using var stream = await client.StreamAsync("Hi");
        var reply = await stream.ReplyAsync();

        Assert.Equal("Hi you", reply.Text);
        Assert.Equal(isUnexpected, reply.Quirks.Contains(s_unexpected));
    }

    [Theory]
    [InlineData("application/vnd.amazon.eventstream", false)]
    [InlineData("application/octet-stream", true)]
    public async Task StreamAsync_BedrockWithAnyMediaType_IsReadByContent(string mediaType, bool isUnexpected)
    {
        using var http = Mock(
            WireCase.All().Single(wireCase => wireCase is { Protocol: "converse", Name: "text" }).ReadBody(),
            mediaType,
            1
        );
        using var client = Client(http, new ConverseProtocol());
        await using var stream = await client.StreamAsync("Hi");
        var reply = await stream.ReplyAsync();

        Assert.NotEmpty(reply.Text);
        Assert.Equal(isUnexpected, reply.Quirks.Contains(s_unexpected));
    }

    [Theory]
    [InlineData(null, true)]
    [InlineData("text/plain", true)]
    [InlineData("application/octet-stream", true)]
    [InlineData("application/json", false)]
    [InlineData("application/vnd.api+json", false)]
    public async Task SendAsync_AnswerWithAnyMediaType_IsRead(string? mediaType, bool isUnexpected)
    {
        using var http = Mock(Encoding.UTF8.GetBytes(Whole), mediaType, int.MaxValue);
        using var client = Client(http, new ChatCompletionsProtocol());

        var reply = await client.SendAsync("Hi");

        Assert.Equal("Hi you", reply.Text);
        Assert.Equal(isUnexpected ? [s_unexpected] : [], reply.Quirks);
    }

    [Fact]
    public async Task SendAsync_InvalidBodyWithOtherMediaType_ErrorNamesMediaType()
    {
        using var http = Mock("upstream connect error"u8.ToArray(), "text/plain", int.MaxValue);
        using var client = Client(http, new ChatCompletionsProtocol());

        var error = await Assert.ThrowsAsync<LlmException>(() => client.SendAsync("Hi"));

        Assert.Equal(LlmErrorKind.MalformedResponse, error.Kind);
        Assert.Contains("media type is text/plain", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task SendAsync_StrictWithOtherMediaType_ThrowsUnexpectedContentType()
    {
        using var http = Mock(Encoding.UTF8.GetBytes(Whole), "text/plain", int.MaxValue);
        using var client = Client(http, new ChatCompletionsProtocol(), new LlmClientOptions { Strict = true });

        var error = await Assert.ThrowsAsync<LlmException>(() => client.SendAsync("Hi"));

        Assert.Equal(LlmErrorKind.UnexpectedContentType, error.Kind);
        Assert.Contains("media type is text/plain", error.Message, StringComparison.Ordinal);
    }

    private static MockHttpMessageHandler Mock(byte[] body, string? mediaType, int pieces)
    {
        var http = new MockHttpMessageHandler();
        http.When("*").Respond(_ => Answer(body, mediaType, pieces));
        return http;
    }

    private static HttpResponseMessage Answer(byte[] body, string? mediaType, int pieces)
    {
        var content = new StreamContent(new DripStream(body, pieces));
        content.Headers.ContentType = mediaType is null ? null : new MediaTypeHeaderValue(mediaType);
        return new HttpResponseMessage(HttpStatusCode.OK) { Content = content };
    }

    private static LlmClient Client(MockHttpMessageHandler http, WireProtocol wire, LlmClientOptions? options = null) =>
        new(
            new Provider("test", new Uri("https://service.example"), wire, Credential.None),
            "model",
            options ?? new LlmClientOptions { Retries = LlmRetries.None },
            http.ToHttpClient()
        );
}
