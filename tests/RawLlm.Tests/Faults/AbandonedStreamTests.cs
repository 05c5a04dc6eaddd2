using System.Runtime.CompilerServices;
using RawLlm.Tests.Support;

namespace RawLlm.Tests.Faults;

/// <summary>Streams that are never disposed: the garbage collector finds them, closes their connections and reports them.</summary>
[Collection(Allocation.AllocationCollection.Name)]
public sealed class AbandonedStreamTests
{
    private const int Streams = 20;

    [Fact]
    [Case(146)]
    public async Task Streams_Abandoned_AreClosedByGarbageCollector()
    {
        int told = 0;
        var time = new ImpatientTime();
        await using var server = new FaultServer(Enumerable.Repeat(Script.OnRequest.Sse().Chunk(Answers.Hi).Stall(), Streams));
        using var client = new LlmClient(Trust.Provider(server.BaseUrl), "m", Options(time, () => Interlocked.Increment(ref told)));
        using var source = CancellationTokenSource.CreateLinkedTokenSource(server.Token);
        for (int i = 0; i < Streams; i++)
            await AbandonAsync(client, source.Token);
        await CollectUntil(() => Volatile.Read(ref told) == Streams && server.Closed.Count == Streams, server.Token);
        Assert.Equal((0, 0, 0), (time.Alive, TokenRegistrations.Count(source.Token), TokenRegistrations.OfClient(client)));
    }

    [Fact]
    [Case(146)]
    public async Task Streams_AbandonedOverHttp2_AreReset()
    {
        int told = 0;
        await using var server = new Http2Server(async connection =>
        {
            foreach (int _ in Enumerable.Range(0, Streams))
            {
                int id = await connection.RequestAsync();
                await connection.HeadersAsync(id);
                await connection.DataAsync(id, Answers.Hi);
            }
            for (int id = 1; id < 2 * Streams; id += 2)
                await connection.ResetByClientAsync(id);
            await connection.AnswerAsync(await connection.RequestAsync());
            await connection.Closed;
        });
        using var http = Trust.In(server.Certificate);
        using var client = new LlmClient(
            Trust.Provider(server.BaseUrl),
            "m",
            Options(new ImpatientTime(), () => Interlocked.Increment(ref told)),
            http
        );
        for (int i = 0; i < Streams; i++)
            await AbandonAsync(client, server.Token);
        await CollectUntil(() => Volatile.Read(ref told) == Streams && server.Connections.Single().ResetsByClient == Streams, server.Token);
        Assert.Equal("Hi you", await FaultRun.Text(client, server.Token));
    }

    [Fact]
    [Case(146)]
    public async Task Streams_CompletedStoppedEarlyOrFailed_AreNotReportedAsAbandoned()
    {
        int told = 0;
        // Read to its end but never disposed: the answer has ended, so nothing is abandoned.
        await RunAsync(Answers.Stream, ReadAsync);
        await RunAsync(
            Answers.Stream,
            async (client, token) =>
            {
                await foreach (string _ in client.StreamTextAsync("Hi", token))
                    break;
            }
        );
        await RunAsync(
            Script.OnRequest.Sse().Chunk(Answers.Hi).Fin(),
            (client, token) => Assert.ThrowsAsync<LlmException>(() => FaultRun.Text(client, token))
        );
        await RunAsync(Answers.WholeAnswer, (client, token) => client.SendAsync("Hi", token));
        await RunAsync(Answers.Error(400), (client, token) => Assert.ThrowsAsync<LlmException>(() => client.SendAsync("Hi", token)));
        for (int i = 0; i < 3; i++)
            Collect();
        Assert.Equal(0, told);

        async Task RunAsync(Script script, Func<LlmClient, CancellationToken, Task> run)
        {
            using var wire = new FaultWire(script);
            await run(wire.Client(Options(wire.Time, () => Interlocked.Increment(ref told))), wire.Token);
        }
    }

    [Fact]
    [Case(146)]
    public async Task OnStreamAbandoned_CallbackThrows_ExceptionIsIgnored()
    {
        int told = 0;
        await using var server = new FaultServer([Script.OnRequest.Sse().Chunk(Answers.Hi).Stall(), Answers.WholeAnswer]);
        using var client = new LlmClient(
            Trust.Provider(server.BaseUrl),
            "m",
            Options(
                new ImpatientTime(),
                () =>
                {
                    Interlocked.Increment(ref told);
                    throw new InvalidOperationException("the user's own");
                }
            )
        );
        await AbandonAsync(client, server.Token);
        await CollectUntil(() => Volatile.Read(ref told) == 1, server.Token);
        Assert.Equal("Hi you", (await client.SendAsync("Hi", server.Token)).Text);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static async Task AbandonAsync(LlmClient client, CancellationToken cancellationToken)
    {
        var stream = await client.StreamAsync("Hi", cancellationToken);
        while (await stream.ReadAsync(CancellationToken.None))
        {
            if (stream.Current.Kind == StreamEventKind.Text)
                return;
        }
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static async Task ReadAsync(LlmClient client, CancellationToken cancellationToken)
    {
        var stream = await client.StreamAsync("Hi", cancellationToken);
        while (await stream.ReadAsync(cancellationToken)) { }
    }

    private static LlmClientOptions Options(TimeProvider time, Action told) =>
        new()
        {
            Time = time,
            Retries = LlmRetries.None,
            OnStreamAbandoned = told,
        };

    private static async Task CollectUntil(Func<bool> isDone, CancellationToken cancellationToken)
    {
        while (!isDone())
        {
            cancellationToken.ThrowIfCancellationRequested();
            Collect();
            await Task.Yield();
        }
    }

    private static void Collect()
    {
        GC.Collect();
        GC.WaitForPendingFinalizers();
    }
}
