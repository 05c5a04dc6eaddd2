using System.Text;

namespace RawLlm.Tests.Faults;

/// <summary>Section B: HTTP faults of a server, through the platform's own handler.</summary>
public sealed class HttpFaultTests
{
    private static readonly string[] SomeText = ["", "Hi", "Hi you"];

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    [Case(15, 16, 79)]
    public async Task ChunkedStream_EndsAfterAnyByte_IsCompleteOnlyAfterEndMarker(bool isReset)
    {
        byte[] body =
        [
            .. Script
                .Accept.Chunk(Answers.Role)
                .Chunk(Answers.Hi)
                .Chunk(Answers.You + Answers.Stop)
                .Chunk(Answers.End)
                .LastChunk()
                .Acts.SelectMany(act => ((Act.Send)act).Bytes),
        ];
        int ended = 0;
        for (int length = 0; length < body.Length; length++)
        {
            var script = Script.OnRequest.Sse().Send(body[..length]);
            using var wire = new FaultWire(isReset ? script.Rst() : script.Fin());
            string text = "";
            try
            {
                await using var stream = await wire.Client(FaultRun.Once).StreamAsync("Hi", wire.Token);
                while (await stream.ReadAsync(wire.Token))
                    text += stream.Current.Kind == StreamEventKind.Text ? stream.Current.ToString() : "";
                // Whole in spite of the cut: the end mark had arrived.
                Assert.Equal("Hi you", text);
                Assert.Contains("[DONE]\n", Encoding.UTF8.GetString(body[..length]), StringComparison.Ordinal);
                ended++;
            }
            catch (LlmException e)
            {
                Assert.Contains(text, SomeText);
                Assert.Equal((LlmErrorKind.ConnectionLost, text.Length > 0), (e.Kind, e.OutputCommitted));
                int whole = Encoding.UTF8.GetString(body[..length]).Split("\n\n").Length - 1;
                Assert.True(
                    text
                        == (
                            whole >= 3 ? "Hi you"
                            : whole >= 2 ? "Hi"
                            : ""
                        ),
                    $"cut at {length}: '{text}'"
                );
            }
        }
        Assert.InRange(ended, 1, 12);
    }

    [Fact]
    [Case(17)]
    public async Task ContentLength_LongerThanBody_ThrowsConnectionLost()
    {
        using var whole = new FaultWire(
            Script
                .OnRequest.Head(200, "Content-Type: application/json", $"Content-Length: {Answers.Whole.Length + 5}")
                .Send(Answers.Whole)
                .Fin()
        );
        Assert.Equal(LlmErrorKind.ConnectionLost, (await FaultRun.WholeFails(whole)).Kind);
        using var wire = new FaultWire(
            Script.OnRequest.Head(200, "Content-Type: text/event-stream", "Content-Length: 100000").Send(Answers.Hi).Fin()
        );
        var (text, error) = await FaultRun.StreamFails(wire);
        Assert.Equal(("Hi", LlmErrorKind.ConnectionLost), (text, error.Kind));
    }

    [Fact]
    [Case(18, 31)]
    public async Task Bytes_AfterResponse_AreIgnoredAndConnectionIsNotReused()
    {
        string extra = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}";
        using var wire = new FaultWire(
            Script
                .OnRequest.Head(200, "Content-Type: application/json", $"Content-Length: {Answers.Whole.Length}")
                .Send(Answers.Whole + extra),
            Answers.WholeAnswer
        );
        var client = wire.Client();
        Assert.Equal("Hi you", (await client.SendAsync("Hi", wire.Token)).Text);
        Assert.Equal("Hi you", (await client.SendAsync("Hi", wire.Token)).Text);
        Assert.Equal(2, wire.Connections.Count);
    }

    [Fact]
    [Case(19)]
    public async Task BodyWithoutLength_EndsBeforeEndMarker_IsTruncated()
    {
        using var wire = new FaultWire(Script.OnRequest.Head(200, "Content-Type: text/event-stream").Send(Answers.Hi).Fin());
        var (text, error) = await FaultRun.StreamFails(wire);
        Assert.Equal(("Hi", LlmErrorKind.StreamTruncated), (text, error.Kind));
        using var whole = new FaultWire(Script.OnRequest.Head(200, "Content-Type: application/json").Send(Answers.Whole[..^1]).Fin());
        Assert.Equal(LlmErrorKind.StreamTruncated, (await FaultRun.WholeFails(whole)).Kind);
    }

    [Theory]
    [InlineData("Content-Length: -3")]
    [InlineData("Content-Length: abc")]
    [InlineData("Content-Length: 3\r\nContent-Length: 10")]
    [InlineData("Content-Length: 3, 10")]
    [Case(20)]
    public async Task ContentLength_Invalid_ThrowsProtocolViolation(string header)
    {
        using var wire = new FaultWire(Script.OnRequest.Head(200, "Content-Type: application/json", header).Send(Answers.Whole).Fin());
        Assert.Equal(LlmErrorKind.ProtocolViolation, (await FaultRun.WholeFails(wire)).Kind);
    }

    [Fact]
    [Case(21)]
    public async Task ContentLength_WithChunkedEncoding_IsIgnoredAndConnectionIsNotReused()
    {
        string extra = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}";
        using var wire = new FaultWire(
            Script
                .OnRequest.Head(200, "Content-Type: application/json", "Content-Length: 3", "Transfer-Encoding: chunked")
                .Send([.. Chunked(Answers.Whole), .. Encoding.ASCII.GetBytes(extra)]),
            Answers.WholeAnswer
        );
        var client = wire.Client();
        Assert.Equal("Hi you", (await client.SendAsync("Hi", wire.Token)).Text);
        Assert.Equal("Hi you", (await client.SendAsync("Hi", wire.Token)).Text);
        Assert.Equal(2, wire.Connections.Count);
    }

    [Theory]
    [InlineData("ZZ\r\nabc\r\n")]
    [InlineData("-5\r\nabc\r\n")]
    [InlineData("11111111111111111\r\nabc\r\n")]
    [InlineData("3\r\nabcdef\r\nabc\r\n")]
    [Case(22)]
    public async Task Chunk_Malformed_ThrowsProtocolViolationWithoutRetry(string chunk)
    {
        using var wire = new FaultWire(Script.OnRequest.Sse().Chunk(Answers.Hi).Send(chunk).Fin());
        var (text, error) = await FaultRun.StreamFails(wire, LlmClientOptions.Default);
        Assert.Equal(("Hi", LlmErrorKind.ProtocolViolation, false), (text, error.Kind, error.IsRetryable));
    }

    [Fact]
    [Case(23)]
    public async Task Headers_TooLargeOrTooMany_ThrowLimitExceeded()
    {
        using var large = new FaultWire(Script.OnRequest.Head(200, "X-Large: " + new string('x', 70 << 10)));
        var error = await FaultRun.WholeFails(large);
        Assert.Equal((LlmErrorKind.LimitExceeded, LlmLimit.ResponseHeaders), (error.Kind, error.Limit));
        using var many = new FaultWire(Script.OnRequest.Head(200, [.. Enumerable.Range(0, 10_000).Select(i => $"X-{i}: 1")]));
        Assert.Equal(LlmLimit.ResponseHeaders, (await FaultRun.WholeFails(many)).Limit);
    }

    [Fact]
    [Case(24)]
    public async Task Headers_SentVerySlowly_ThrowHeadersTimeout()
    {
        var script = Script.OnRequest.Send("HTTP/1.1 200 OK\r\n");
        for (int i = 0; i < 200; i++)
            script = script.Send("x").Pass(1);
        using var wire = new FaultWire(script);
        var (_, error) = await FaultRun.StreamFails(wire);
        Assert.Equal((LlmErrorKind.HeadersTimeout, LlmPhase.AwaitHeaders), (error.Kind, error.Phase));
        Assert.Equal(TimeSpan.FromSeconds(120), wire.Time.GetElapsedTime(0));
    }

    [Theory]
    [InlineData("<html>hello</html>\r\n\r\n")]
    [InlineData("HTTP/0.9 hello\r\n\r\n")]
    [InlineData("HTTP/1.1 99 Low\r\n\r\n")]
    [InlineData("HTTP/1.1 abc X\r\n\r\n")]
    [InlineData("\0\0\0\0\0\0\0\0\0\0\0\0\0\r\n\r\n")]
    [Case(26)]
    public async Task StatusLine_Invalid_ThrowsProtocolViolation(string line)
    {
        using var wire = new FaultWire(Script.OnRequest.Send(line).Fin());
        Assert.Equal(LlmErrorKind.ProtocolViolation, (await FaultRun.WholeFails(wire)).Kind);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    [Case(26)]
    public async Task Status_SwitchingProtocols_ThrowsProtocolViolation(bool isStream)
    {
        using var wire = new FaultWire(Script.OnRequest.Head(101, "Connection: Upgrade", "Upgrade: websocket").Stall());
        var error = isStream ? (await FaultRun.StreamFails(wire)).Error : await FaultRun.WholeFails(wire);
        Assert.Equal(
            (LlmErrorKind.ProtocolViolation, LlmPhase.AwaitHeaders, false, 101),
            (error.Kind, error.Phase, error.IsRetryable, error.Status)
        );
        Assert.Contains("status 101", error.Message, StringComparison.Ordinal);
        Assert.Contains("Check the base URL", error.Message, StringComparison.Ordinal);
        await wire.Connections.Single().Closed.WaitAsync(wire.Token);
    }

    [Theory]
    [InlineData(407, LlmErrorKind.ProxyFailed, "HTTP_PROXY (http://user:password@host:port)")]
    [InlineData(511, LlmErrorKind.ProxyFailed, "Sign in to the network")]
    [InlineData(421, LlmErrorKind.BadRequest, "check the base URL")]
    [Case(13)]
    public async Task Status_OfProxyOrGateway_ErrorContainsAdvice(int status, LlmErrorKind kind, string advice)
    {
        using var wire = new FaultWire(Script.OnRequest.Answer(status, "text/html", "<html><title>x</title></html>"));
        var error = await FaultRun.WholeFails(wire, LlmClientOptions.Default);
        Assert.Equal((kind, false, status), (error.Kind, error.IsRetryable, error.Status));
        Assert.Contains(advice, error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(600)]
    [InlineData(999)]
    [Case(27)]
    public async Task Status_Unknown_ThrowsServerErrorWithoutRetry(int status)
    {
        using var wire = new FaultWire(Answers.Error(status));
        var error = await FaultRun.WholeFails(wire, LlmClientOptions.Default);
        Assert.Equal((LlmErrorKind.ServerError, false, status), (error.Kind, error.IsRetryable, error.Status));
    }

    [Theory]
    [InlineData(204)]
    [InlineData(205)]
    [InlineData(304)]
    [Case(28)]
    public async Task Status_WithoutBody_ThrowsMalformedResponse(int status)
    {
        using var whole = new FaultWire(Script.OnRequest.Head(status, "Content-Length: 0"));
        Assert.Equal(LlmErrorKind.MalformedResponse, (await FaultRun.WholeFails(whole)).Kind);
        using var wire = new FaultWire(Script.OnRequest.Head(status, "Content-Length: 0"));
        Assert.Equal(LlmErrorKind.MalformedResponse, (await FaultRun.StreamFails(wire)).Error.Kind);
    }

    [Fact]
    [Case(29)]
    public async Task Headers_WithBareLineFeedsFoldsAndNul_AreNotShown()
    {
        string head =
            $"HTTP/1.1 200 OK\nContent-Type: application/json\nx-request-id: a\0b\nx-folded: a\r\n b\nContent-Length: {Answers.Whole.Length}\n\n";
        using var wire = new FaultWire(Script.OnRequest.Send(head + Answers.Whole));
        try
        {
            var reply = await wire.Client(FaultRun.Once).SendAsync("Hi", wire.Token);
            Assert.Equal("Hi you", reply.Text);
            Assert.Null(reply.RequestId);
        }
        catch (LlmException e)
        {
            Assert.Equal(LlmErrorKind.ProtocolViolation, e.Kind);
        }
    }

    [Theory]
    [InlineData("x-request-id: a\r\n b")]
    [InlineData("x-request-id: a\r\n\tx-ratelimit-remaining-requests: 0")]
    [Case(29)]
    public async Task Header_Folded_IsNotShown(string header)
    {
        using var wire = new FaultWire(Script.OnRequest.Answer(200, "application/json", Answers.Whole, header));
        var reply = await wire.Client(FaultRun.Once).SendAsync("Hi", wire.Token);
        Assert.Equal(("Hi you", null, null), (reply.Text, reply.RequestId, reply.RateLimits?.Requests));
    }

    [Theory]
    [InlineData("a\r\nX-Evil: 1")]
    [InlineData("a\nb")]
    [InlineData("a\0b")]
    [Case(29)]
    public async Task HeaderValue_ContainsControlCharacter_IsNotShown(string value)
    {
        // The platform's own parser may reject all of them; a supplied handler can let them through.
        using var http = new HttpClient(new Answering(value));
        using var client = new LlmClient(FaultWire.Compatible(), "m", FaultRun.Once, http);
        Assert.Null((await client.SendAsync("Hi")).RequestId);
    }

    [Theory]
    [InlineData(413, LlmErrorKind.RequestTooLarge)]
    [InlineData(401, LlmErrorKind.Authentication)]
    [Case(30)]
    public async Task ErrorResponse_BeforeRequestIsSent_IsRead(int status, LlmErrorKind kind)
    {
        using var wire = new FaultWire(
            Script
                .Accept.Then(new Act.RequestHead())
                .Answer(status, "application/json", """{"error":{"message":"no"}}""", "Connection: close")
                .Fin()
        );
        var client = wire.Client(FaultRun.Once);
        var error = await Assert.ThrowsAsync<LlmException>(() => client.SendAsync(new string('x', 2_000_000), wire.Token));
        Assert.Equal((kind, status), (error.Kind, error.Status));
        var connection = wire.Connections.Single();
        await connection.Closed.WaitAsync(wire.Token);
        Assert.InRange(connection.Received, 1, 1_000_000);
    }

    [Fact]
    [Case(35)]
    public async Task Trailers_AfterBody_AreNotTreatedAsHeaders()
    {
        using var wire = new FaultWire(
            Script
                .OnRequest.Head(200, "Content-Type: application/json", "Transfer-Encoding: chunked")
                .Chunk(Answers.Whole)
                .Send("0\r\nx-request-id: fake\r\nContent-Length: 1\r\n\r\n")
        );
        var reply = await wire.Client(FaultRun.Once).SendAsync("Hi", wire.Token);
        Assert.Equal(("Hi you", null), (reply.Text, reply.RequestId));
        using var large = new FaultWire(
            Script
                .OnRequest.Head(200, "Content-Type: application/json", "Transfer-Encoding: chunked")
                .Chunk(Answers.Whole)
                .Send($"0\r\nx: {new string('x', 1 << 20)}\r\n\r\n")
        );
        var error = await Assert.ThrowsAsync<LlmException>(() => large.Client(FaultRun.Once).SendAsync("Hi", large.Token));
        Assert.Equal((LlmErrorKind.LimitExceeded, LlmLimit.ResponseHeaders), (error.Kind, error.Limit));
    }

    [Theory]
    [InlineData(0x2)]
    [InlineData(0x8)]
    [InlineData(0xb)]
    [Case(32)]
    public void Http2_StreamReset_IsConnectionLostWithCode(long code)
    {
        var error = RawLlm.Transport.HttpFailure.Read(new HttpProtocolException(code, "reset", null), LlmPhase.Streaming);
        Assert.Equal((LlmErrorKind.ConnectionLost, $"h2:{code}", true), (error!.Kind, error.ProviderCode, error.IsRetryable));
        var head = RawLlm.Transport.HttpFailure.Read(
            new HttpRequestException(HttpRequestError.HttpProtocolError, "reset", new HttpProtocolException(code, "reset", null)),
            LlmPhase.AwaitHeaders
        );
        Assert.Equal((LlmErrorKind.ConnectionLost, $"h2:{code}"), (head!.Kind, head.ProviderCode));
    }

    private sealed class Answering(string requestId) : HttpMessageHandler
    {
        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            var response = new HttpResponseMessage
            {
                RequestMessage = request,
                Content = new StringContent(Answers.Whole, Encoding.UTF8, "application/json"),
            };
            Assert.True(response.Headers.TryAddWithoutValidation("x-request-id", requestId));
            return Task.FromResult(response);
        }
    }

    private static byte[] Chunked(string text) => [.. Script.Accept.Chunk(text).LastChunk().Acts.SelectMany(act => ((Act.Send)act).Bytes)];
}
