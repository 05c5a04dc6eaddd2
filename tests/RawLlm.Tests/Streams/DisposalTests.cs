using System.Net;
using System.Text;
using RawLlm.Protocols;
using RawLlm.Tests.Faults;

namespace RawLlm.Tests.Streams;

/// <summary>
/// Streams that are disposed on another thread than the one that reads them, with handlers and bodies that the caller supplies.
/// </summary>
public sealed class DisposalTests
{
    // Only a failing test comes near it.
    private static readonly TimeSpan Bound = TimeSpan.FromMinutes(1);

    [Fact]
    public async Task DisposeAsync_DuringReadWithOwnHttpClient_EndsReadWithoutAffectingNextCall()
    {
        var rest = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var server = new FaultServer([
            Script
                .OnRequest.Sse()
                .Chunk(Answers.Role + Answers.Hi)
                .Then(new Act.Wait(rest.Task))
                .Chunk(Answers.You + Answers.Stop + Answers.End)
                .LastChunk()
                .Again()
                .Stall(),
            Answers.WholeAnswer,
        ]);
        using var http = new HttpClient(new SocketsHttpHandler { UseProxy = false });
        using var client = new LlmClient(Providers.OpenAICompatible(server.BaseUrl), "m", FaultRun.Once, http);
        var stream = await client.StreamAsync("Hi", server.Token);
        while (stream.Current.Kind != StreamEventKind.Text)
            Assert.True(await stream.ReadAsync(server.Token));
        var reading = stream.ReadAsync(server.Token);
        Assert.False(reading.IsCompleted);

        await stream.DisposeAsync();
        rest.SetResult();

        await Assert.ThrowsAsync<ObjectDisposedException>(async () => await reading.AsTask().WaitAsync(Bound));
        Assert.Equal("Hi you", (await client.SendAsync("Hi", server.Token).WaitAsync(Bound)).Text);
    }

    [Fact]
    public async Task DisposeAsync_DuringReadOfBodyIgnoringToken_EndsRead()
    {
        using var watchdog = new CancellationTokenSource(TimeSpan.FromMinutes(2));
        var body = new OddBody(
            Answers.Role + Answers.Hi,
            async (closed, _) =>
            {
                await closed;
                throw new ObjectDisposedException("body");
            }
        );
        using var http = Answering(_ => Task.FromResult(Sse(body)));
        using var client = new LlmClient(FaultWire.Compatible(), "m", FaultRun.Once, http);
        var stream = await client.StreamAsync("Hi", watchdog.Token);
        while (stream.Current.Kind != StreamEventKind.Text)
            Assert.True(await stream.ReadAsync(watchdog.Token));
        var reading = stream.ReadAsync(watchdog.Token);

        await stream.DisposeAsync();

        await Assert.ThrowsAsync<ObjectDisposedException>(async () => await reading.AsTask().WaitAsync(watchdog.Token));
    }

    [Fact]
    public async Task Stream_BodyThrowsOnDispose_ReturnsAnswer()
    {
        using var watchdog = new CancellationTokenSource(TimeSpan.FromMinutes(2));
        var body = new OddBody(Answers.All, (_, _) => Task.FromResult(0)) { BreaksWhenClosed = true };
        using var http = Answering(_ => Task.FromResult(Sse(body)));
        using var client = new LlmClient(FaultWire.Compatible(), "m", FaultRun.Once, http);

        Assert.Equal("Hi you", await FaultRun.Text(client, watchdog.Token));
    }

    [Fact]
    public async Task ReadAsync_BodyThrowsIOExceptionOnCancellation_ThrowsOperationCanceled()
    {
        using var watchdog = new CancellationTokenSource(TimeSpan.FromMinutes(2));
        using var reader = CancellationTokenSource.CreateLinkedTokenSource(watchdog.Token);
        var body = new OddBody(
            Answers.Role + Answers.Hi,
            async (_, token) =>
            {
                var cancelled = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
                await using (token.Register(cancelled.SetResult))
                    await cancelled.Task;
                throw new IOException("The operation was aborted.");
            }
        );
        using var http = Answering(_ => Task.FromResult(Sse(body)));
        using var client = new LlmClient(FaultWire.Compatible(), "m", FaultRun.Once, http);
        await using var stream = await client.StreamAsync("Hi", watchdog.Token);
        while (stream.Current.Kind != StreamEventKind.Text)
            Assert.True(await stream.ReadAsync(reader.Token));
        var reading = stream.ReadAsync(reader.Token);

        await reader.CancelAsync();

        var error = await Assert.ThrowsAsync<OperationCanceledException>(async () => await reading.AsTask().WaitAsync(watchdog.Token));
        Assert.Equal(reader.Token, error.CancellationToken);
    }

    [Fact]
    public async Task DisposeAsync_DuringReopenWithThrowingRegistration_EndsRead()
    {
        using var watchdog = new CancellationTokenSource(TimeSpan.FromMinutes(2));
        int calls = 0;
        var opensAgain = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        using var http = Answering(async token =>
        {
            if (Interlocked.Increment(ref calls) == 1)
                return Sse(new OddBody("", (_, _) => throw new IOException("reset")));
            token.Register(() => throw new InvalidOperationException("of the handler's own"));
            opensAgain.SetResult();
            await Task.Delay(Timeout.InfiniteTimeSpan, token);
            throw new InvalidOperationException();
        });
        using var client = new LlmClient(FaultWire.Compatible(), "m", LlmClientOptions.Default with { Random = () => 0 }, http);
        var stream = await client.StreamAsync("Hi", watchdog.Token);
        Assert.True(await stream.ReadAsync(watchdog.Token));
        var reading = stream.ReadAsync(watchdog.Token);
        await opensAgain.Task.WaitAsync(watchdog.Token);

        await stream.DisposeAsync();

        await Assert.ThrowsAsync<ObjectDisposedException>(async () => await reading.AsTask().WaitAsync(watchdog.Token));
    }

    // Without the check after the copy, about every third round returned bytes of the other stream.
    [Fact]
    public async Task TextAsync_DisposedDuringCopy_NeverYieldsTextOfOtherStream()
    {
        byte[] own = Body('a');
        byte[] others = Body('b');
        for (int round = 0; round < 60; round++)
        {
            var stream = new ChatStream(new MemoryStream(own), new ChatCompletionsProtocol().CreateDecoder());
            var begun = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            var reading = Task.Run(async () =>
            {
                await foreach (string piece in stream.TextAsync())
                {
                    begun.TrySetResult();
                    if (piece.AsSpan().ContainsAnyExcept('a'))
                        return false;
                }
                return true;
            });
            await begun.Task;
            await stream.DisposeAsync();
            await using (var next = new ChatStream(new MemoryStream(others), new ChatCompletionsProtocol().CreateDecoder()))
                Assert.Equal(8 << 20, (await next.ReplyAsync()).Text.Length);
            try
            {
                Assert.True(await reading, $"Round {round} gave text of another stream.");
            }
            catch (ObjectDisposedException)
            {
                // The expected exception.
            }
        }
    }

    // Without checking the copy before it is used, most rounds returned bytes of the other stream.
    [Fact]
    public async Task TeeReply_DisposedDuringCopy_NeverContainsTextOfOtherStream()
    {
        byte[] own = Body('a');
        byte[] others = Body('b');
        for (int round = 0; round < 40; round++)
        {
            var begun = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            var stream = new ChatStream(new MemoryStream(own), new ChatCompletionsProtocol().CreateDecoder()).Tee(e =>
                begun.TrySetResult()
            );
            var reading = Task.Run(async () =>
            {
                while (await stream.ReadAsync()) { }
            });
            await begun.Task;
            await stream.DisposeAsync();
            await using (var next = new ChatStream(new MemoryStream(others), new ChatCompletionsProtocol().CreateDecoder()))
                Assert.Equal(8 << 20, (await next.ReplyAsync()).Text.Length);
            await reading.ContinueWith(static read => read.Exception, TaskScheduler.Default);
            Assert.False(stream.Reply.Text.AsSpan().ContainsAnyExcept('a'), $"Round {round} kept text of another stream.");
        }
    }

    [Fact]
    public void Keep_EventOfDisposedStream_ThrowsAndKeepsEarlierEvents()
    {
        var stream = new ChatStream(new MemoryStream(Encoding.UTF8.GetBytes(Answers.All)), new ChatCompletionsProtocol().CreateDecoder());
        var kept = new KeptStream(stream);
        Read();
        kept.Record();
        Read();
        kept.Record();
        Read();
        var e = stream.Current;
        Assert.Equal(" you", e.ToString());
        Assert.True(stream.DisposeAsync().IsCompletedSuccessfully);
        bool isRefused = false;
        try
        {
            kept.Record(e);
        }
        catch (ObjectDisposedException)
        {
            isRefused = true;
        }

        Assert.True(isRefused);
        Assert.Equal("Hi", kept.Build().Text);

        void Read()
        {
            var read = stream.ReadAsync();
            Assert.True(read.IsCompletedSuccessfully && read.Result);
        }
    }

    private static byte[] Body(char c)
    {
        string piece =
            "data: {\"id\":\"c1\",\"model\":\"m\",\"choices\":[{\"index\":0,\"delta\":{\"content\":\""
            + new string(c, 1 << 20)
            + "\"}}]}\n\n";
        return Encoding.UTF8.GetBytes(Answers.Role + string.Concat(Enumerable.Repeat(piece, 8)) + Answers.Stop + Answers.End);
    }

    private static HttpClient Answering(Func<CancellationToken, Task<HttpResponseMessage>> answer) => new(new AnsweringHandler(answer));

    private static HttpResponseMessage Sse(Stream body)
    {
        var content = new StreamContent(body);
        content.Headers.ContentType = new("text/event-stream");
        return new HttpResponseMessage(HttpStatusCode.OK) { Content = content };
    }

    private sealed class AnsweringHandler(Func<CancellationToken, Task<HttpResponseMessage>> answer) : HttpMessageHandler
    {
        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken) =>
            answer(cancellationToken);
    }

    /// <summary>Returns a text, then does what the given function says.</summary>
    private sealed class OddBody(string text, Func<Task, CancellationToken, Task<int>> then) : MemoryStream(Encoding.UTF8.GetBytes(text))
    {
        private readonly TaskCompletionSource _closed = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public bool BreaksWhenClosed { get; init; }

        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            if (buffer.IsEmpty)
                return new(0);
            return Position < Length ? new(Read(buffer.Span)) : new(then(_closed.Task, cancellationToken));
        }

        protected override void Dispose(bool disposing)
        {
            _closed.TrySetResult();
            if (BreaksWhenClosed)
                throw new IOException("The body breaks when it is closed.");
        }
    }
}
