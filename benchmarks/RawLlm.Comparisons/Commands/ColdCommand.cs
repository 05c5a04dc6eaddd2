using System.CommandLine;
using System.Diagnostics;
using RawLlm.Comparisons.Latency;
using RawLlm.Comparisons.Results;
using RawLlm.Traffic;

namespace RawLlm.Comparisons.Commands;

/// <summary><c>cold</c>: the time from the end of a chunk's read to its text when the caches hold other data.</summary>
internal sealed class ColdCommand : MeasuringCommand
{
    private const int Walk = 4 << 20;

    public ColdCommand()
        : base("cold", "The time of one chunk from the end of the read until the caller has its text, with hot and with cold caches.") { }

    protected override async Task<Report> MeasureAsync(ParseResult parsed, bool isQuick)
    {
        var shape = TrafficShapes.Tokens(400);
        byte[] walk = new byte[Walk];
        await RunAsync(shape, null, TimeSpan.FromSeconds(isQuick ? 3 : 6));
        var hot = await RunAsync(shape, null, TimeSpan.FromSeconds(isQuick ? 3 : 8));
        var cold = await RunAsync(shape, walk, TimeSpan.FromSeconds(isQuick ? 8 : 30));
        return new Report(
            Name,
            "One chunk of plain text per read, on chat completions, from the end of the read to the text. Every figure includes the clock's own time, which the first row shows. Cold: 4 MiB of memory are touched before each chunk, as other work does between two chunks of a real stream.",
            [ToTable("hot caches", hot), ToTable(Names.ColdCaches, cold)],
            [
                new(
                    "cold caches, read to text, p50, against SseParser",
                    cold[LatencyReaders.Parser].At(50) / cold[LatencyReaders.Utf8].At(50),
                    15,
                    IsLeast: true,
                    "x"
                ),
                new(
                    "cold caches, read to text, p99, against SseParser",
                    cold[LatencyReaders.Parser].At(99) / cold[LatencyReaders.Utf8].At(99),
                    15,
                    IsLeast: true,
                    "x"
                ),
            ]
        );
    }

    private static async Task<Dictionary<string, Percentiles>> RunAsync(TrafficShape shape, byte[]? walk, TimeSpan budget)
    {
        var times = LatencyReaders.All.ToDictionary(reader => reader.Name, _ => new List<double>());
        var found = new List<double>(shape.ChunkCount);
        long start = Stopwatch.GetTimestamp();
        for (int turn = 0; turn < 2 || Stopwatch.GetElapsedTime(start) < budget; turn++)
        {
            foreach (var reader in turn % 2 == 0 ? LatencyReaders.All : LatencyReaders.All.Reverse())
            {
                found.Clear();
                await reader.Read(new ColdStream(shape, walk), found);
                if (reader.Name != LatencyReaders.Clock && found.Count != shape.Choices[0].TextCount)
                {
                    throw new DisagreementException(
                        $"{reader.Name} finds {found.Count} pieces of text; there are {shape.Choices[0].TextCount}."
                    );
                }
                // The first chunks are warm-up: there is nothing to predict from yet.
                times[reader.Name].AddRange(found.Skip(8));
            }
        }
        return times.ToDictionary(entry => entry.Key, entry => new Percentiles(entry.Value));
    }

    private static Table ToTable(string name, Dictionary<string, Percentiles> times) =>
        new(
            name,
            "reader",
            [new(Names.P50), new("p90 ns"), new("p99 ns"), new("p99.9 ns"), new("chunks")],
            [
                .. times.Select(entry => new Row(
                    entry.Key,
                    [entry.Value.At(50), entry.Value.At(90), entry.Value.At(99), entry.Value.At(99.9), entry.Value.Count]
                )),
            ]
        );
}
