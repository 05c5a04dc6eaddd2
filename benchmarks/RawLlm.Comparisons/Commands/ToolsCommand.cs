using System.CommandLine;
using RawLlm.Comparisons.Results;
using RawLlm.Protocols;
using RawLlm.Traffic;

namespace RawLlm.Comparisons.Commands;

/// <summary><c>tools</c>: 1 MiB of arguments in small fragments.</summary>
internal sealed class ToolsCommand : MeasuringCommand
{
    public ToolsCommand()
        : base("tools", "1 MiB of a tool call's arguments in fragments of 4, 16 and 64 bytes.") { }

    protected override Task<Report> MeasureAsync(ParseResult parsed, bool isQuick)
    {
        var tables = new List<Table>();
        var goals = new List<GoalResult>();
        var mine = new List<double>();
        var allocated = new List<(int Chunks, long Bytes)>();
        foreach (int fragment in (int[])[64, 16, 4])
        {
            var workload = new Workload(new ChatCompletionsProtocol(), TrafficShapes.ToolArguments(1 << 20, fragment));
            var contenders = Contenders
                .For(workload)
                .Where(contender =>
                    contender.Name is Contenders.Stream or Contenders.StreamOff or Contenders.Parser or Contenders.OpenAISdk
                )
                .ToList();
            Console.Error.WriteLine($"measuring fragments of {fragment} bytes");
            var samples = Measurement.Run(workload, contenders, TimeSpan.FromSeconds(isQuick ? 5 : 10));
            int chunks = workload.Shape.ChunkCount;
            tables.Add(
                new Table(
                    $"1 MiB in fragments of {fragment} bytes",
                    "reader",
                    [new("median ns a chunk", 1), new("least ns a chunk", 1), new("median ms", 2), new("B a chunk", 1)],
                    [
                        .. samples.Select(sample => new Row(
                            sample.Contender,
                            [sample.Median, sample.Least, sample.Median * chunks / 1e6, (double)sample.Bytes / chunks]
                        )),
                    ]
                )
            );
            var own = samples.First(sample => sample.Contender == Contenders.Stream);
            mine.Add(own.Median);
            goals.Add(
                new(
                    $"arguments of 1 MiB in fragments of {fragment} bytes, against the OpenAI package",
                    samples.First(sample => sample.Contender == Contenders.OpenAISdk).Median / own.Median,
                    30,
                    IsLeast: true,
                    "x"
                )
            );
            allocated.Add((chunks, own.Bytes));
        }
        // The arguments are the same, so any additional allocation comes from the additional fragments.
        goals.Add(
            new(
                "arguments of 1 MiB, allocated for each fragment more",
                Math.Round((double)(allocated[2].Bytes - allocated[0].Bytes) / (allocated[2].Chunks - allocated[0].Chunks), 1),
                0,
                IsLeast: false,
                "B"
            )
        );
        goals.Add(new("time a fragment, sixteen times as many against as few", mine[2] / mine[0], 1.5, IsLeast: false, "x"));
        return Task.FromResult(
            new Report(
                Name,
                "The arguments of one call, assembled from server-sent events of chat completions in reads of 4 KiB.",
                tables,
                goals
            )
        );
    }
}
