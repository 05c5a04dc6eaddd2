using System.CommandLine;
using System.Diagnostics;
using RawLlm.Comparisons.Loopback;
using RawLlm.Comparisons.Results;

namespace RawLlm.Comparisons.Commands;

/// <summary>
/// <c>e2e</c>: the cost of a stream over loopback: processor time, time to the first text, and the latency of each chunk.
/// </summary>
internal sealed class EndToEndCommand : MeasuringCommand
{
    private const int Chunks = 2000;
    private const int Streams = 10;
    private const int Burst = 20;

    private static readonly string[] Clients =
    [
        LoopbackClients.Socket,
        LoopbackClients.Http,
        LoopbackClients.RawLlm,
        LoopbackClients.Parser,
        LoopbackClients.Sdk,
    ];

    public EndToEndCommand()
        : base(
            "e2e",
            "Over loopback, HTTP/1.1: processor time per chunk, time to the first text, and time from the server's write to the caller."
        ) { }

    protected override async Task<Report> MeasureAsync(ParseResult parsed, bool isQuick)
    {
        using var server = await LoopbackServer.StartAsync();
        var clients = Clients.Select(name => LoopbackClients.Create(name, server.Http1)).ToList();
        try
        {
            var processor = await MeasureProcessorAsync(clients, TimeSpan.FromSeconds(isQuick ? 12 : 40));
            var first = await MeasureFirstAsync(clients, TimeSpan.FromSeconds(isQuick ? 6 : 20));
            var delivery = await MeasureDeliveryAsync(clients, isQuick ? 2 : 6);
            return new Report(
                Name,
                $"The server runs in its own process, HTTP/1.1 over loopback, and flushes every chunk; clients take turns. Processor time is that of the whole process, over {Streams} streams of {Chunks:N0} chunks; the differences to bare HttpClient are calculated round by round. Both processes read the same clock.",
                [processor, first, delivery],
                [
                    new(
                        "processor time a chunk above bare HttpClient",
                        processor.Find(LoopbackClients.RawLlm, Names.AboveHttp)!.Value,
                        0.15,
                        IsLeast: false,
                        "µs"
                    ),
                    new(
                        "first text above bare HttpClient, median",
                        first.Find(LoopbackClients.RawLlm, Names.AboveHttp)!.Value,
                        3,
                        IsLeast: false,
                        "µs"
                    ),
                ]
            );
        }
        finally
        {
            foreach (var client in clients)
                client.Dispose();
        }
    }

    private static async Task<Table> MeasureProcessorAsync(List<LoopbackClient> clients, TimeSpan budget)
    {
        var times = clients.Select(_ => new List<double>()).ToArray();
        var elapsed = clients.Select(_ => new List<double>()).ToArray();
        await TurnsAsync(clients, budget / 4, record: false, OnceAsync);
        await TurnsAsync(clients, budget * 3 / 4, record: true, OnceAsync);
        return ToTable(
            Names.ProcessorTime,
            clients,
            times,
            [
                new("median µs", 3),
                new("least µs", 3),
                new(Names.AboveHttp, 3),
                new("least above HttpClient", 3),
                new("median wall µs", 3),
                new("rounds"),
            ],
            (i, found, above) =>
                [found.Median, found.Least, above?.Median, found.Least - times[1].Min(), new Percentiles(elapsed[i]).Median, found.Count]
        );

        async Task OnceAsync(int i, bool record)
        {
            long start = Stopwatch.GetTimestamp();
            var before = Environment.CpuUsage.TotalTime;
            for (int n = 0; n < Streams; n++)
            {
                var sink = new LengthSink();
                await clients[i].ReadAsync($"/run/{Chunks}/0", sink);
                Check(clients[i], sink);
            }
            var used = Environment.CpuUsage.TotalTime - before;
            if (!record)
                return;
            times[i].Add(used.TotalMicroseconds / (Streams * Chunks));
            elapsed[i].Add(Stopwatch.GetElapsedTime(start).TotalMicroseconds / (Streams * Chunks));
        }
    }

    private static async Task<Table> MeasureFirstAsync(List<LoopbackClient> clients, TimeSpan budget)
    {
        var times = clients.Select(_ => new List<double>()).ToArray();
        await TurnsAsync(clients, budget / 4, record: false, OnceAsync);
        await TurnsAsync(clients, budget * 3 / 4, record: true, OnceAsync);
        return ToTable(
            Names.FirstText,
            clients,
            times,
            [new("p50 µs", 1), new("p99 µs", 1), new("least µs", 1), new(Names.AboveHttp, 1), new("requests")],
            (_, found, _) => [found.Median, found.At(99), found.Least, found.Median - new Percentiles(times[1]).Median, found.Count]
        );

        async Task OnceAsync(int i, bool record)
        {
            // Several in a row, to measure a warm client and not one that runs after all the others.
            for (int n = 0; n < Burst; n++)
            {
                var sink = new LengthSink();
                long start = Stopwatch.GetTimestamp();
                await clients[i].ReadAsync("/run/1/0", sink);
                if (record)
                    times[i].Add((sink.FirstAt - start) * 1e6 / Stopwatch.Frequency);
            }
        }
    }

    private static async Task<Table> MeasureDeliveryAsync(List<LoopbackClient> clients, int rounds)
    {
        var times = clients.Select(_ => new List<double>()).ToArray();
        for (int round = 0; round < rounds; round++)
        {
            for (int i = 0; i < clients.Count; i++)
            {
                var sink = new StampSink();
                await clients[i].ReadAsync("/stamped/300/1000", sink);
                // The raw readers may split a chunk, and its timestamp with it; all others return every piece.
                if (sink.Delays.Count != 300 && i > 1)
                    throw new DisagreementException($"{clients[i].Name} gives {sink.Delays.Count} of 300 pieces.");
                times[i].AddRange(sink.Delays.Skip(10));
            }
        }
        return ToTable(
            "from the server's write to the caller, one chunk a millisecond",
            clients,
            times,
            [new("p50 µs", 1), new("p90 µs", 1), new("p99 µs", 1), new("p99.9 µs", 1), new("chunks")],
            (_, found, _) => [found.Median, found.At(90), found.At(99), found.At(99.9), found.Count]
        );
    }

    private static async Task TurnsAsync(List<LoopbackClient> clients, TimeSpan budget, bool record, Func<int, bool, Task> once)
    {
        long start = Stopwatch.GetTimestamp();
        for (int turn = 0; turn < 4 || Stopwatch.GetElapsedTime(start) < budget; turn++)
        {
            for (int n = 0; n < clients.Count; n++)
                await once(turn % 2 == 0 ? n : clients.Count - 1 - n, record);
        }
    }

    // The second client is the bare HttpClient. A disturbance affects both within a round, so they are compared round by round.
    private static Table ToTable(
        string name,
        List<LoopbackClient> clients,
        List<double>[] times,
        IReadOnlyList<Column> columns,
        Func<int, Percentiles, Percentiles?, IReadOnlyList<double?>> cells
    ) =>
        new(
            name,
            "client",
            columns,
            [
                .. clients.Select(
                    (client, i) =>
                        new Row(
                            client.Name,
                            cells(
                                i,
                                new Percentiles(times[i]),
                                times[i].Count == times[1].Count
                                    ? new Percentiles(times[i].Zip(times[1], (mine, bare) => mine - bare))
                                    : null
                            )
                        )
                ),
            ]
        );

    private static void Check(LoopbackClient client, LengthSink sink)
    {
        if (sink.Length > 0 ? sink.Length != ServeCommand.TextBytes(Chunks) : sink.RawLength < ServeCommand.TextBytes(Chunks))
        {
            throw new DisagreementException(
                $"{client.Name} reads {sink.Length} bytes of text; the server sent {ServeCommand.TextBytes(Chunks)}."
            );
        }
    }
}
