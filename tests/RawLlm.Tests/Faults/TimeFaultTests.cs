using RawLlm.Tests.Support;

namespace RawLlm.Tests.Faults;

/// <summary>Section J: silence, cancellation, leaving early, disposal.</summary>
public sealed class TimeFaultTests
{
    [Fact]
    [Case(139)]
    public async Task Silence_InEachPhase_ThrowsTimeoutOfPhase()
    {
        (Script Script, LlmErrorKind Kind, LlmPhase Phase, double Seconds)[] cases =
        [
            (Script.OnRequest.PassForever(), LlmErrorKind.HeadersTimeout, LlmPhase.AwaitHeaders, 120),
            (Script.OnRequest.Sse().PassForever(), LlmErrorKind.IdleTimeout, LlmPhase.AwaitFirstEvent, 90),
            (Script.OnRequest.Sse().Chunk(Answers.Hi).PassForever(), LlmErrorKind.IdleTimeout, LlmPhase.Streaming, 90),
            (
                Script.OnRequest.Sse().Chunk(Answers.Hi).Chunk(Answers.You[..20]).PassForever(),
                LlmErrorKind.IdleTimeout,
                LlmPhase.Streaming,
                90
            ),
        ];
        foreach (var (script, kind, phase, seconds) in cases)
        {
            using var wire = new FaultWire(script);
            var (_, error) = await FaultRun.StreamFails(wire);
            Assert.Equal((kind, phase), (error.Kind, error.Phase));
            Assert.True(wire.Time.GetElapsedTime(0).TotalSeconds >= seconds);
            Assert.Equal(0, wire.Time.Pending);
        }
    }

    [Theory]
    [InlineData(": ping\n\n")]
    [InlineData("data:\n\n")]
    [InlineData("event: ping\n\n")]
    [InlineData(Answers.Role)]
    [Case(140)]
    public async Task Pings_WithoutEnd_ThrowFirstEventOrStallTimeout(string ping)
    {
        using var first = new FaultWire(Pinging(Script.OnRequest.Sse(), ping));
        Assert.Equal(LlmErrorKind.FirstEventTimeout, (await FaultRun.StreamFails(first)).Error.Kind);
        // 300 s, plus the 40 s between two pings; silence would have ended it after 90 s.
        Assert.InRange(first.Time.GetElapsedTime(0).TotalSeconds, 300, 360);
        using var wire = new FaultWire(Pinging(Script.OnRequest.Sse().Chunk(Answers.Hi), ping));
        var (text, error) = await FaultRun.StreamFails(wire);
        Assert.Equal(("Hi", LlmErrorKind.StallTimeout), (text, error.Kind));
        Assert.InRange(wire.Time.GetElapsedTime(0).TotalSeconds, 300, 360);
    }

    [Fact]
    [Case(141)]
    public async Task Stream_OneByteAtATime_ThrowsStallTimeout()
    {
        var script = Script.OnRequest.Sse().Chunk(Answers.Hi);
        for (int i = 0; i < 200; i++)
            script = script.Chunk("x").Pass(40);
        using var wire = new FaultWire(script);
        Assert.Equal(LlmErrorKind.StallTimeout, (await FaultRun.StreamFails(wire)).Error.Kind);
    }

    [Fact]
    [Case(139)]
    public async Task ListModelsAsync_NoAnswer_ThrowsHeadersTimeout()
    {
        using var wire = new FaultWire(Script.OnRequest.PassForever());
        var error = await Assert.ThrowsAsync<LlmException>(() => wire.Client(FaultRun.Once).ListModelsAsync(wire.Token));
        Assert.Equal((LlmErrorKind.HeadersTimeout, LlmPhase.AwaitHeaders), (error.Kind, error.Phase));
        Assert.InRange(wire.Time.GetElapsedTime(0).TotalSeconds, 120, 180);
    }

    [Fact]
    [Case(139)]
    public async Task SendAsync_NoAnswer_ThrowsHeadersTimeout()
    {
        using var wire = new FaultWire(Script.OnRequest.PassForever());
        var error = await FaultRun.WholeFails(wire, LlmClientOptions.Default);
        Assert.Equal((LlmErrorKind.HeadersTimeout, LlmPhase.AwaitHeaders, true), (error.Kind, error.Phase, error.IsRetryable));
    }

    [Fact]
    [Case(142)]
    public async Task Timeouts_WallClockDoesNotAdvance_StillExpire()
    {
        // The virtual clock's wall time may stand still or jump; timeouts use only the monotonic time.
        Assert.Empty(
            Architecture
                .SourceFile.All.Where(file =>
                    file.Folder is "Transport" or "Calls" or "Streams" or "Seams" or ""
                    && (file.Names("DateTime") || file.Code.Contains("GetUtcNow", StringComparison.Ordinal))
                    && file.Path != "Calls/ErrorContext.cs"
                )
                .Select(file => file.Path)
        );
        using var wire = new FaultWire(Script.OnRequest.Sse().Chunk(Answers.Hi).PassForever());
        Assert.Equal(LlmErrorKind.IdleTimeout, (await FaultRun.StreamFails(wire)).Error.Kind);
    }

    [Fact]
    [Case(143)]
    public async Task Cancellation_AtEachStage_ThrowsWithTokenOfCaller()
    {
        for (int stage = 0; stage < 6; stage++)
        {
            using var source = new CancellationTokenSource();
            Action cancel = source.Cancel;
            Script[] scripts = stage switch
            {
                0 => [],
                1 => [Script.OnRequest.Do(cancel).Stall()],
                2 => [Script.OnRequest.Sse().Do(cancel).Stall()],
                3 => [Script.OnRequest.Sse().Chunk(Answers.Hi).Do(cancel).Stall()],
                4 => [Script.OnRequest.Sse().Chunk(Answers.Hi).Chunk(Answers.You[..30]).Do(cancel).Stall()],
                _ => [Answers.Error(500)],
            };
            using var wire = new FaultWire(scripts);
            if (stage == 0)
                cancel();
            if (stage == 5)
            {
                wire.Time.IsPatient = true;
                wire.Time.OnWait = cancel;
            }
            var client = wire.Client();
            foreach (bool isWhole in (bool[])[false, true])
            {
                if (isWhole && stage > 0)
                    continue;
                var error = await Assert.ThrowsAnyAsync<OperationCanceledException>(async () =>
                {
                    if (isWhole)
                    {
                        await client.SendAsync("Hi", source.Token);
                        return;
                    }
                    await using var stream = await client.StreamAsync("Hi", source.Token);
                    while (await stream.ReadAsync(wire.Token)) { }
                });
                Assert.True(source.Token == error.CancellationToken, $"stage {stage}: {error}");
            }
            Assert.Equal(0, wire.Time.Pending);
            // A connection whose response was read to its end is kept for the next call.
            foreach (var connection in wire.Connections.Where(_ => stage < 5))
                await connection.Closed.WaitAsync(wire.Token);
        }
    }

    [Fact]
    [Case(143)]
    public async Task Cancellation_WhileStreamIsRetried_EndsRetry()
    {
        using var source = new CancellationTokenSource();
        using var wire = new FaultWire(Script.OnRequest.Sse().Chunk(Answers.Role).Fin(), Script.OnRequest.Do(source.Cancel).Stall());
        await using var stream = await wire.Client().StreamAsync("Hi", wire.Token);
        var error = await Assert.ThrowsAnyAsync<OperationCanceledException>(async () =>
        {
            while (await stream.ReadAsync(source.Token)) { }
        });
        Assert.Equal(source.Token, error.CancellationToken);
    }

    [Fact]
    [Case(145)]
    public async Task DisposeAsync_WhileStreamIsRetried_EndsRetry()
    {
        var waiting = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        using var wire = new FaultWire(Script.OnRequest.Sse().Chunk(Answers.Role).Fin(), Script.OnRequest.Do(waiting.SetResult).Stall());
        var stream = await wire.Client().StreamAsync("Hi", wire.Token);
        Assert.True(await stream.ReadAsync(wire.Token));
        var reading = stream.ReadAsync(wire.Token).AsTask();
        await waiting.Task.WaitAsync(wire.Token);
        await stream.DisposeAsync();
        await Assert.ThrowsAsync<ObjectDisposedException>(() => reading);
    }

    [Theory]
    [InlineData("503 Busy", "application/json")]
    [InlineData("200 OK", "text/html")]
    [Case(143)]
    public async Task Cancellation_WhileErrorOfRetryIsRead_ThrowsWithTokenOfCaller(string status, string type)
    {
        using var source = new CancellationTokenSource();
        using var wire = new FaultWire(Script.OnRequest.Sse().Chunk(Answers.Role).Fin(), SilentError(status, type, source.Cancel));
        await using var stream = await wire.Client().StreamAsync("Hi", wire.Token);
        var error = await Assert.ThrowsAnyAsync<OperationCanceledException>(async () =>
        {
            while (await stream.ReadAsync(source.Token)) { }
        });
        Assert.Equal(source.Token, error.CancellationToken);
        Assert.Equal(0, wire.Time.Pending);
    }

    [Fact]
    [Case(143)]
    public async Task Cancellation_SameTokenForStreamAndRead_ThrowsWithTokenOfCaller()
    {
        using var source = new CancellationTokenSource();
        using var wire = new FaultWire(
            Script.OnRequest.Sse().Chunk(Answers.Role).Fin(),
            SilentError("503 Busy", "application/json", source.Cancel)
        );
        await using var stream = await wire.Client().StreamAsync("Hi", source.Token);
        var error = await Assert.ThrowsAnyAsync<OperationCanceledException>(async () =>
        {
            while (await stream.ReadAsync(source.Token)) { }
        });
        Assert.Equal(source.Token, error.CancellationToken);
    }

    [Theory]
    [InlineData("503 Busy", "application/json")]
    [InlineData("200 OK", "text/html")]
    [Case(145)]
    public async Task DisposeAsync_WhileErrorOfRetryIsRead_EndsRead(string status, string type)
    {
        var waiting = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        using var wire = new FaultWire(Script.OnRequest.Sse().Chunk(Answers.Role).Fin(), SilentError(status, type, waiting.SetResult));
        var stream = await wire.Client().StreamAsync("Hi", wire.Token);
        Assert.True(await stream.ReadAsync(wire.Token));
        var reading = stream.ReadAsync(wire.Token).AsTask();
        await waiting.Task.WaitAsync(wire.Token);
        await stream.DisposeAsync();
        await Assert.ThrowsAsync<ObjectDisposedException>(() => reading);
        Assert.Equal(0, wire.Time.Pending);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    [Case(143, 145)]
    public async Task Cancellation_WhileStreamIsDisposed_CausesNoError(bool isReading)
    {
        using var source = new CancellationTokenSource();
        using var content = new StreamContent(new CancelsAsItCloses(source));
        content.Headers.ContentType = new("text/event-stream");
        using var handler = new Giving(content);
        using var http = new HttpClient(handler);
        using var client = new LlmClient(FaultWire.Compatible(), "m", FaultRun.Once, http);
        var stream = await client.StreamAsync("Hi", source.Token);
        while (await stream.ReadAsync() && stream.Current.Kind != StreamEventKind.Text) { }
        var reading = isReading ? stream.ReadAsync().AsTask() : null;
        await stream.DisposeAsync();
        if (reading is not null)
        {
            var error = await Record.ExceptionAsync(() => reading);
            Assert.True(
                error is ObjectDisposedException
                    || (error is OperationCanceledException cancelled && cancelled.CancellationToken == source.Token),
                $"{error}"
            );
        }
        Assert.True(SpinWait.SpinUntil(() => source.IsCancellationRequested, TimeSpan.FromMinutes(1)));
    }

    [Fact]
    [Case(144)]
    public async Task Cancellation_AtLastEvents_CompletesOrThrows()
    {
        for (int at = 0; at < 8; at++)
        {
            using var source = new CancellationTokenSource();
            using var wire = new FaultWire(
                Script
                    .OnRequest.Sse()
                    .Chunk(Answers.Hi + Answers.You + Answers.Stop)
                    .Do(at % 2 == 0 ? source.Cancel : () => { })
                    .Chunk(Answers.End)
                    .LastChunk()
            );
            bool isWhole = false;
            int events = 0;
            try
            {
                await using var stream = await wire.Client().StreamAsync("Hi", source.Token);
                while (await stream.ReadAsync(wire.Token))
                {
                    Assert.False(isWhole);
                    isWhole = stream.Current.Kind == StreamEventKind.Done;
                    if (++events == at)
                        source.Cancel();
                }
                Assert.True(isWhole);
            }
            catch (OperationCanceledException e)
            {
                Assert.False(isWhole);
                Assert.Equal(source.Token, e.CancellationToken);
            }
        }
    }

    [Fact]
    [Case(145, 153)]
    public async Task StreamTextAsync_LoopLeftEarly_ClosesConnectionWithoutDraining()
    {
        for (int how = 0; how < 3; how++)
        {
            using var wire = new FaultWire(
                Script
                    .OnRequest.Sse()
                    .Chunk(Answers.Hi)
                    .Then(new Act.SendForever([.. Script.Accept.Chunk(Answers.You).Acts.SelectMany(act => ((Act.Send)act).Bytes)]))
            );
            var client = wire.Client();
            try
            {
                await foreach (string text in client.StreamTextAsync("Hi", wire.Token))
                {
                    if (how == 0)
                        break;
                    if (how == 1)
                        throw new NotSupportedException("the user's own");
                    break;
                }
            }
            catch (NotSupportedException e)
            {
                Assert.Equal("the user's own", e.Message);
            }
            await wire.Connections.Single().Closed.WaitAsync(wire.Token);
            Assert.True(wire.Connections.Single().Taken < 64 << 10);
            Assert.Equal(0, wire.Time.Pending);
        }
    }

    [Fact]
    [Case(67)]
    public async Task EndMarker_FollowedByEndlessData_ClosesConnection()
    {
        using var wire = new FaultWire(
            Script
                .OnRequest.Sse()
                .Chunk(Answers.All)
                .Then(new Act.SendForever([.. Script.Accept.Chunk(new string('x', 4000)).Acts.SelectMany(act => ((Act.Send)act).Bytes)]))
        );
        Assert.Equal("Hi you", await FaultRun.Text(wire.Client(), wire.Token));
        await wire.Connections.Single().Closed.WaitAsync(wire.Token);
        Assert.True(wire.Connections.Single().Taken < 64 << 10);
    }

    [Fact]
    [Case(149)]
    public async Task Stream_SlowReader_AppliesBackpressure()
    {
        byte[] chunk = [.. Script.Accept.Chunk(Answers.You).Acts.SelectMany(act => ((Act.Send)act).Bytes)];
        using var wire = new FaultWire(Script.OnRequest.Sse().Then(new Act.SendForever(chunk)));
        await using var stream = await wire.Client().StreamAsync("Hi", wire.Token);
        for (int i = 0; i < 50; i++)
        {
            Assert.True(await stream.ReadAsync(wire.Token));
            // One buffer of the platform, one of the client.
            Assert.True(wire.Connections.Single().Taken <= (i * chunk.Length) + (32 << 10));
        }
    }

    [Fact]
    [Case(150)]
    public async Task LlmClient_DisposedWithOpenStream_EndsStream()
    {
        using var wire = new FaultWire(Script.OnRequest.Sse().Chunk(Answers.Hi).Stall());
        var client = wire.Client();
        await using var stream = await client.StreamAsync("Hi", wire.Token);
        Assert.True(await stream.ReadAsync(wire.Token));
        Assert.True(await stream.ReadAsync(wire.Token));
        var reading = stream.ReadAsync(wire.Token).AsTask();
        client.Dispose();
        await Assert.ThrowsAsync<ObjectDisposedException>(() => reading);
        await Assert.ThrowsAsync<ObjectDisposedException>(() => client.SendAsync("Hi", wire.Token));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    [Case(150)]
    public async Task LlmClient_DisposedWhileWaitingToRetry_EndsWait(bool isStream)
    {
        using var wire = new FaultWire(Answers.Error(500, "x", "Connection: close").Fin());
        var client = wire.Client();
        wire.Time.IsPatient = true;
        wire.Time.OnWait = client.Dispose;
        Task call = isStream ? FaultRun.Text(client, wire.Token) : client.SendAsync("Hi", wire.Token);
        await Assert.ThrowsAsync<ObjectDisposedException>(() => call.WaitAsync(wire.Token));
        Assert.Equal(0, wire.Time.Pending);
    }

    private static Script SilentError(string status, string type, Action whileItIsRead) =>
        Script.OnRequest.Send($"HTTP/1.1 {status}\r\nContent-Type: {type}\r\nTransfer-Encoding: chunked\r\n\r\n").Do(whileItIsRead).Stall();

    private static Script Pinging(Script script, string ping)
    {
        for (int i = 0; i < 200; i++)
            script = script.Chunk(ping).Pass(40);
        return script;
    }

    private sealed class Giving(HttpContent content) : HttpMessageHandler
    {
        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken) =>
            Task.FromResult(new HttpResponseMessage { RequestMessage = request, Content = content });
    }

    /// <summary>Returns a text, then waits until it is canceled; closing it cancels the given source.</summary>
    private sealed class CancelsAsItCloses(CancellationTokenSource source)
        : MemoryStream(System.Text.Encoding.UTF8.GetBytes(Answers.Role + Answers.Hi))
    {
        public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            int count = await base.ReadAsync(buffer, cancellationToken);
            if (count == 0 && !buffer.IsEmpty)
                await Task.Delay(Timeout.Infinite, cancellationToken);
            return count;
        }

        protected override void Dispose(bool disposing)
        {
            source.Cancel();
            base.Dispose(disposing);
        }
    }
}
