using System.Net.Sockets;
using RawLlm.Protocols;
using RawLlm.Tests.Faults;
using RawLlm.Tests.Readme;
using RichardSzalay.MockHttp;

namespace RawLlm.Tests.Routing;

/// <summary>Fallback chains. All connections of a test follow its scripts in order, whichever client makes them.</summary>
public sealed class FallbackChainTests
{
    private const string Close = "Connection: close";
    private const string Overloaded = """data: {"error":{"message":"x","code":"overloaded_error"}}""" + "\n\n";
    private const string Limited =
        """data: {"error":{"message":"Rate limit reached. Please try again in 20s.","code":"rate_limit_exceeded"}}""" + "\n\n";
    private const string Filtered = """data: {"error":{"message":"x","code":"content_filter"}}""" + "\n\n";
    private const string UsedUp = """data: {"error":{"message":"x","code":"insufficient_quota"}}""" + "\n\n";

    private static Script Mistyped { get; } = Script.OnRequest.Answer(200, "text/plain", Answers.All, Close).Fin();

    [Theory]
    [InlineData(429, "rate_limit_exceeded")]
    [InlineData(529, "overloaded_error")]
    [InlineData(402, "x")]
    [InlineData(429, "insufficient_quota")]
    [InlineData(404, "model_not_found")]
    [InlineData(501, "x")]
    public async Task SendAsync_FirstServiceFails_AsksNextImmediately(int status, string code)
    {
        using var wire = new FaultWire(Answers.Error(status, code, Close).Fin(), Answers.WholeAnswer);
        var reply = await Chain(wire, 2).SendAsync("Hi", wire.Token);
        Assert.Equal(("Hi you", "s1"), (reply.Text, reply.Provider));
        Assert.Equal(["s0:m0"], reply.Attempts.Select(attempt => attempt.Endpoint));
        Assert.Empty(wire.Time.Waits);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Reply_FirstServiceFails_ListsErrorAsAttempt(bool isStream)
    {
        using var wire = new FaultWire(
            Answers.Error(402, "no_funds", "x-request-id: r1", Close).Fin(),
            isStream ? Answers.Stream : Answers.WholeAnswer
        );
        var chain = Chain(wire, 2);
        var reply = isStream
            ? await (await chain.StreamAsync("Hi", wire.Token)).ReplyAsync(wire.Token)
            : await chain.SendAsync("Hi", wire.Token);
        var attempt = Assert.Single(reply.Attempts);
        Assert.Equal(
            ("s0:m0", LlmErrorKind.QuotaExhausted, 402, "no_funds", "r1"),
            (attempt.Endpoint, attempt.Kind, attempt.Status, attempt.ProviderCode, attempt.RequestId)
        );
        Assert.Contains(" no. Check the account", attempt.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(400, "x")]
    [InlineData(413, "x")]
    [InlineData(422, "x")]
    [InlineData(401, "invalid_api_key")]
    [InlineData(403, "x")]
    [InlineData(400, "content_filter")]
    [InlineData(400, "context_length_exceeded")]
    public async Task SendAsync_RequestOrKeyIsRejected_AsksNoOtherService(int status, string code)
    {
        using var wire = new FaultWire(Answers.Error(status, code, Close).Fin());
        var error = await Assert.ThrowsAsync<LlmException>(() => Chain(wire, 3).SendAsync("Hi", wire.Token));
        Assert.Equal((status, "s0"), (error.Status, error.Provider));
        Assert.Single(wire.Requests);
    }

    [Theory]
    [InlineData(401, "invalid_api_key", true, false)]
    [InlineData(403, "x", true, false)]
    [InlineData(400, "content_filter", false, true)]
    public async Task SendAsync_FallbackOnErrorIsEnabled_AsksNext(int status, string code, bool onAuthentication, bool onContentFilter)
    {
        using var wire = new FaultWire(Answers.Error(status, code, Close).Fin(), Answers.WholeAnswer);
        var reply = await Chain(
                wire,
                2,
                new FallbackOptions { FallbackOnAuthentication = onAuthentication, FallbackOnContentFilter = onContentFilter }
            )
            .SendAsync("Hi", wire.Token);
        Assert.Equal("s1", reply.Provider);
    }

    [Fact]
    public async Task SendAsync_TransientError_RetriesBeforeAskingNext()
    {
        using var wire = new FaultWire(
            Answers.Error(500, "x", Close).Fin(),
            Answers.Error(502, "x", Close).Fin(),
            Answers.Error(500, "x", Close).Fin(),
            Answers.WholeAnswer
        );
        var reply = await Chain(wire, 2).SendAsync("Hi", wire.Token);
        Assert.Equal("s1", reply.Provider);
        Assert.Equal(["s0:m0", "s0:m0", "s0:m0"], reply.Attempts.Select(attempt => attempt.Endpoint));
        Assert.Equal(2, wire.Time.Waits.Count);
    }

    [Fact]
    [Case(158)]
    public async Task SendAsync_AllServicesOverloaded_StopsAfterMaxAttemptsAndListsThem()
    {
        var down = Answers.Error(503, "x", Close).Fin();
        using var wire = new FaultWire(down, down, down, down);
        var error = await Assert.ThrowsAsync<LlmException>(() => Chain(wire, 5).SendAsync("Hi", wire.Token));
        Assert.Equal((LlmErrorKind.Overloaded, "s3"), (error.Kind, error.Provider));
        Assert.Equal(["s0:m0", "s1:m1", "s2:m2", "s3:m3"], error.Attempts.Select(attempt => attempt.Endpoint));
        Assert.Equal(4, wire.Requests.Count);
    }

    [Fact]
    [Case(158)]
    public async Task SendAsync_AllServicesFail_ThrowsFirstPermanentError()
    {
        using var wire = new FaultWire(
            Answers.Error(503, "x", Close).Fin(),
            Answers.Error(402, "x", Close).Fin(),
            Answers.Error(503, "x", Close).Fin(),
            Answers.Error(503, "x", Close).Fin()
        );
        var error = await Assert.ThrowsAsync<LlmException>(() => Chain(wire, 3).SendAsync("Hi", wire.Token));
        Assert.Equal((LlmErrorKind.QuotaExhausted, "s1", 4), (error.Kind, error.Provider, error.Attempts.Count));
    }

    [Fact]
    public async Task SendAsync_ConnectionIsRefused_AsksNext()
    {
        var refused = Script.Refuse(SocketError.ConnectionRefused);
        using var wire = new FaultWire(refused, refused, refused, Answers.WholeAnswer);
        Assert.Equal("s1", (await Chain(wire, 2).SendAsync("Hi", wire.Token)).Provider);
    }

    [Theory]
    [InlineData(8000, 8000, false)]
    [InlineData(8000, 16000, true)]
    [InlineData(null, 16000, false)]
    [InlineData(8000, null, false)]
    public async Task SendAsync_ContextLengthExceeded_AsksNextOnlyIfItsContextIsLarger(int? first, int? second, bool goesOn)
    {
        var tooLong = Answers.Error(400, "context_length_exceeded", Close).Fin();
        using var wire = goesOn ? new FaultWire(tooLong, Answers.WholeAnswer) : new FaultWire(tooLong);
        var chain = new FallbackChain([Client(wire, 0, first), Client(wire, 1, second)]);
        if (goesOn)
            Assert.Equal("s1", (await chain.SendAsync("Hi", wire.Token)).Provider);
        else
        {
            Assert.Equal(
                LlmErrorKind.ContextLengthExceeded,
                (await Assert.ThrowsAsync<LlmException>(() => chain.SendAsync("Hi", wire.Token))).Kind
            );
        }
    }

    [Fact]
    public async Task SendAsync_ContextLengthExceeded_SkipsModelWithSmallerContext()
    {
        using var wire = new FaultWire(Answers.Error(400, "context_length_exceeded", Close).Fin(), Answers.WholeAnswer);
        var chain = new FallbackChain([Client(wire, 0, 8000), Client(wire, 1, 4000), Client(wire, 2, 16000)]);
        Assert.Equal("s2", (await chain.SendAsync("Hi", wire.Token)).Provider);
    }

    [Fact]
    [Case(116)]
    public async Task SendAsync_ToNextService_SendsNoKeyOrHeadersOfFirst()
    {
        using var wire = new FaultWire(Answers.Error(503, "x", Close).Fin(), Answers.WholeAnswer);
        var first = FaultWire.Compatible() with
        {
            Name = "s0",
            Credential = Credential.Bearer("key-of-the-first-1"),
            Headers = new Dictionary<string, string> { ["X-Only"] = "first" },
        };
        var second = FaultWire.Compatible() with { Name = "s1", Credential = Credential.Header("api-key", "key-of-the-second-2") };
        await new FallbackChain([wire.Client(null, first, "a"), wire.Client(null, second, "b")]).SendAsync("Hi", wire.Token);
        Assert.Contains("key-of-the-first-1", wire.Requests[0], StringComparison.Ordinal);
        Assert.DoesNotContain("key-of-the-first-1", wire.Requests[1], StringComparison.Ordinal);
        Assert.DoesNotContain("X-Only", wire.Requests[1], StringComparison.OrdinalIgnoreCase);
        Assert.Contains("key-of-the-second-2", wire.Requests[1], StringComparison.Ordinal);
        Assert.Contains("\"model\":\"b\"", wire.Requests[1], StringComparison.Ordinal);
    }

    [Fact]
    [Case(161)]
    public async Task SendAsync_ServiceSentRetryAfter_IsAskedLastUntilThen()
    {
        using var wire = new FaultWire(
            Answers.Error(429, "rate_limit_exceeded", "Retry-After: 30", Close).Fin(),
            Script.OnRequest.Answer(200, "application/json", Answers.Whole, Close).Fin(),
            Script.OnRequest.Answer(200, "application/json", Answers.Whole, Close).Fin(),
            Script.OnRequest.Answer(200, "application/json", Answers.Whole, Close).Fin()
        );
        var chain = Chain(wire, 2);
        Assert.Equal("s1", (await chain.SendAsync("Hi", wire.Token)).Provider);
        Assert.Equal("s1", (await chain.SendAsync("Hi", wire.Token)).Provider);
        Assert.Empty(wire.Time.Waits);
        wire.Time.Advance(TimeSpan.FromSeconds(31));
        Assert.Equal("s0", (await chain.SendAsync("Hi", wire.Token)).Provider);
    }

    [Theory]
    [Case(161)]
    [InlineData(false)]
    [InlineData(true)]
    public async Task StreamAsync_RetryAfterInErrorAfterText_IsAskedLastUntilThen(bool hasFailover)
    {
        using var wire = new FaultWire(
            Script.OnRequest.Sse(Close).Chunk(Answers.Role + Answers.Hi + Limited).LastChunk().Fin(),
            Script.OnRequest.Sse(Close).Chunk(Answers.All).LastChunk().Fin(),
            Script.OnRequest.Sse(Close).Chunk(Answers.All).LastChunk().Fin()
        );
        // With stream failover, no other service continues either, because MaxAttempts is 1.
        var chain = Chain(wire, 2, hasFailover ? new FallbackOptions { StreamFailover = StreamFailover.Default, MaxAttempts = 1 } : null);
        var error = await Assert.ThrowsAsync<LlmException>(() => AskAsync(chain, isStream: true, wire.Token));
        Assert.Equal((true, TimeSpan.FromSeconds(20), "s0"), (error.OutputCommitted, error.RetryAfter, error.Provider));
        Assert.Equal("s1", (await AskAsync(chain, isStream: true, wire.Token)).Provider);
        wire.Time.Advance(TimeSpan.FromSeconds(21));
        Assert.Equal("s0", (await AskAsync(chain, isStream: true, wire.Token)).Provider);
    }

    [Fact]
    [Case(161)]
    public async Task StreamAsync_RetryAfterAndFailoverFails_RestsFromTimeOfError()
    {
        using var wire = new FaultWire(
            Script.OnRequest.Sse(Close).Chunk(Answers.Role + Answers.Hi + Limited).LastChunk().Fin(),
            Script
                .OnRequest.Pass(30)
                .Answer(404, "application/json", """{"error":{"message":"no","code":"model_not_found"}}""", Close)
                .Fin()
        );
        wire.Time.IsPatient = true;
        var chain = Chain(wire, 2, new FallbackOptions { StreamFailover = StreamFailover.Default });
        var error = await Assert.ThrowsAsync<LlmException>(() => AskAsync(chain, isStream: true, wire.Token));
        Assert.Equal((TimeSpan.FromSeconds(20), "s0", 2), (error.RetryAfter, error.Provider, error.Attempts.Count));
        // Ten seconds after the requested twenty.
        Assert.False(chain.IsResting(0));
    }

    [Fact]
    [Case(161)]
    public async Task StreamAsync_RetryAfterFromServiceAfterSeam_RestsThatService()
    {
        using var wire = new FaultWire(
            Script.OnRequest.Sse(Close).Chunk(Answers.Role + Answers.Hi).Rst(),
            Script.OnRequest.Sse(Close).Chunk(Answers.Role + Answers.Hi + Limited).LastChunk().Fin()
        );
        var chain = Chain(wire, 2, new FallbackOptions { StreamFailover = StreamFailover.Default });
        await Assert.ThrowsAsync<LlmException>(() => AskAsync(chain, isStream: true, wire.Token));
        Assert.Equal((false, true), (chain.IsResting(0), chain.IsResting(1)));
    }

    [Theory]
    [InlineData(429, "rate_limit_exceeded", false, false)]
    [InlineData(429, "rate_limit_exceeded", true, false)]
    [InlineData(429, "insufficient_quota", false, false)]
    [InlineData(503, "busy", false, true)]
    [InlineData(503, "busy", true, true)]
    public async Task RateLimit_CredentialOfRequest_DoesNotAffectOtherCalls(int status, string code, bool isStream, bool isShared)
    {
        var answer = isStream ? Script.OnRequest.Sse(Close).Chunk(Answers.All).LastChunk().Fin() : Answers.WholeAnswer;
        using var wire = new FaultWire(Answers.Error(status, code, "retry-after: 7200", Close).Fin(), answer);
        var chain = Chain(
            wire,
            2,
            new FallbackOptions { RequestFor = (_, request) => request with { Credential = Credential.Bearer("tenant-key-0123456789") } }
        );
        Assert.Equal("s1", (await AskAsync(chain, isStream, wire.Token)).Provider);
        Assert.Equal(isShared, chain.IsResting(0));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task RateLimit_CredentialOfStreamedRequest_DoesNotAffectOtherCalls(bool hasFailover)
    {
        using var wire = new FaultWire(Script.OnRequest.Sse(Close).Chunk(Answers.Role + Answers.Hi + Limited).LastChunk().Fin());
        var chain = Chain(
            wire,
            2,
            new FallbackOptions
            {
                StreamFailover = hasFailover ? StreamFailover.Default : null,
                MaxAttempts = 1,
                RequestFor = (_, request) => request with { Credential = Credential.Bearer("tenant-key-0123456789") },
            }
        );
        var error = await Assert.ThrowsAsync<LlmException>(() => AskAsync(chain, isStream: true, wire.Token));
        Assert.Equal((TimeSpan.FromSeconds(20), true, false), (error.RetryAfter, error.UsedRequestCredential, chain.IsResting(0)));
    }

    [Fact]
    [Case(161)]
    public async Task SendAsync_AllServicesRest_AsksEarliestAvailable()
    {
        using var wire = new FaultWire(
            Answers.Error(429, "rate_limit_exceeded", "Retry-After: 50", Close).Fin(),
            Answers.Error(429, "insufficient_quota", "Retry-After: 20", Close).Fin(),
            Script.OnRequest.Answer(200, "application/json", Answers.Whole, Close).Fin()
        );
        var chain = Chain(wire, 2);
        await Assert.ThrowsAsync<LlmException>(() => chain.SendAsync("Hi", wire.Token));
        Assert.Equal("s1", (await chain.SendAsync("Hi", wire.Token)).Provider);
    }

    [Fact]
    public async Task SendAsync_ConnectionLostInBody_RetriesThenAsksNext()
    {
        var broken = Script.OnRequest.Head(200, "Content-Type: application/json", "Content-Length: 500").Send("""{"id":"c1",""").Fin();
        using var wire = new FaultWire(broken, broken, Answers.WholeAnswer);
        var reply = await Chain(wire, 2).SendAsync("Hi", wire.Token);
        Assert.Equal(("s1", 2), (reply.Provider, reply.Attempts.Count));
    }

    [Fact]
    [Case(155)]
    public async Task StreamAsync_FailsBeforeFirstEvent_FallsBackDuringRead()
    {
        foreach (
            var broken in (Script[])
                [
                    Script.OnRequest.Sse().Chunk(Overloaded).LastChunk().Fin(),
                    Script.OnRequest.Sse().Chunk(Answers.Role + UsedUp).LastChunk().Fin(),
                ]
        )
        {
            using var wire = new FaultWire(broken, Answers.Stream);
            await using var stream = await Chain(wire, 2).StreamAsync("Hi", wire.Token);
            Assert.Equal("s0", stream.Provider);
            var kinds = new List<StreamEventKind>();
            while (await stream.ReadAsync(wire.Token))
                kinds.Add(stream.Current.Kind);
            Assert.Equal(
                [StreamEventKind.Connected, StreamEventKind.Text, StreamEventKind.Text, StreamEventKind.Stop, StreamEventKind.Done],
                kinds
            );
            Assert.Equal("s1", stream.Provider);
        }
    }

    [Fact]
    [Case(154)]
    public async Task StreamAsync_FailsAfterFirstEvent_AsksNoOtherService()
    {
        using var wire = new FaultWire(Script.OnRequest.Sse().Chunk(Answers.Hi + Overloaded).LastChunk());
        await using var stream = await Chain(wire, 2).StreamAsync("Hi", wire.Token);
        var error = await Assert.ThrowsAsync<LlmException>(async () =>
        {
            while (await stream.ReadAsync(wire.Token)) { }
        });
        Assert.Equal((true, "s0"), (error.OutputCommitted, error.Provider));
    }

    [Fact]
    public async Task StreamAsync_FirstServiceReturnsError_OpensStreamOfNext()
    {
        using var wire = new FaultWire(Answers.Error(404, "model_not_found", Close).Fin(), Answers.Stream);
        var reply = await (await Chain(wire, 2).StreamAsync("Hi", wire.Token)).ReplyAsync(wire.Token);
        Assert.Equal(("Hi you", "s1"), (reply.Text, reply.Provider));
        Assert.Equal(["s0:m0"], reply.Attempts.Select(attempt => attempt.Endpoint));
    }

    [Fact]
    public async Task StreamAsync_AllFailBeforeFirstEvent_ListsAllAttempts()
    {
        var used = Script.OnRequest.Sse().Chunk(UsedUp).LastChunk().Fin();
        using var wire = new FaultWire(used, Answers.Error(404, "x", Close).Fin());
        await using var stream = await Chain(wire, 2).StreamAsync("Hi", wire.Token);
        var error = await Assert.ThrowsAsync<LlmException>(async () =>
        {
            while (await stream.ReadAsync(wire.Token)) { }
        });
        Assert.Equal((LlmErrorKind.StreamError, LlmErrorKind.QuotaExhausted), (error.Kind, error.CauseKind));
        Assert.Equal(["s0:m0", "s1:m1"], error.Attempts.Select(attempt => attempt.Endpoint));
    }

    // Streamed and whole answers end a call the same way.
    [Theory]
    [Case(155)]
    [InlineData(false, false)]
    [InlineData(false, true)]
    [InlineData(true, false)]
    [InlineData(true, true)]
    public async Task Call_LastServiceFailsPermanently_ThrowsFirstPermanentErrorWithAllAttempts(bool isStream, bool isHedged)
    {
        var filtered = isStream
            ? Script.OnRequest.Sse().Chunk(Filtered).LastChunk().Fin()
            : Script.OnRequest.Answer(200, "application/json", Filtered["data: ".Length..], Close).Fin();
        using var wire = new FaultWire(Answers.Error(402, "x", Close).Fin(), filtered);
        wire.Time.IsPatient = true;
        var error = await Assert.ThrowsAsync<LlmException>(() =>
            AskAsync(Chain(wire, 2, isHedged ? new FallbackOptions { HedgeAfter = TimeSpan.FromHours(1) } : null), isStream, wire.Token)
        );
        Assert.Equal((LlmErrorKind.QuotaExhausted, "s0"), (error.Kind, error.Provider));
        Assert.Equal(
            [("s0:m0", LlmErrorKind.QuotaExhausted), ("s1:m1", isStream ? LlmErrorKind.StreamError : LlmErrorKind.ContentFiltered)],
            error.Attempts.Select(attempt => (attempt.Endpoint, attempt.Kind))
        );
    }

    [Fact]
    [Case(155)]
    public async Task StreamAsync_SingleClientFailsOnRetry_ListsBothAttempts()
    {
        using var wire = new FaultWire(Answers.Error(503, "x", Close).Fin(), Script.OnRequest.Sse().Chunk(Filtered).LastChunk().Fin());
        var error = await Assert.ThrowsAsync<LlmException>(() => AskAsync(Chain(wire, 1), isStream: true, wire.Token));
        Assert.Equal((LlmErrorKind.StreamError, LlmErrorKind.ContentFiltered, false), (error.Kind, error.CauseKind, error.OutputCommitted));
        Assert.Equal([LlmErrorKind.Overloaded, LlmErrorKind.StreamError], error.Attempts.Select(attempt => attempt.Kind));
    }

    // Regression: the attempt was sent and its answer refused, but it was not listed.
    [Theory]
    [Case(158)]
    [InlineData(false)]
    [InlineData(true)]
    public async Task StreamAsync_StrictClientRejectsContentType_IsListedAsAttempt(bool isHedged)
    {
        var options = new FallbackOptions { HedgeAfter = isHedged ? TimeSpan.FromHours(1) : null };
        using var wire = new FaultWire(Mistyped, Mistyped, Answers.Stream);
        wire.Time.IsPatient = true;
        LlmClient[] clients = [Strict(wire, 0), Strict(wire, 1)];
        var error = await Assert.ThrowsAsync<LlmException>(() =>
            AskAsync(new FallbackChain(clients, options with { MaxAttempts = 1 }), isStream: true, wire.Token)
        );
        Assert.Equal((LlmErrorKind.UnexpectedContentType, "s0"), (error.Kind, error.Provider));
        Assert.Single(wire.Requests);
        var reply = await AskAsync(new FallbackChain(clients, options), isStream: true, wire.Token);
        Assert.Equal(("Hi you", "s1"), (reply.Text, reply.Provider));
        Assert.Equal(
            [("s0:m0", LlmErrorKind.UnexpectedContentType, true)],
            reply.Attempts.Select(attempt => (attempt.Endpoint, attempt.Kind, attempt.MayBeBilled))
        );
    }

    [Fact]
    [Case(158)]
    public async Task StreamAsync_ReopenedAtStrictClientWithWrongContentType_AsksNextAndListsAttempt()
    {
        using var wire = new FaultWire(Script.OnRequest.Sse(Close).LastChunk().Fin(), Mistyped, Answers.Stream);
        var reply = await AskAsync(new FallbackChain([Strict(wire, 0), Strict(wire, 1), Strict(wire, 2)]), isStream: true, wire.Token);
        Assert.Equal(("Hi you", "s2"), (reply.Text, reply.Provider));
        Assert.Equal(
            [("s0:m0", LlmErrorKind.MalformedResponse), ("s1:m1", LlmErrorKind.UnexpectedContentType)],
            reply.Attempts.Select(attempt => (attempt.Endpoint, attempt.Kind))
        );
    }

    // An exception of a handler does not show how far the call had come. Regression: it was listed twice, as sent and as not sent.
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Call_HandlerThrowsLlmException_IsListedOnce(bool isStream)
    {
        using var wire = new FaultWire(isStream ? Answers.Stream : Answers.WholeAnswer);
        using var mock = new MockHttpMessageHandler();
        mock.When("*").Throw(new LlmException(LlmErrorKind.CircuitOpen, "The circuit is open."));
        using var http = new HttpClient(mock);
        using var first = new LlmClient(Service(0), "m0", null, http);
        var reply = await AskAsync(new FallbackChain([first, Client(wire, 1)]), isStream, wire.Token);
        Assert.Equal("s1", reply.Provider);
        Assert.Equal(
            [("s0:m0", LlmErrorKind.CircuitOpen, false)],
            reply.Attempts.Select(attempt => (attempt.Endpoint, attempt.Kind, attempt.MayBeBilled))
        );
    }

    [Fact]
    public async Task StreamTextAsync_FirstServiceFails_YieldsTextOfNext()
    {
        using var wire = new FaultWire(Answers.Error(503, "x", Close).Fin(), Answers.Stream);
        string text = "";
        await foreach (string piece in Chain(wire, 2).StreamTextAsync("Hi", wire.Token))
            text += piece;
        Assert.Equal("Hi you", text);
    }

    [Fact]
    [Case(143)]
    public async Task SendAsync_CanceledBetweenServices_ThrowsWithTokenOfCaller()
    {
        using var cancelled = new CancellationTokenSource();
        using var wire = new FaultWire(Answers.Error(503, "x", Close).Fin()) { AllowsUnused = true };
        var options = new FallbackOptions
        {
            RequestFor = (client, request) =>
            {
                if (client.Provider.Name == "s1")
                    cancelled.Cancel();
                return request;
            },
        };
        var error = await Assert.ThrowsAnyAsync<OperationCanceledException>(() => Chain(wire, 2, options).SendAsync("Hi", cancelled.Token));
        Assert.Equal(cancelled.Token, error.CancellationToken);
        Assert.Single(wire.Requests);
    }

    [Fact]
    public async Task RequestFor_EachClient_ChangesItsRequest()
    {
        using var wire = new FaultWire(Answers.Error(503, "x", Close).Fin(), Answers.WholeAnswer);
        var options = new FallbackOptions
        {
            RequestFor = (client, request) => request with { MaxTokens = client.Provider.Name == "s0" ? 11 : 22 },
        };
        await Chain(wire, 2, options).SendAsync("Hi", wire.Token);
        Assert.Contains("11", wire.Requests[0], StringComparison.Ordinal);
        Assert.Contains("22", wire.Requests[1], StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(typeof(ArgumentException))]
    [InlineData(typeof(FormatException))]
    [InlineData(typeof(IOException))]
    [InlineData(typeof(HttpRequestException))]
    [InlineData(typeof(TaskCanceledException))]
    [Case(153)]
    public async Task RequestFor_Throws_ExceptionIsPassedToCaller(Type type)
    {
        var mine = (Exception)Activator.CreateInstance(type, "Mine.")!;
        var options = new FallbackOptions { RequestFor = (client, request) => client.Provider.Name == "s0" ? request : throw mine };
        using var wire = new FaultWire(
            Answers.Error(503, "x", Close).Fin(),
            Answers.Error(503, "x", Close).Fin(),
            Script.OnRequest.Sse().Chunk(UsedUp).LastChunk().Fin()
        );
        var chain = Chain(wire, 2, options);
        Assert.Same(mine, await Record.ExceptionAsync(() => chain.SendAsync("Hi", wire.Token)));
        Assert.Same(mine, await Record.ExceptionAsync(() => chain.StreamAsync("Hi", wire.Token)));
        await using var stream = await chain.StreamAsync("Hi", wire.Token);
        var error = await Record.ExceptionAsync(async () =>
        {
            while (await stream.ReadAsync(wire.Token)) { }
        });
        Assert.Same(mine, error);
    }

    [Fact]
    public async Task SendAsync_NextWireRejectsRequest_ThrowsUnsupportedLlmException()
    {
        using var wire = new FaultWire(Answers.Error(503, "x", Close).Fin());
        var chain = new FallbackChain([
            Client(wire, 0),
            wire.Client(null, FaultWire.Compatible() with { Name = "s1", Protocol = new Incapable() }, "m1"),
        ]);
        var error = await Assert.ThrowsAsync<LlmException>(() => chain.SendAsync("Hi", wire.Token));
        Assert.Equal(LlmErrorKind.Unsupported, error.Kind);
        Assert.Equal(["s0:m0", "s1:m1"], error.Attempts.Select(attempt => attempt.Endpoint));
        await Assert.ThrowsAsync<ArgumentException>(() => new FallbackChain([chain.Clients[1]]).SendAsync("Hi", wire.Token));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    [Case(161)]
    public async Task SendAsync_NextWireRejectsRequestAndFirstRests_AsksFirst(bool isStream)
    {
        using var wire = new FaultWire(
            Answers.Error(429, "rate_limit_exceeded", "Retry-After: 30", Close).Fin(),
            isStream ? Answers.Stream : Answers.WholeAnswer
        );
        var chain = new FallbackChain([
            Client(wire, 0),
            wire.Client(null, FaultWire.Compatible() with { Name = "s1", Protocol = new Incapable() }, "m1"),
        ]);
        Assert.Equal(LlmErrorKind.Unsupported, (await Assert.ThrowsAsync<LlmException>(() => chain.SendAsync("Hi", wire.Token))).Kind);
        chain.CheckWriting("Hi", isStream);
        var reply = isStream
            ? await (await chain.StreamAsync("Hi", wire.Token)).ReplyAsync(wire.Token)
            : await chain.SendAsync("Hi", wire.Token);
        Assert.Equal(("Hi you", "s0"), (reply.Text, reply.Provider));
    }

    [Fact]
    public async Task SendAsync_ReplyDeadline_AppliesToAllAttemptsTogether()
    {
        using var wire = new FaultWire(
            Script.OnRequest.Pass(15).Answer(503, "application/json", "{}", Close).Fin(),
            Script.OnRequest.Pass(10).Answer(200, "application/json", Answers.Whole)
        )
        {
            AllowsUnused = true,
        };
        var options = new LlmClientOptions { Timeouts = new() { ReplyDeadline = TimeSpan.FromSeconds(20) } };
        var chain = new FallbackChain([wire.Client(options, Service(0)), wire.Client(options, Service(1))]);
        var error = await Assert.ThrowsAsync<LlmException>(() => chain.SendAsync("Hi", wire.Token));
        Assert.Equal(2, wire.Requests.Count);
        Assert.Contains(LlmErrorKind.DeadlineExceeded, error.Attempts.Select(attempt => attempt.Kind));
    }

    [Theory]
    [InlineData(20, LlmErrorKind.HeadersTimeout)]
    [InlineData(30, LlmErrorKind.DeadlineExceeded)]
    public async Task SendAsync_DeadlineIsUsedUp_ThrowsErrorOfFirstService(double headers, LlmErrorKind kind)
    {
        using var wire = new FaultWire(Script.OnRequest.Pass(20).Stall());
        var options = new LlmClientOptions
        {
            Timeouts = new() { ReplyHeaders = TimeSpan.FromSeconds(headers), ReplyDeadline = TimeSpan.FromSeconds(20) },
        };
        var chain = new FallbackChain([wire.Client(options, Service(0)), wire.Client(options, Service(1))]);
        var error = await Assert.ThrowsAsync<LlmException>(() => chain.SendAsync("Hi", wire.Token));
        Assert.Equal((kind, "s0"), (error.Kind, error.Provider));
        Assert.Single(wire.Requests);
    }

    [Fact]
    public async Task Request_HeadersAreNull_IsRejected()
    {
        using var wire = new FaultWire();
        var chain = Chain(wire, 2);
        await Assert.ThrowsAsync<ArgumentNullException>(() => chain.SendAsync(ChatRequest.Ask("Hi") with { Headers = null! }, wire.Token));
        await Assert.ThrowsAsync<ArgumentNullException>(() =>
            chain.StreamAsync(ChatRequest.Ask("Hi") with { Headers = null! }, wire.Token)
        );
    }

    // Whether a model takes more is known for the model that is asked, not for the one that the client would ask by itself.
    [Theory]
    [InlineData(16000, true)]
    [InlineData(100, false)]
    [InlineData(null, false)]
    public async Task SendAsync_PromptExceedsKnownContext_AsksOnlyModelWithLargerContext(int? second, bool goesOn)
    {
        using var wire = goesOn ? new FaultWire(Answers.WholeAnswer) : new FaultWire();
        var chain = new FallbackChain([Client(wire, 0, 200), Client(wire, 1, second)]);
        var request = ChatRequest.Ask(string.Concat(Enumerable.Repeat("word and word ", 1000)));
        if (goesOn)
            Assert.Equal("s1", (await chain.SendAsync(request, wire.Token)).Provider);
        else
        {
            Assert.Equal(
                (LlmErrorKind.ContextLengthExceeded, "s0"),
                await Assert.ThrowsAsync<LlmException>(() => chain.SendAsync(request, wire.Token)) is var e ? (e.Kind, e.Provider) : default
            );
        }
    }

    [Fact]
    public async Task Request_ExtraMembersWithSeveralWires_RequiresRequestFor()
    {
        var request = ChatRequest.Ask("Hi") with { Extra = new Dictionary<string, RawJson> { ["logit_bias"] = "{}" } };
        using var wire = new FaultWire(Answers.WholeAnswer, Answers.WholeAnswer);
        LlmClient[] clients = [Client(wire, 0), wire.Client(null, Service(1) with { Protocol = new AnthropicProtocol() }, "m1")];
        var e = await Assert.ThrowsAsync<ArgumentException>(() => new FallbackChain(clients).SendAsync(request, wire.Token));
        Assert.Contains("RequestFor", e.Message, StringComparison.Ordinal);
        await Assert.ThrowsAsync<ArgumentException>(() => new FallbackChain(clients).StreamAsync(request, wire.Token));
        await new FallbackChain(clients, new FallbackOptions { RequestFor = (_, asked) => asked }).SendAsync(request, wire.Token);
        await Chain(wire, 2).SendAsync(request, wire.Token);
        Assert.All(wire.Requests, sent => Assert.Contains("logit_bias", sent, StringComparison.Ordinal));
    }

    [Fact]
    public async Task SendAsync_TypedReplyMismatch_ListsAttemptsWithoutKey()
    {
        const string Key = "key-of-the-second-2";
        using var wire = new FaultWire(
            Answers.Error(503, "x", Close).Fin(),
            Script.OnRequest.Answer(200, "application/json", Answers.Whole, $"x-request-id: {Key}")
        );
        var chain = new FallbackChain([Client(wire, 0), wire.Client(null, Service(1) with { Credential = Credential.Bearer(Key) }, "m1")]);
        var error = await Assert.ThrowsAsync<LlmException>(() => chain.SendAsync<Recipe>("Hi", wire.Token));
        Assert.Equal((LlmErrorKind.ReplyMismatch, "s1", "m1"), (error.Kind, error.Provider, error.Model));
        Assert.Equal(
            [("s0:m0", LlmErrorKind.Overloaded), ("s1:m1", LlmErrorKind.ReplyMismatch)],
            error.Attempts.Select(attempt => (attempt.Endpoint, attempt.Kind))
        );
        Assert.DoesNotContain(Key, error.ToString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("large", true)]
    [InlineData("small", false)]
    public async Task SendAsync_ContextLengthExceededWithRequestFor_ComparesRequestedModels(string second, bool goesOn)
    {
        var sizes = new Dictionary<string, Capabilities>
        {
            ["small"] = new() { ContextTokens = 4000 },
            ["medium"] = new() { ContextTokens = 8000 },
            ["large"] = new() { ContextTokens = 16000 },
        };
        var tooLong = Answers.Error(400, "context_length_exceeded", Close).Fin();
        using var wire = goesOn ? new FaultWire(tooLong, Answers.WholeAnswer) : new FaultWire(tooLong);
        LlmClient[] clients =
        [
            wire.Client(null, Service(0) with { Models = sizes }, goesOn ? "large" : "small"),
            wire.Client(null, Service(1) with { Models = sizes }, goesOn ? "small" : "large"),
        ];
        var chain = new FallbackChain(
            clients,
            new FallbackOptions { RequestFor = (client, request) => request with { Model = client == clients[0] ? "medium" : second } }
        );
        if (goesOn)
            Assert.Equal("s1", (await chain.SendAsync("Hi", wire.Token)).Provider);
        else
            Assert.Equal("medium", (await Assert.ThrowsAsync<LlmException>(() => chain.SendAsync("Hi", wire.Token))).Model);
    }

    [Fact]
    public void Clients_OfChain_AreReadOnly()
    {
        using var wire = new FaultWire();
        Assert.IsNotType<LlmClient[]>(Chain(wire, 2).Clients);
    }

    [Fact]
    public async Task Request_WithModelOrHeadersOrNull_IsRejected()
    {
        using var wire = new FaultWire();
        var chain = Chain(wire, 2);
        await Assert.ThrowsAsync<ArgumentException>(() => chain.SendAsync(ChatRequest.Ask("Hi") with { Model = "x" }, wire.Token));
        await Assert.ThrowsAsync<ArgumentException>(() =>
            chain.StreamAsync(
                ChatRequest.Ask("Hi") with
                {
                    Headers = new Dictionary<string, string> { ["Authorization"] = "x" },
                },
                wire.Token
            )
        );
        await Assert.ThrowsAsync<ArgumentNullException>(() => chain.SendAsync(null!, wire.Token));
        // At once, not when the loop begins.
        Assert.Throws<ArgumentNullException>(() => chain.StreamTextAsync(null!, wire.Token));
        Assert.Throws<ArgumentNullException>(() => wire.Client().StreamTextAsync(null!, wire.Token));
    }

    [Fact]
    public void Constructor_NoClientOrNoAttempts_Throws()
    {
        Assert.Throws<ArgumentException>(() => new FallbackChain([]));
        Assert.Throws<ArgumentException>(() => new FallbackChain([null!]));
        Assert.Throws<ArgumentOutOfRangeException>(() => new FallbackOptions { MaxAttempts = 0 });
    }

    private static async Task<ChatReply> AskAsync(FallbackChain chain, bool isStream, CancellationToken cancellationToken)
    {
        if (!isStream)
            return await chain.SendAsync("Hi", cancellationToken);
        await using var stream = await chain.StreamAsync("Hi", cancellationToken);
        return await stream.ReplyAsync(cancellationToken);
    }

    private static FallbackChain Chain(FaultWire wire, int count, FallbackOptions? options = null) =>
        new([.. Enumerable.Range(0, count).Select(i => Client(wire, i))], options);

    private static LlmClient Client(FaultWire wire, int number, int? context = null) =>
        wire.Client(null, Service(number) with { Capabilities = new() { ContextTokens = context } }, $"m{number}");

    private static LlmClient Strict(FaultWire wire, int number) =>
        wire.Client(new() { Strict = true, Retries = LlmRetries.None }, Service(number), $"m{number}");

    private static Provider Service(int number) => FaultWire.Compatible() with { Name = $"s{number}" };

    private sealed record Incapable : WireProtocol
    {
        public override string Name => "incapable";

        public override void WriteRequest(ChatRequest request, bool stream, WireRequest wire) =>
            throw new ArgumentException("This wire carries nothing.");

        public override void ReadReply(ReadOnlySpan<byte> body, EventBuffer events) => throw new NotSupportedException();

        public override StreamDecoder CreateDecoder(DecoderOptions? options = null) => throw new NotSupportedException();

        public override bool IsStream(string? mediaType) => false;
    }
}
