using System.CommandLine;
using System.Globalization;
using RawLlm.Comparisons.Loopback;
using RawLlm.Comparisons.Results;

namespace RawLlm.Comparisons.Commands;

/// <summary><c>streams</c>: the memory per stream while many streams wait for their next chunk.</summary>
internal sealed class StreamsCommand : MeasuringCommand
{
    private readonly Argument<int> _count = new("count")
    {
        Description = "The number of simultaneous streams.",
        DefaultValueFactory = _ => 1000,
    };

    public StreamsCommand()
        : base("streams", "The memory of streams that wait for their next chunk, over loopback, on HTTP/1.1 and HTTP/2.") =>
        Arguments.Add(_count);

    protected override async Task<Report> MeasureAsync(ParseResult parsed, bool isQuick)
    {
        int count = parsed.GetValue(_count);
        using var server = await LoopbackServer.StartAsync();
        var tables = new List<Table>
        {
            await MeasureAsync(server, count, isHttp2: false),
            await MeasureAsync(server, count, isHttp2: true),
        };
        return new Report(
            Name,
            $"{count:N0} simultaneous streams; the server and each client run in their own processes. After {HoldCommand.Chunks} chunks, 30 ms apart, the server pauses; then the heap is collected, and the rest is divided by the number of streams. Allocated: from the request to that moment. The figures include everything that a stream needs, including HttpClient's connection.",
            tables,
            [
                new(
                    "managed memory of an idle stream, HTTP/1.1",
                    tables[0].Find(LoopbackClients.RawLlm, Names.LiveKibibytes)!.Value,
                    12.5,
                    IsLeast: false,
                    "KiB"
                ),
                new(
                    "managed memory of an idle stream, HTTP/2",
                    tables[1].Find(LoopbackClients.RawLlm, Names.LiveKibibytes)!.Value,
                    5.5,
                    IsLeast: false,
                    "KiB"
                ),
            ]
        );
    }

    private static async Task<Table> MeasureAsync(LoopbackServer server, int count, bool isHttp2)
    {
        var rows = new List<Row>();
        foreach (
            string client in (string[])
                [LoopbackClients.Http, LoopbackClients.Unbuffered, LoopbackClients.RawLlm, LoopbackClients.Parser, LoopbackClients.Sdk]
        )
        {
            Console.Error.WriteLine($"measuring {client}, HTTP/{(isHttp2 ? "2" : "1.1")}");
            string[] arguments =
            [
                "hold",
                client,
                isHttp2 ? server.Http2 : server.Http1,
                count.ToString(CultureInfo.InvariantCulture),
                .. isHttp2 ? (string[])["--http2"] : [],
            ];
            using var process = new OwnProcess(arguments);
            var found = Footprint.Parse(await process.ReadLineAsync());
            rows.Add(new(client, [Kibibytes(found.Live), Kibibytes(found.Allocated), Kibibytes(found.Resident)]));
            await process.WaitAsync();

            double Kibibytes(long bytes) => bytes / 1024.0 / count;
        }
        return new Table(
            isHttp2 ? Names.Http2Streams : Names.Http1Streams,
            "client",
            [new(Names.LiveKibibytes, 2), new("allocated KiB", 1), new("resident KiB", 1)],
            rows
        );
    }
}
