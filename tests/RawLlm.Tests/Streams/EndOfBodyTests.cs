using System.Text;
using RawLlm.Protocols;
using RawLlm.Tests.Faults;
using RawLlm.Tests.Support;
using RawLlm.Transport;

namespace RawLlm.Tests.Streams;

/// <summary>
/// Answers that are whole before their body ends: no caller waits for the rest, and nothing is disposed during the read that looks for it.
/// </summary>
public sealed class EndOfBodyTests
{
    private static readonly TimeSpan Moment = TimeSpan.FromMilliseconds(250);

    [Fact]
    public async Task Answer_CompleteBeforeBodyEnds_IsDisposedAfterLastRead()
    {
        using var watchdog = new CancellationTokenSource(TimeSpan.FromMinutes(4));
        using var caller = new CancellationTokenSource();
        await using var body = new OpenBody(Answers.All);
        var time = new VirtualTime();
        var dog = new Watchdog(LlmTimeouts.Default, time, isStream: true, caller.Token);
        dog.HeadersCame();
        var answer = new HttpAnswer(new HttpResponseMessage { Content = new StreamContent(body) }, body, dog, caller.Token)
        {
            OwnsContent = true,
        };
        var reply = await new ChatStream(answer, new ChatCompletionsProtocol().CreateDecoder()).ReplyAsync(watchdog.Token);
        Assert.Equal("Hi you", reply.Text);
        Assert.False(body.Disposed.IsCompleted);
        time.Advance(Moment);
        await body.Disposed.WaitAsync(watchdog.Token);
        Assert.Equal((true, false), (body.WasCancelled, body.WasDisposedBesideARead));
        // The timer is removed before the registration.
        while (time.Alive > 0 || TokenRegistrations.Count(caller.Token) > 0)
        {
            watchdog.Token.ThrowIfCancellationRequested();
            await Task.Yield();
        }
    }

    [Fact]
    public async Task Answer_CompleteWithBodyIgnoringToken_IsDisposed()
    {
        using var watchdog = new CancellationTokenSource(TimeSpan.FromMinutes(4));
        await using var body = new OpenBody(Answers.All, isDeaf: true);
        var time = new VirtualTime();
        var dog = new Watchdog(LlmTimeouts.Default, time, isStream: true, CancellationToken.None);
        dog.HeadersCame();
        var answer = new HttpAnswer(new HttpResponseMessage { Content = new StreamContent(body) }, body, dog, CancellationToken.None);
        Assert.Equal(
            "Hi you",
            (await new ChatStream(answer, new ChatCompletionsProtocol().CreateDecoder()).ReplyAsync(watchdog.Token)).Text
        );
        time.Advance(Moment);
        await body.Disposed.WaitAsync(watchdog.Token);
    }

    [Fact]
    [Case(68)]
    public async Task Answer_CompleteBeforeBodyEnds_ConnectionIsReused()
    {
        var end = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        using var wire = new FaultWire(
            Script.OnRequest.Sse().Chunk(Answers.All).Then(new Act.Wait(end.Task)).LastChunk().Again().Sse().Chunk(Answers.All).LastChunk()
        );
        var client = wire.Client();
        Assert.Equal("Hi you", await FaultRun.Text(client, wire.Token));
        end.SetResult();
        await GoneAsync(wire);
        Assert.Equal("Hi you", await FaultRun.Text(client, wire.Token));
        Assert.Equal(2, wire.Connections.Single().Requests.Count);
    }

    // A caller may loop until Done instead of until there are no more events.
    [Theory]
    [Case(68)]
    [InlineData(StreamEventKind.Stop)]
    [InlineData(StreamEventKind.Done)]
    public async Task Answer_CompleteAndLeftBeforeLastRead_ConnectionIsReused(StreamEventKind last)
    {
        var end = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        using var wire = new FaultWire(
            Script.OnRequest.Sse().Chunk(Answers.All).Then(new Act.Wait(end.Task)).LastChunk().Again().Sse().Chunk(Answers.All).LastChunk()
        );
        var client = wire.Client();
        await using (var stream = await client.StreamAsync("Hi", wire.Token))
        {
            while (stream.Current.Kind != last)
                Assert.True(await stream.ReadAsync(wire.Token));
        }
        end.SetResult();
        await GoneAsync(wire);
        Assert.Equal("Hi you", await FaultRun.Text(client, wire.Token));
        Assert.Equal(2, wire.Connections.Single().Requests.Count);
    }

    [Fact]
    public async Task Answer_LeftBeforeComplete_ConnectionIsClosed()
    {
        using var wire = new FaultWire(Script.OnRequest.Sse().Chunk(Answers.Role + Answers.Hi).Stall());
        await using (var stream = await wire.Client().StreamAsync("Hi", wire.Token))
        {
            while (stream.Current.Kind != StreamEventKind.Text)
                Assert.True(await stream.ReadAsync(wire.Token));
        }
        await wire.Connections.Single().Closed.WaitAsync(wire.Token);
    }

    [Fact]
    [Case(68)]
    public async Task Answer_CompleteButBodyNeverEnds_ConnectionIsClosedAfterDelay()
    {
        using var wire = new FaultWire(Script.OnRequest.Sse().Chunk(Answers.All).Stall());
        Assert.Equal("Hi you", await FaultRun.Text(wire.Client(), wire.Token));
        wire.Time.Advance(Moment - TimeSpan.FromMilliseconds(1));
        Assert.False(wire.Connections.Single().IsClosed);
        wire.Time.Advance(TimeSpan.FromMilliseconds(1));
        await wire.Connections.Single().Closed.WaitAsync(wire.Token);
        await GoneAsync(wire);
    }

    [Fact]
    public async Task Answer_CompleteBeforeBodyEndsAndClientDisposed_ConnectionIsClosed()
    {
        using var wire = new FaultWire(Script.OnRequest.Sse().Chunk(Answers.All).Stall());
        var client = wire.Client();
        Assert.Equal("Hi you", await FaultRun.Text(client, wire.Token));
        client.Dispose();
        await wire.Connections.Single().Closed.WaitAsync(wire.Token);
    }

    [Fact]
    public async Task Answer_CompleteButBodyStalls_NextCallUsesNewConnection()
    {
        // The last chunk never arrives.
        using var wire = new FaultWire(Script.OnRequest.Sse().Chunk(Answers.All).Stall(), Answers.Stream);
        var client = wire.Client();
        Assert.Equal("Hi you", await FaultRun.Text(client, wire.Token));
        Assert.Equal("Hi you", await FaultRun.Text(client, wire.Token));
        Assert.Equal(2, wire.Connections.Count);
    }

    [Fact]
    public async Task DisposeAsync_DuringRead_CancelsReadAndDisposesBody()
    {
        using var watchdog = new CancellationTokenSource(TimeSpan.FromMinutes(4));
        await using var body = new OpenBody(Answers.Role + Answers.Hi);
        var dog = new Watchdog(LlmTimeouts.Default, TimeProvider.System, isStream: true, CancellationToken.None);
        dog.HeadersCame();
        var answer = new HttpAnswer(new HttpResponseMessage { Content = new StreamContent(body) }, body, dog, CancellationToken.None)
        {
            OwnsContent = true,
        };
        var stream = new ChatStream(answer, new ChatCompletionsProtocol().CreateDecoder());
        while (stream.Current.Kind != StreamEventKind.Text)
            Assert.True(await stream.ReadAsync(watchdog.Token));
        var reading = stream.ReadAsync(CancellationToken.None);
        Assert.False(reading.IsCompleted);
        await stream.DisposeAsync();
        await Assert.ThrowsAsync<ObjectDisposedException>(async () => await reading);
        await body.Disposed.WaitAsync(watchdog.Token);
        Assert.True(body.WasCancelled);
    }

    // The timer of a call is the last thing to be removed.
    private static async Task GoneAsync(FaultWire wire)
    {
        while (wire.Time.Alive > 0)
        {
            wire.Token.ThrowIfCancellationRequested();
            await Task.Yield();
        }
    }

    /// <summary>Returns all it has, then waits until it is canceled; like a connection, it reports that a little later.</summary>
    private sealed class OpenBody(string text, bool isDeaf = false) : MemoryStream(Encoding.UTF8.GetBytes(text))
    {
        private readonly TaskCompletionSource _disposed = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private int _reads;

        public Task Disposed => _disposed.Task;

        public bool WasCancelled { get; private set; }

        public bool WasDisposedBesideARead { get; private set; }

        public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            if (Position < Length)
                return Read(buffer.Span);
            Interlocked.Increment(ref _reads);
            try
            {
                await _disposed.Task.WaitAsync(isDeaf ? CancellationToken.None : cancellationToken);
                return 0;
            }
            catch (OperationCanceledException)
            {
                WasCancelled = true;
                await Task.Yield();
                throw;
            }
            finally
            {
                Interlocked.Decrement(ref _reads);
            }
        }

        protected override void Dispose(bool disposing)
        {
            WasDisposedBesideARead |= Volatile.Read(ref _reads) > 0;
            base.Dispose(disposing);
            _disposed.TrySetResult();
        }
    }
}
