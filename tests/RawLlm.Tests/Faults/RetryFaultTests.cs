using System.Net.Sockets;
using RawLlm.Protocols;

namespace RawLlm.Tests.Faults;

/// <summary>Sections I and K through the whole client: what is retried, and what never is.</summary>
public sealed class RetryFaultTests
{
    [Fact]
    [Case(154)]
    public async Task StreamAsync_StreamFailsAfterEvent_IsNotRetried()
    {
        foreach (
            var script in (Script[])
                [
                    Script.OnRequest.Sse().Chunk(Answers.Role + Answers.Hi).Rst(),
                    Script.OnRequest.Sse().Chunk(Answers.Hi).LastChunk(),
                    Script
                        .OnRequest.Sse()
                        .Chunk(Answers.Hi + """data: {"error":{"message":"x","code":"overloaded_error"}}""" + "\n\n")
                        .LastChunk(),
                ]
        )
        {
            using var wire = new FaultWire(script);
            var (text, error) = await FaultRun.StreamFails(wire, LlmClientOptions.Default);
            Assert.Equal(("Hi", true, false), (text, error.OutputCommitted, error.IsRetryable));
            Assert.Single(wire.Requests);
        }
    }

    [Fact]
    [Case(155)]
    public async Task StreamAsync_StreamFailsBeforeFirstEvent_IsRetried()
    {
        string overloaded = """data: {"error":{"message":"x","code":"overloaded_error"}}""" + "\n\n";
        foreach (
            var broken in (Script[])
                [
                    Script.OnRequest.Sse().Rst(),
                    Script.OnRequest.Sse().Chunk(Answers.Role).Fin(),
                    Script.OnRequest.Sse().Chunk(": ping\n\n" + Answers.Role).LastChunk().Fin(),
                    Script.OnRequest.Sse().Chunk(overloaded).LastChunk().Fin(),
                ]
        )
        {
            using var wire = new FaultWire(broken, Answers.Stream);
            var kinds = new List<StreamEventKind>();
            await using (var stream = await wire.Client().StreamAsync("Hi", wire.Token))
            {
                while (await stream.ReadAsync(wire.Token))
                    kinds.Add(stream.Current.Kind);
            }
            Assert.Equal(
                [StreamEventKind.Connected, StreamEventKind.Text, StreamEventKind.Text, StreamEventKind.Stop, StreamEventKind.Done],
                kinds
            );
            Assert.Equal(2, wire.Requests.Count);
            Assert.Equal(wire.Requests[0], wire.Requests[1]);
            Assert.Single(wire.Time.Waits);
        }
    }

    [Fact]
    [Case(155)]
    public async Task StreamAsync_EveryAttemptFails_ThrowsWithAllAttempts()
    {
        using var wire = new FaultWire(
            Script.OnRequest.Sse().Chunk(Answers.Role).Fin(),
            Script.OnRequest.Sse().Rst(),
            Script.OnRequest.Sse().Chunk(Answers.Role + ": x\n").Fin()
        );
        var (text, error) = await FaultRun.StreamFails(wire, LlmClientOptions.Default);
        Assert.Equal(("", LlmErrorKind.ConnectionLost, false, 3), (text, error.Kind, error.OutputCommitted, error.Attempts.Count));
    }

    [Fact]
    [Case(154)]
    public async Task StreamAsync_SecondAttemptFailsAfterEvent_ReportsBothAttempts()
    {
        using var wire = new FaultWire(
            Answers.Error(503, "x", "Connection: close").Fin(),
            Script.OnRequest.Sse().Chunk(Answers.Role + Answers.Hi).Rst()
        );
        var (text, error) = await FaultRun.StreamFails(wire, LlmClientOptions.Default);
        Assert.Equal(("Hi", LlmErrorKind.ConnectionLost, true), (text, error.Kind, error.OutputCommitted));
        Assert.Equal(2, error.Attempts.Count);
        Assert.Equal(("openai-compatible:m", LlmErrorKind.ConnectionLost), (error.Attempts[1].Endpoint, error.Attempts[1].Kind));
    }

    [Fact]
    [Case(155)]
    public async Task StreamAsync_ErrorEventAfterFailedAttempt_ReportsBothAttempts()
    {
        string refused = """data: {"error":{"message":"x","code":"invalid_api_key"}}""" + "\n\n";
        using var wire = new FaultWire(
            Script.OnRequest.Sse().Chunk(Answers.Role).Rst(),
            Script.OnRequest.Sse().Chunk(refused).LastChunk().Fin()
        );
        var (_, error) = await FaultRun.StreamFails(wire, LlmClientOptions.Default);
        Assert.Equal((LlmErrorKind.StreamError, 2), (error.Kind, error.Attempts.Count));
        Assert.Equal([LlmErrorKind.ConnectionLost, LlmErrorKind.StreamError], error.Attempts.Select(attempt => attempt.Kind));
    }

    [Fact]
    [Case(155)]
    public async Task SendAsync_ConnectionLostInBody_IsRetried()
    {
        using var wire = new FaultWire(
            Script.OnRequest.Head(200, "Content-Type: application/json", "Content-Length: 500").Send("""{"id":"c1",""").Fin(),
            Script.OnRequest.Sse().Chunk(Answers.Hi).Fin(),
            Answers.WholeAnswer
        );
        var reply = await wire.Client().SendAsync("Hi", wire.Token);
        Assert.Equal("Hi you", reply.Text);
        Assert.Equal([LlmErrorKind.ConnectionLost, LlmErrorKind.ConnectionLost], reply.Attempts.Select(attempt => attempt.Kind));
        Assert.Equal(3, wire.Requests.Count);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Attempt_RetrySucceeded_HasErrorDetailsWithoutKey(bool isStream)
    {
        var busy = Script
            .OnRequest.Answer(
                429,
                "application/json",
                """{"error":{"message":"Slow down, test-key-0123456789.","code":"rate_limit_exceeded"}}""",
                "x-request-id: r1",
                "Connection: close"
            )
            .Fin();
        using var wire = new FaultWire(busy, isStream ? Answers.Stream : Answers.WholeAnswer);
        var reply = isStream
            ? await (await wire.Client().StreamAsync("Hi", wire.Token)).ReplyAsync(wire.Token)
            : await wire.Client().SendAsync("Hi", wire.Token);
        var attempt = Assert.Single(reply.Attempts);
        Assert.Equal(
            (LlmErrorKind.RateLimited, 429, "rate_limit_exceeded", "r1"),
            (attempt.Kind, attempt.Status, attempt.ProviderCode, attempt.RequestId)
        );
        Assert.Contains("Slow down, [redacted].", attempt.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("test-key", attempt.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Attempt_StreamFailsAfterFailedAttempt_HasErrorDetailsWithoutKey()
    {
        string refused = """data: {"error":{"message":"Nothing for test-key-0123456789.","code":"invalid_api_key"}}""" + "\n\n";
        using var wire = new FaultWire(
            Answers.Error(503, "busy", "x-request-id: r1", "Connection: close").Fin(),
            Script
                .OnRequest.Head(200, "Content-Type: text/event-stream", "x-request-id: r2", "Transfer-Encoding: chunked")
                .Chunk(Answers.Hi + refused)
                .LastChunk()
        );
        var (_, error) = await FaultRun.StreamFails(wire, LlmClientOptions.Default);
        Assert.Equal(
            [(503, "busy", "r1"), (error.Status, "invalid_api_key", "r2")],
            error.Attempts.Select(attempt => (attempt.Status, attempt.ProviderCode, attempt.RequestId))
        );
        Assert.Equal(error.Message, error.Attempts[1].Message);
        Assert.DoesNotContain("test-key", error.Attempts[1].ToString(), StringComparison.Ordinal);
    }

    [Fact]
    [Case(162)]
    public async Task StreamAsync_TruncatedTwiceAtSameByte_IsNotRetriedAgain()
    {
        var broken = Script.OnRequest.Sse().Chunk(Answers.Role).LastChunk().Fin();
        using var wire = new FaultWire(broken, broken);
        var (_, error) = await FaultRun.StreamFails(wire, new LlmClientOptions { Retries = new() { MaxAttempts = 9 } });
        Assert.Equal((LlmErrorKind.StreamTruncated, false, 2), (error.Kind, error.IsRetryable, error.Attempts.Count));
        Assert.Contains("same byte", error.Message, StringComparison.Ordinal);
    }

    // If the call waits for the first event of an answer before it returns the stream, other code counts the bytes.
    [Fact]
    [Case(162)]
    public async Task HedgedStream_ConnectionLostTwiceAtSameByte_IsNotRetriedAgain()
    {
        var broken = Script.OnRequest.Sse().Chunk(Answers.Role).Fin();
        var other = Script.OnRequest.Sse().Chunk(": ping\n\n" + Answers.Role).Fin();
        var options = new LlmClientOptions { Retries = new() { MaxAttempts = 9 } };
        var hedged = new FallbackOptions { HedgeAfter = TimeSpan.FromSeconds(2), MaxAttempts = 9 };
        using var wire = new FaultWire(broken, broken);
        var error = await Assert.ThrowsAsync<LlmException>(() =>
            new FallbackChain([wire.Client(options)], hedged).StreamAsync("Hi", wire.Token)
        );
        Assert.Equal((LlmErrorKind.ConnectionLost, 2), (error.Kind, error.Attempts.Count));
        // Not the same byte twice in a row, so it may be chance.
        using var changing = new FaultWire(broken, other, broken, Answers.Stream);
        await using var stream = await new FallbackChain([changing.Client(options)], hedged).StreamAsync("Hi", changing.Token);
        Assert.Equal("Hi you", (await stream.ReplyAsync(changing.Token)).Text);
    }

    [Fact]
    [Case(162)]
    public async Task SendAsync_ConnectionLostTwiceAtSameByte_IsNotRetriedAgain()
    {
        var broken = Script.OnRequest.Head(200, "Content-Type: application/json", "Content-Length: 500").Send("""{"id":"c1",""").Fin();
        var other = Script.OnRequest.Head(200, "Content-Type: application/json", "Content-Length: 500").Send("""{"id":""").Fin();
        var options = new LlmClientOptions { Retries = new() { MaxAttempts = 9 } };
        using var wire = new FaultWire(broken, broken);
        var error = await FaultRun.WholeFails(wire, options);
        Assert.Equal((LlmErrorKind.ConnectionLost, false, 2), (error.Kind, error.IsRetryable, error.Attempts.Count));
        // Not the same byte twice in a row, so it may be chance.
        using var changing = new FaultWire(broken, other, broken, Answers.WholeAnswer);
        Assert.Equal("Hi you", (await changing.Client(options).SendAsync("Hi", changing.Token)).Text);
    }

    [Fact]
    public async Task ReplyDeadline_WithRetries_AppliesToAllAttemptsTogether()
    {
        var options = new LlmClientOptions { Timeouts = new() { ReplyDeadline = TimeSpan.FromSeconds(20) } };
        using var wire = new FaultWire(
            Script.OnRequest.Pass(15).Answer(500, "application/json", "{}", "Connection: close").Fin(),
            Script.OnRequest.Pass(10).Answer(200, "application/json", Answers.Whole)
        )
        {
            AllowsUnused = true,
        };
        var error = await FaultRun.WholeFails(wire, options);
        Assert.Equal((LlmErrorKind.DeadlineExceeded, 2), (error.Kind, wire.Requests.Count));
    }

    [Theory]
    [InlineData(400, "x", 1)]
    [InlineData(401, "invalid_api_key", 1)]
    [InlineData(402, "x", 1)]
    [InlineData(403, "x", 1)]
    [InlineData(404, "model_not_found", 1)]
    [InlineData(413, "x", 1)]
    [InlineData(422, "x", 1)]
    [InlineData(400, "context_length_exceeded", 1)]
    [InlineData(429, "insufficient_quota", 1)]
    [InlineData(429, "credit_balance_exhausted", 1)]
    [InlineData(429, "organization_spend_limit_exceeded", 1)]
    [InlineData(429, "project_spend_limit_exceeded", 1)]
    [InlineData(429, "organization_usage_limit_exceeded", 1)]
    [InlineData(429, "enforced_spend_limit_reached", 1)]
    [InlineData(429, "rate_limit_exceeded", 3)]
    [InlineData(408, "x", 3)]
    [InlineData(425, "x", 3)]
    [InlineData(409, "x", 2)]
    [InlineData(500, "x", 3)]
    [InlineData(500, "invalid_request_error", 2)]
    [InlineData(500, "model_not_found", 2)]
    [InlineData(529, "overloaded_error", 3)]
    [InlineData(503, "overloaded_error", 3)]
    [InlineData(503, "service_tier_capacity_exceeded", 3)]
    [Case(123, 128, 133, 134, 135, 136)]
    public async Task SendAsync_ErrorOfEachStatusAndCode_MakesExpectedAttempts(int status, string code, int attempts)
    {
        using var wire = new FaultWire([.. Enumerable.Repeat(Answers.Error(status, code, "Connection: close").Fin(), attempts)]);
        await FaultRun.WholeFails(wire, LlmClientOptions.Default);
        Assert.Equal(attempts, wire.Requests.Count);
    }

    [Theory]
    [InlineData(401, 1)]
    [InlineData(403, 1)]
    [InlineData(404, 1)]
    [InlineData(413, 1)]
    [InlineData(422, 1)]
    [InlineData(500, 3)]
    [Case(136)]
    public async Task Credential_EachAttempt_SignsAgain(int status, int attempts)
    {
        var credential = new Rotating();
        using var wire = new FaultWire([.. Enumerable.Repeat(Answers.Error(status, "x", "Connection: close").Fin(), attempts)]);
        var error = await Assert.ThrowsAsync<LlmException>(() =>
            wire.Client(null, FaultWire.Compatible() with { Credential = credential }).SendAsync("Hi", wire.Token)
        );
        Assert.Equal(status, error.Status);
        Assert.Equal(attempts, credential.Signed);
        for (int i = 0; i < attempts; i++)
            Assert.Contains($"x-token: token-{i + 1}\r\n", wire.Requests[i], StringComparison.OrdinalIgnoreCase);
    }

    [Theory]
    [InlineData(typeof(FormatException))]
    [InlineData(typeof(IOException))]
    [InlineData(typeof(HttpRequestException))]
    [InlineData(typeof(TaskCanceledException))]
    [Case(136, 153)]
    public async Task Credential_ThrowsWhenStreamIsRetried_ThrowsSameException(Type type)
    {
        var mine = (Exception)Activator.CreateInstance(type, "Mine.")!;
        using var wire = new FaultWire(Script.OnRequest.Sse().Chunk(Answers.Role).Rst());
        await using var stream = await wire.Client(null, FaultWire.Compatible() with { Credential = new OnlyOnce(mine) })
            .StreamAsync("Hi", wire.Token);
        Assert.Same(mine, await Record.ExceptionAsync(() => stream.ReplyAsync(wire.Token)));
    }

    [Theory]
    [InlineData("GenerateRequestsPerDayPerProjectPerModel", LlmErrorKind.QuotaExhausted)]
    [InlineData("GenerateRequestsPerMinutePerProjectPerModel", LlmErrorKind.RateLimited)]
    [Case(129)]
    public async Task Quota_PerDayOrPerMinute_HasMatchingErrorKind(string quota, LlmErrorKind kind)
    {
        string body =
            $$$"""{"error":{"code":429,"message":"Quota","status":"RESOURCE_EXHAUSTED","details":[{"@type":"type.googleapis.com/google.rpc.QuotaFailure","violations":[{"quotaId":"{{{quota}}}"}]},{"@type":"type.googleapis.com/google.rpc.RetryInfo","retryDelay":"36s"}]}}""";
        using var wire = new FaultWire(Script.OnRequest.Answer(429, "application/json", body));
        var error = await FaultRun.WholeFails(wire);
        Assert.Equal((kind, TimeSpan.FromSeconds(36)), (error.Kind, error.RetryAfter));
    }

    [Theory]
    [InlineData("7", 7, 7.7)]
    [InlineData("0", 0.05, 1)]
    [InlineData("-1", 0.05, 1)]
    [InlineData("NaN", 0.05, 1)]
    [InlineData("Thu, 01 Jan 1970 00:00:00 GMT", 0.05, 1)]
    [Case(130, 131)]
    public async Task RetryAfter_ShortOrInvalidValue_WaitsAtLeastThatLong(string value, double least, double most)
    {
        using var wire = new FaultWire(
            Answers.Error(429, "rate_limit_exceeded", $"Retry-After: {value}", "Connection: close").Fin(),
            Answers.WholeAnswer
        );
        await wire.Client().SendAsync("Hi", wire.Token);
        Assert.InRange(Assert.Single(wire.Time.Waits).TotalSeconds, least, most);
    }

    [Theory]
    [InlineData("410400")]
    [InlineData("1e30")]
    [InlineData("99999999999999999999")]
    [InlineData("Fri, 31 Dec 9999 23:59:59 GMT")]
    [Case(131)]
    public async Task RetryAfter_TooLong_ThrowsWithoutWaiting(string value)
    {
        using var wire = new FaultWire(
            Answers
                .Error(429, "rate_limit_exceeded", $"Retry-After: {value}", "Date: Sat, 21 Nov 2026 05:00:00 GMT", "Connection: close")
                .Fin(),
            Answers.WholeAnswer
        )
        {
            AllowsUnused = true,
        };
        try
        {
            await wire.Client().SendAsync("Hi", wire.Token);
            // A value that is not a number is ignored, and the client chooses the wait.
            Assert.Equal("1e30", value);
        }
        catch (LlmException e)
        {
            Assert.True(e.RetryAfter > TimeSpan.FromSeconds(60));
            Assert.Empty(wire.Time.Waits);
        }
    }

    [Theory]
    [InlineData("")]
    [InlineData("""{"error":{"message":"x","type":"overloaded_error"}}""")]
    [Case(132)]
    public async Task ShouldRetryHeader_FalseWithStatus200_ForbidsRetry(string body)
    {
        using var wire = new FaultWire(Script.OnRequest.Answer(200, "application/json", body, "x-should-retry: false").Fin());
        var error = await FaultRun.WholeFails(wire, LlmClientOptions.Default);
        Assert.False(error.IsRetryable);
        Assert.Single(wire.Requests);
    }

    [Theory]
    [InlineData(503, "false", 1)]
    [InlineData(501, "true", 2)]
    [InlineData(400, "true", 1)]
    [Case(132)]
    public async Task ShouldRetryHeader_OfErrorResponse_IsRespected(int status, string says, int attempts)
    {
        using var wire = new FaultWire([
            .. Enumerable.Repeat(Answers.Error(status, "x", $"x-should-retry: {says}", "Connection: close").Fin(), attempts),
        ]);
        await FaultRun.WholeFails(wire, new LlmClientOptions { Retries = new() { MaxAttempts = 2 } });
        Assert.Equal(attempts, wire.Requests.Count);
    }

    [Fact]
    public async Task RetryAfter_LongerThanDeadline_ThrowsWithoutWaiting()
    {
        using var wire = new FaultWire(Answers.Error(429, "rate_limit_exceeded", "Retry-After: 30"));
        var error = await FaultRun.WholeFails(wire, new LlmClientOptions { Timeouts = new() { ReplyDeadline = TimeSpan.FromSeconds(20) } });
        Assert.Equal(TimeSpan.FromSeconds(30), error.RetryAfter);
        Assert.Empty(wire.Time.Waits);
    }

    [Fact]
    [Case(157)]
    public async Task AttemptNumber_InRequestOptions_IsVisibleToHandlers()
    {
        var seen = new List<int>();
        using var http = new HttpClient(new Counting(seen));
        using (
            var client = new LlmClient(
                FaultWire.Compatible(),
                "m",
                new LlmClientOptions { Time = new ImpatientTime(), Random = () => 0.5 },
                http
            )
        )
        {
            await Assert.ThrowsAsync<LlmException>(() => client.SendAsync("Hi"));
        }

        Assert.Equal([1, 2, 3], seen);
        seen.Clear();
        using (var client = new LlmClient(FaultWire.Compatible(), "m", new LlmClientOptions { Retries = LlmRetries.None }, http))
            await Assert.ThrowsAsync<LlmException>(() => client.SendAsync("Hi"));
        Assert.Equal([1], seen);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    [Case(157)]
    public async Task Handler_RetriesItself_RecordsSentAgainQuirk(bool isNested)
    {
        var sent = new List<string>();
        using var http = new HttpClient(isNested ? new Repeating(new Flaky(sent, failures: 1)) : new Flaky(sent, failures: 1));
        using var client = new LlmClient(
            FaultWire.Compatible(),
            "m",
            new LlmClientOptions { Time = new ImpatientTime(), Random = () => 0.5 },
            http
        );
        var reply = await client.SendAsync("Hi");
        Assert.Equal(isNested, reply.Quirks.Any(quirk => quirk.Kind == QuirkKind.SentAgain));
        // The request is sent twice either way: by the handler within one attempt, or as two attempts of the client.
        Assert.Equal(isNested ? ["1", "1"] : ["1", "2"], sent);
        sent.Clear();
        await using var stream = await client.StreamAsync("Hi");
        reply = await stream.ReplyAsync();
        Assert.Equal(("Hi you", isNested), (reply.Text, reply.Quirks.Any(quirk => quirk.Kind == QuirkKind.SentAgain)));
        Assert.Equal(isNested ? ["1", "1"] : ["1", "2"], sent);
    }

    [Fact]
    public async Task RetryBudget_Exhausted_IsReportedInError()
    {
        using var wire = new FaultWire([.. Enumerable.Repeat(Answers.Error(500, "x", "Connection: close").Fin(), 40)])
        {
            AllowsUnused = true,
        };
        var client = wire.Client(new LlmClientOptions { Retries = new() { BaseDelay = TimeSpan.Zero } });
        LlmException? last = null;
        for (int i = 0; i < 12 && last?.RetriesSuppressed != true; i++)
            last = await Assert.ThrowsAsync<LlmException>(() => client.SendAsync("Hi", wire.Token));
        Assert.True(last!.RetriesSuppressed);
        Assert.Contains("LlmRetries.Budget", last.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task RetryBudget_SetByCaller_AllowsThatManyRetries()
    {
        int sent = 0;
        using var http = new HttpClient(
            new Throwing(() =>
            {
                sent++;
                return new HttpRequestException("of its own", null, System.Net.HttpStatusCode.InternalServerError);
            })
        );
        using var client = new LlmClient(
            FaultWire.Compatible(),
            "m",
            new LlmClientOptions
            {
                Time = new ImpatientTime(),
                Random = () => 0.5,
                Retries = new() { Budget = 1000 },
            },
            http
        );
        for (int i = 0; i < 50; i++)
            Assert.False((await Assert.ThrowsAsync<LlmException>(() => client.SendAsync("Hi"))).RetriesSuppressed);

        Assert.Equal(150, sent);
        Assert.Throws<ArgumentOutOfRangeException>(() => new LlmRetries { Budget = -1 });
    }

    [Theory]
    [InlineData(System.Net.HttpStatusCode.InternalServerError, LlmErrorKind.ServerError, 3)]
    [InlineData(System.Net.HttpStatusCode.TooManyRequests, LlmErrorKind.RateLimited, 3)]
    [InlineData(System.Net.HttpStatusCode.Unauthorized, LlmErrorKind.Authentication, 1)]
    [InlineData(System.Net.HttpStatusCode.TemporaryRedirect, LlmErrorKind.UnexpectedRedirect, 1)]
    [InlineData(null, LlmErrorKind.ConnectionLost, 3)]
    public async Task Handler_ThrowsWithoutErrorKind_CountsAsSentRequest(System.Net.HttpStatusCode? status, LlmErrorKind kind, int attempts)
    {
        int sent = 0;
        using var http = new HttpClient(
            new Throwing(() =>
            {
                sent++;
                return new HttpRequestException("of its own", null, status);
            })
        );
        using var client = new LlmClient(
            FaultWire.Compatible(),
            "m",
            new LlmClientOptions { Time = new ImpatientTime(), Random = () => 0.5 },
            http
        );
        var error = await Assert.ThrowsAsync<LlmException>(() => client.SendAsync("Hi"));
        Assert.Equal((kind, LlmPhase.AwaitHeaders, (int?)status, attempts), (error.Kind, error.Phase, error.Status, sent));
        Assert.DoesNotContain("of its own", error.ToString(), StringComparison.Ordinal);
        if (attempts == 1)
            return;
        // A request that may have been sent costs retry budget, which is used up before ten calls.
        for (int i = 0; i < 9; i++)
            error = await Assert.ThrowsAsync<LlmException>(() => client.SendAsync("Hi"));
        Assert.True(error.RetriesSuppressed);
    }

    [Theory]
    [InlineData(SocketError.ConnectionRefused, LlmErrorKind.ConnectFailed)]
    [InlineData(SocketError.HostNotFound, LlmErrorKind.NameResolution)]
    [InlineData(SocketError.ConnectionReset, LlmErrorKind.ConnectionLost)]
    public void HttpFailure_SocketExceptionWithoutHttpError_IsClassifiedByCode(SocketError code, LlmErrorKind kind)
    {
        Assert.Equal(
            kind,
            RawLlm.Transport.HttpFailure.Read(new HttpRequestException("x", new SocketException((int)code)), LlmPhase.AwaitHeaders)!.Kind
        );
        Assert.Equal(
            kind,
            RawLlm
                .Transport.HttpFailure.Read(
                    new HttpRequestException("x", new IOException("y", new SocketException((int)code))),
                    LlmPhase.AwaitHeaders
                )!
                .Kind
        );
    }

    private sealed class Throwing(Func<Exception> make) : HttpMessageHandler
    {
        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken) =>
            throw make();
    }

    /// <summary>A resilience handler like those of other libraries.</summary>
    private sealed class Repeating(HttpMessageHandler inner) : DelegatingHandler(inner)
    {
        protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            var response = await base.SendAsync(request, cancellationToken);
            return response.IsSuccessStatusCode ? response : await base.SendAsync(request, cancellationToken);
        }
    }

    /// <summary>Fails the given number of times, then answers.</summary>
    private sealed class Flaky(List<string> sent, int failures) : HttpMessageHandler
    {
        protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            Assert.True(request.Options.TryGetValue(new HttpRequestOptionsKey<int>("RawLlm.Attempt"), out int attempt));
            sent.Add(attempt.ToString(System.Globalization.CultureInfo.InvariantCulture));
            using var body = new MemoryStream();
            await request.Content!.CopyToAsync(body, cancellationToken);
            if (sent.Count <= failures)
                return new HttpResponseMessage(System.Net.HttpStatusCode.ServiceUnavailable) { RequestMessage = request };
            bool isStream = System.Text.Encoding.UTF8.GetString(body.ToArray()).Contains("\"stream\":true", StringComparison.Ordinal);
            return new HttpResponseMessage
            {
                RequestMessage = request,
                Content = new StringContent(
                    isStream ? Answers.All : Answers.Whole,
                    System.Text.Encoding.UTF8,
                    isStream ? "text/event-stream" : "application/json"
                ),
            };
        }
    }

    /// <summary>A token that differs each time.</summary>
    private sealed class Rotating : Credential
    {
        public int Signed { get; private set; }

        public override void Sign(WireRequest request) => request.SetHeader("x-token", $"token-{++Signed}");
    }

    /// <summary>A key that cannot be obtained a second time.</summary>
    private sealed class OnlyOnce(Exception failure) : Credential
    {
        private bool _hasSigned;

        public override void Sign(WireRequest request)
        {
            if (_hasSigned)
                throw failure;
            _hasSigned = true;
        }
    }

    private sealed class Counting(List<int> seen) : HttpMessageHandler
    {
        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            Assert.True(request.Options.TryGetValue(new HttpRequestOptionsKey<int>("RawLlm.Attempt"), out int attempt));
            seen.Add(attempt);
            return Task.FromResult(new HttpResponseMessage(System.Net.HttpStatusCode.InternalServerError));
        }
    }

    [Theory]
    [InlineData("Connection: close")]
    [InlineData("Date: yesterday")]
    [Case(130)]
    public async Task RetryAfter_DateWithoutValidDateHeader_CountsFromReceipt(string other)
    {
        // The test's clock starts at the beginning of the year.
        using var wire = new FaultWire(
            Answers.Error(429, "rate_limit_exceeded", "Retry-After: Thu, 01 Jan 2026 00:00:30 GMT", other, "Connection: close").Fin(),
            Answers.WholeAnswer
        );
        await wire.Client().SendAsync("Hi", wire.Token);
        Assert.InRange(Assert.Single(wire.Time.Waits).TotalSeconds, 30, 31);
    }

    [Theory]
    [InlineData("Retry-After: 3")]
    [InlineData("Retry-After: Thu, 01 Jan 2026 00:00:03 GMT")]
    [Case(130)]
    public async Task RetryAfter_InSuccessResponseWithError_IsRespected(string asked)
    {
        const string Limited = """{"error":{"message":"Slow down.","type":"rate_limit_exceeded","code":"rate_limit_exceeded"}}""";
        var refused = Script.OnRequest.Sse(asked).Chunk($"data: {Limited}\n\n").LastChunk().Fin();
        using (
            var wire = new FaultWire(
                Script.OnRequest.Answer(200, "application/json", Limited, asked, "Connection: close").Fin(),
                Answers.WholeAnswer
            )
        )
        {
            await wire.Client().SendAsync("Hi", wire.Token);
            Assert.InRange(Assert.Single(wire.Time.Waits).TotalSeconds, 3, 4);
        }
        using (var wire = new FaultWire(refused, Answers.Stream))
        {
            Assert.Equal("Hi you", await FaultRun.Text(wire.Client(), wire.Token));
            Assert.InRange(Assert.Single(wire.Time.Waits).TotalSeconds, 3, 4);
        }
        using (var wire = new FaultWire(refused))
            Assert.InRange((await FaultRun.StreamFails(wire, FaultRun.Once)).Error.RetryAfter!.Value.TotalSeconds, 3, 4);
    }

    [Fact]
    [Case(132)]
    public async Task ShouldRetryHeader_OfStream_IsRespected()
    {
        var refused = Script
            .OnRequest.Sse("x-should-retry: false")
            .Chunk("""data: {"error":{"message":"x","code":"overloaded_error"}}""" + "\n\n")
            .LastChunk()
            .Fin();
        using var wire = new FaultWire(refused);
        var (_, error) = await FaultRun.StreamFails(wire, LlmClientOptions.Default);
        Assert.False(error.IsRetryable);
        Assert.Single(wire.Requests);
        Assert.Empty(wire.Time.Waits);
    }
}
