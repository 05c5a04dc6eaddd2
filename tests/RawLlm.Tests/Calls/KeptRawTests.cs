using System.Globalization;
using System.Net;
using System.Text;
using System.Text.Json;
using RawLlm.Tests.Readme;
using RawLlm.Tests.Support;
using RichardSzalay.MockHttp;

namespace RawLlm.Tests.Calls;

/// <summary>What a service sends beyond the common model, where it is kept.</summary>
public sealed class KeptRawTests
{
    private const string Key = "sk-KeptKey+0123456789/abcdef";
    private const string Answer =
        """{"id":"c1","model":"m","service_tier":"flex","system_fingerprint":"fp_1","choices":[{"index":0,"message":{"role":"assistant","content":"Hi"},"finish_reason":"stop","content_filter_results":{"hate":{"filtered":false}}}],"usage":{"prompt_tokens":1,"completion_tokens":1,"total_tokens":2}}""";

    private static readonly LlmClientOptions Kept = new() { KeepRaw = true, Retries = LlmRetries.None };

    [Fact]
    public async Task Json_OfNonStreamingAnswer_IsExactBody()
    {
        string body = "\n  " + Answer + "\n";
        var reply = await Client(body).SendAsync("Hi");

        Assert.Equal(body, reply.Json.ToString());
        Assert.Equal("flex", Snippets.ServiceTier(reply.Json.Utf8));
        Assert.Equal("fp_1", Parse(reply).GetProperty("system_fingerprint").GetString());
        Assert.False(
            Parse(reply)
                .GetProperty("choices")[0]
                .GetProperty("content_filter_results")
                .GetProperty("hate")
                .GetProperty("filtered")
                .GetBoolean()
        );
    }

    [Theory]
    [InlineData(200, false)]
    [InlineData(200, true)]
    [InlineData(400, false)]
    [InlineData(400, true)]
    public async Task Headers_OfAnswerOrError_AreKeptWithoutSecrets(int status, bool isStream)
    {
        using var http = new MockHttpMessageHandler();
        http.When("*")
            .Respond(_ =>
            {
                var response = new HttpResponseMessage((HttpStatusCode)status)
                {
                    Content = new StringContent(
                        status == 200 && isStream
                                ? "data: {\"choices\":[{\"index\":0,\"delta\":{\"content\":\"Hi\"},\"finish_reason\":\"stop\"}]}\n\ndata: [DONE]\n\n"
                            : status == 200 ? Answer
                            : "{}",
                        Encoding.UTF8,
                        isStream && status == 200 ? "text/event-stream" : "application/json"
                    ),
                };
                foreach (
                    var (name, value) in new[]
                    {
                        ("openai-processing-ms", "7"),
                        ("x-litellm-key-spend", "0.5"),
                        ("X-RateLimit-Remaining-Tokens", "9"),
                        ("x-echo", $"for {Key}!"),
                        ("Set-Cookie", "c=1"),
                        ("x-api-key", "k"),
                        ("x-session-token", "t"),
                        ("x-key-signature", "s"),
                        ("Authorization-Info", "a"),
                    }
                )
                {
                    response.Headers.TryAddWithoutValidation(name, value);
                }

                return response;
            });
        string[] told =
        [
            "openai-processing-ms: 7",
            "x-litellm-key-spend: 0.5",
            "X-RateLimit-Remaining-Tokens: 9",
            "x-echo: for [redacted]!",
        ];
        foreach (bool keeps in (bool[])[true, false])
        {
            using var client = new LlmClient(Providers.OpenAI.WithKey(Key), "m", Kept with { KeepRaw = keeps }, http.ToHttpClient());
            var headers = await HeadersAsync(client, status, isStream);
            Assert.Equal(
                keeps ? told : [],
                headers
                    .Where(header => !header.Key.StartsWith("Content-", StringComparison.Ordinal))
                    .Select(header => $"{header.Key}: {header.Value}")
            );
        }
    }

    private static async Task<IReadOnlyList<KeyValuePair<string, string>>> HeadersAsync(LlmClient client, int status, bool isStream)
    {
        try
        {
            if (!isStream)
                return (await client.SendAsync("Hi")).Headers;
            await using var stream = await client.StreamAsync("Hi");
            var atFirst = stream.Headers;
            Assert.Equal(atFirst, (await stream.ReplyAsync()).Headers);
            return atFirst;
        }
        catch (LlmException e)
        {
            Assert.Equal(status, e.Status);
            Assert.DoesNotContain("openai-processing-ms", e + JsonSerializer.Serialize(e), StringComparison.Ordinal);
            return e.Headers;
        }
    }

    [Fact]
    public async Task Json_AfterByteOrderMark_OmitsByteOrderMark() =>
        Assert.Equal(Answer, (await Client("\uFEFF" + Answer).SendAsync("Hi")).Json.ToString());

    [Fact]
    public async Task Json_WithoutKeepRaw_IsEmpty()
    {
        var reply = await Client(Answer, options: LlmClientOptions.Default).SendAsync("Hi");
        Assert.True(reply.Json.IsEmpty);
        Assert.Null(Snippets.ServiceTier(reply.Json.Utf8));
    }

    [Fact]
    public async Task Json_OfStreamedAnswer_IsEmpty()
    {
        const string Stream =
            "data: {\"service_tier\":\"flex\",\"choices\":[{\"index\":0,\"delta\":{\"content\":\"Hi\"},\"finish_reason\":\"stop\"}]}\n\ndata: [DONE]\n\n";
        var reply = await Client(Stream, mediaType: "text/event-stream").SendAsync("Hi");
        Assert.Equal("Hi", reply.Text);
        Assert.True(reply.Json.IsEmpty);

        // In a stream, each event carries it.
        Assert.Equal("flex", await Snippets.ServiceTierOfAStream(Client(Stream, mediaType: "text/event-stream")));
    }

    [Theory]
    [InlineData(
        "anthropic",
        """{"id":"c1","type":"message","role":"assistant","model":"m","content":[{"type":"text","text":"Hi"}],"stop_reason":"end_turn","usage":{"input_tokens":1,"output_tokens":1,"service_tier":"standard"}}"""
    )]
    [InlineData(
        "gemini",
        """{"candidates":[{"content":{"role":"model","parts":[{"text":"Hi"}]},"finishReason":"STOP","safetyRatings":[{"category":"HARM_CATEGORY_HATE_SPEECH","probability":"NEGLIGIBLE"}]}]}"""
    )]
    [InlineData(
        "openai-responses",
        """{"id":"r","object":"response","status":"completed","service_tier":"priority","output":[{"type":"message","id":"m1","role":"assistant","content":[{"type":"output_text","text":"Hi"}]}]}"""
    )]
    public async Task Json_OnOtherWires_IsExactBody(string service, string body)
    {
        var reply = await Client(body, provider: Providers.Get(service)).SendAsync("Hi");
        Assert.Equal(("Hi", body), (reply.Text, reply.Json.ToString()));
    }

    [Fact]
    public async Task Json_OfReply_IsNeitherPrintedNorSerialized()
    {
        var reply = await Client(Answer).SendAsync("Hi");

        Assert.DoesNotContain("flex", reply.ToString(), StringComparison.Ordinal);
        Assert.DoesNotContain("flex", JsonSerializer.Serialize(reply), StringComparison.Ordinal);
        // Every other member is printed, in order.
        var members = typeof(ChatReply)
            .GetProperties()
            .Where(member => member.Name is not (nameof(ChatReply.Json) or nameof(ChatReply.Headers)))
            .Select(member => $"{member.Name} = {member.GetValue(reply)}");
        Assert.Equal($"ChatReply {{ {string.Join(", ", members)} }}", reply.ToString());
    }

    [Fact]
    public async Task Json_ThroughChainHedgeAndToolLoop_IsKept()
    {
        var refused = Client("""{"error":{"message":"busy"}}""", HttpStatusCode.ServiceUnavailable);
        var reply = await new FallbackChain([refused, Client(Answer)]).SendAsync("Hi");
        Assert.Equal("flex", Snippets.ServiceTier(reply.Json.Utf8));
        Assert.Single(reply.Attempts);

        reply = await new FallbackChain([refused, Client(Answer)], new FallbackOptions { HedgeAfter = TimeSpan.FromMinutes(1) }).SendAsync(
            "Hi"
        );
        Assert.Equal("flex", Snippets.ServiceTier(reply.Json.Utf8));

        var run = await new ToolLoop(Client(Answer), []).RunAsync("Hi");
        Assert.Equal("flex", Snippets.ServiceTier(run.Reply.Json.Utf8));
    }

    [Theory]
    [InlineData(HttpStatusCode.BadRequest)]
    [InlineData(HttpStatusCode.TooManyRequests)]
    [InlineData(HttpStatusCode.OK)]
    public async Task Body_OfError_IsSameAsSent(HttpStatusCode status)
    {
        const string Body = """{"error":{"message":"No.","code":"content_filter","innererror":{"code":"ResponsibleAIPolicyViolation"}}}""";
        foreach (bool isStream in (bool[])[false, true])
        {
            var e = await Fails(Client(Body, status), isStream);
            Assert.Equal(Body, e.Body);
            Assert.Equal(
                "ResponsibleAIPolicyViolation",
                JsonDocument.Parse(e.Body!).RootElement.GetProperty("error").GetProperty("innererror").GetProperty("code").GetString()
            );
            Assert.DoesNotContain("innererror", e.ToString() + e.Message + JsonSerializer.Serialize(e), StringComparison.Ordinal);

            Assert.Null((await Fails(Client(Body, status, options: new() { Retries = LlmRetries.None }), isStream)).Body);
        }
    }

    [Fact]
    public async Task Body_OfErrorInStream_IsEventData()
    {
        const string Error =
            """{"id":"g","provider":"Upstream","error":{"code":502,"message":"Gone","metadata":{"raw":"{\"upstream\":1}"}},"choices":[]}""";
        const string Stream = "data: {\"choices\":[{\"index\":0,\"delta\":{\"content\":\"Hi\"}}]}\n\ndata: " + Error + "\n\n";
        var e = await Fails(Client(Stream, mediaType: "text/event-stream"), isStream: true);
        Assert.Equal((LlmErrorKind.StreamError, Error), (e.Kind, e.Body));

        // A stream that breaks off without an error has no error body.
        e = await Fails(
            Client("data: {\"choices\":[{\"index\":0,\"delta\":{\"content\":\"Hi\"}}]}\n\n", mediaType: "text/event-stream"),
            isStream: true
        );
        Assert.Equal((LlmErrorKind.StreamTruncated, null), (e.Kind, e.Body));
    }

    [Theory]
    [InlineData("application/json", "{0}")]
    [InlineData("text/event-stream", "data: {0}\n\n")]
    [InlineData("text/event-stream", "data: {{\"choices\":[{{\"index\":0,\"delta\":{{\"role\":\"assistant\"}}}}]}}\n\ndata: {0}\n\n")]
    public async Task Body_OfErrorInHedgedChain_IsKept(string mediaType, string form)
    {
        const string Error = """{"error":{"message":"No, sk-KeptKey+0123456789/abcdef.","code":"content_filter","extra":42}}""";
        var chain = new FallbackChain(
            [Client(string.Format(CultureInfo.InvariantCulture, form, Error), mediaType: mediaType)],
            new FallbackOptions { HedgeAfter = TimeSpan.FromMinutes(1) }
        );
        var e = await Assert.ThrowsAsync<LlmException>(() => chain.StreamAsync("Hi"));
        Assert.Equal(Error.Replace(Key, "[redacted]", StringComparison.Ordinal), e.Body);
    }

    [Fact]
    public async Task Body_OfErrorAfterSeam_IsKept()
    {
        const string Begun = "data: {\"choices\":[{\"index\":0,\"delta\":{\"content\":\"Hi\"}}]}\n\n";
        const string Error = """{"error":{"message":"No, sk-KeptKey+0123456789/abcdef.","code":"server_error","extra":42}}""";
        var chain = new FallbackChain(
            [Client(Begun, mediaType: "text/event-stream"), Client($"{Begun}data: {Error}\n\n", mediaType: "text/event-stream")],
            new FallbackOptions { StreamFailover = StreamFailover.Default }
        );
        await using var stream = await chain.StreamAsync("Hi");
        var e = await Assert.ThrowsAsync<LlmException>(() => stream.ReplyAsync());
        Assert.Single(stream.Switches);
        Assert.Equal((LlmErrorKind.StreamError, Error.Replace(Key, "[redacted]", StringComparison.Ordinal)), (e.Kind, e.Body));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Usage_HedgedStreamFailsBeforeText_IsReportedInException(bool isReset)
    {
        const string Start =
            "event: message_start\ndata: {\"type\":\"message_start\",\"message\":{\"id\":\"a\",\"type\":\"message\",\"role\":\"assistant\",\"model\":\"m\",\"content\":[],\"usage\":{\"input_tokens\":123,\"output_tokens\":1}}}\n\n";
        const string Error = "event: error\ndata: {\"type\":\"error\",\"error\":{\"type\":\"api_error\",\"message\":\"x\"}}\n\n";
        using var http = new MockHttpMessageHandler();
        var body = new ScriptedStream().Send(Start);
        if (isReset)
            body.Fail(new IOException("Reset."));
        else
            body.Send(Error).End();
        http.When("*")
            .Respond(_ => new HttpResponseMessage(HttpStatusCode.OK)
            {
                Content = new StreamContent(body) { Headers = { ContentType = new("text/event-stream") } },
            });
        using var client = new LlmClient(Providers.Anthropic with { Credential = Credential.Bearer(Key) }, "m", Kept, http.ToHttpClient());
        var chain = new FallbackChain([client], new FallbackOptions { HedgeAfter = TimeSpan.FromMinutes(1) });
        var e = await Assert.ThrowsAsync<LlmException>(() => chain.StreamAsync(ChatRequest.Ask("Hi") with { MaxTokens = 5 }));
        Assert.Equal((isReset ? LlmErrorKind.ConnectionLost : LlmErrorKind.StreamError, 123L), (e.Kind, e.Usage?.InputTokens));
    }

    [Theory]
    [InlineData("text/html", "<html><title>Sign in</title></html>")]
    [InlineData("application/json", "{\"choices\":")]
    public async Task Body_OfInvalidAnswer_IsKept(string mediaType, string body) =>
        Assert.Equal(body, (await Fails(Client(body, mediaType: mediaType), isStream: false)).Body);

    [Fact]
    public async Task Body_OfEmbeddingsOrModelListError_IsKept()
    {
        const string Body = """{"error":{"message":"No."}}""";
        Assert.Equal(Body, (await Assert.ThrowsAsync<LlmException>(() => Client(Body).EmbedAsync("a"))).Body);
        Assert.Equal(Body, (await Assert.ThrowsAsync<LlmException>(() => Client(Body, HttpStatusCode.BadRequest).ListModelsAsync())).Body);
    }

    [Fact]
    public async Task Body_LongerThanLimit_IsTruncated()
    {
        var options = Kept with { Limits = new LlmLimits { ErrorBodyBytes = 100 } };
        Assert.Equal(
            100,
            (await Fails(Client(new string('x', 1000), HttpStatusCode.BadGateway, options: options), isStream: false)).Body!.Length
        );
        Assert.Equal(100, (await Fails(Client("{" + new string('x', 1000), options: options), isStream: false)).Body!.Length);
    }

    [Theory]
    [InlineData("""{"error":{"message":"sk-KeptKey+0123456789/abcdef is wrong"}}""", """{"error":{"message":"[redacted] is wrong"}}""")]
    [InlineData(
        """{"error":{"message":"sk-KeptKey\u002B0123456789\/abcdef is wrong"}}""",
        """{"error":{"message":"[redacted] is wrong"}}"""
    )]
    [InlineData(
        """{"error":{"raw":"{\"k\":\"\\u0073k-KeptKey\\u002B01234\\u0035\"}"}}""",
        """{"error":{"raw":"{\"k\":\"[redacted]\"}"}}"""
    )]
    [InlineData("""{"error":"\u0073\u006B\u002D\u004B\u0065\u0070\u0074\u004B\u0065\u0079\u002b"}""", """{"error":"[redacted]"}""")]
    public async Task Body_EchoesApiKey_IsRedacted(string body, string expected)
    {
        Assert.Equal(expected, (await Fails(Client(body, HttpStatusCode.BadRequest), isStream: false)).Body);
        Assert.Equal(expected, (await Fails(Client(body), isStream: false)).Body);
    }

    [Fact]
    public async Task Body_WithEscapesAndNoKey_IsUnchanged()
    {
        const string Body = """{"error":{"message":"a \\ \" \u0041 \ud83d\ude00 \n \u12"},"x":"\""";
        Assert.Equal(Body, (await Fails(Client(Body, HttpStatusCode.BadRequest), isStream: false)).Body);
    }

    private static JsonElement Parse(ChatReply reply) => JsonDocument.Parse(reply.Json.ToString()).RootElement;

    private static Task<LlmException> Fails(LlmClient client, bool isStream) =>
        Assert.ThrowsAsync<LlmException>(async () =>
        {
            if (!isStream)
            {
                await client.SendAsync("Hi");
                return;
            }
            await using var stream = await client.StreamAsync("Hi");
            await stream.ReplyAsync();
        });

    private static LlmClient Client(
        string body,
        HttpStatusCode status = HttpStatusCode.OK,
        string mediaType = "application/json",
        Provider? provider = null,
        LlmClientOptions? options = null
    )
    {
        var http = new MockHttpMessageHandler();
        http.When("*").Respond(_ => new HttpResponseMessage(status) { Content = new StringContent(body, Encoding.UTF8, mediaType) });
        provider ??= Providers.OpenAI;
        return new LlmClient(provider with { Credential = Credential.Bearer(Key) }, "m", options ?? Kept, http.ToHttpClient());
    }
}
