using System.CommandLine;
using RawLlm.Comparisons.Results;

namespace RawLlm.Comparisons.Commands;

/// <summary><c>ratios</c>: measures all streams with all contenders, and reports which goals are met.</summary>
internal sealed class RatiosCommand : MeasuringCommand
{
    private readonly Option<string?> _only = new("--only") { Description = "Only streams whose name contains this, such as anthropic/." };
    private readonly Option<string[]> _readers = new("--reader")
    {
        Description = "Only readers whose name contains this, such as \"4 KiB\"; can be repeated.",
    };

    public RatiosCommand()
        : base("ratios", "Nanoseconds per chunk and bytes per stream on every wire and shape, from memory, in turns.")
    {
        Options.Add(_only);
        Options.Add(_readers);
    }

    protected override Task<Report> MeasureAsync(ParseResult parsed, bool isQuick)
    {
        var workloads = Workloads
            .All(isQuick ? 500 : 2000)
            .Where(workload => parsed.GetValue(_only) is not { } part || workload.Name.Contains(part, StringComparison.Ordinal))
            .ToList();
        var budget = TimeSpan.FromSeconds(isQuick ? 28.0 / Math.Max(1, workloads.Count) : 12);
        string[] wanted = parsed.GetValue(_readers) ?? [];
        var samples = new List<Sample>();
        var tables = new List<Table>();
        // Otherwise the first measurements would run while the compiler is still at work.
        foreach (
            var workload in workloads.Take(1).Concat(workloads.Where(workload => workload.Protocol is Protocols.AnthropicProtocol).Take(1))
        )
        {
            Measurement.Run(workload, Readers(workload), TimeSpan.FromSeconds(isQuick ? 3 : 8));
        }

        foreach (var workload in workloads)
        {
            Console.Error.WriteLine($"measuring {workload.Name}");
            var measured = Measurement.Run(workload, Readers(workload), budget);
            samples.AddRange(measured);
            double mine = (measured.Find(sample => sample.Contender == Contenders.Stream) ?? measured[0]).Median;
            tables.Add(
                new Table(
                    workload.Name,
                    "reader",
                    [
                        new(Names.MedianNanoseconds, 1),
                        new("least ns", 1),
                        new("first ns", 1),
                        new("of the stream", 2),
                        new("B a stream"),
                        new("runs"),
                    ],
                    [
                        .. measured.Select(sample => new Row(
                            sample.Contender,
                            [sample.Median, sample.Least, sample.First, sample.Median / mine, sample.Bytes, sample.Runs]
                        )),
                    ]
                )
            );
        }
        return Task.FromResult(
            new Report(
                Name,
                $"Streams of {(isQuick ? 500 : 2000)} chunks in memory; every read completes at once. Readers take turns of two milliseconds, forwards and backwards, after all have read the same text. Nanoseconds per chunk, bytes allocated per stream; the first stream of a turn has its own column.",
                tables,
                [.. Goal.All.Select(goal => goal.Result(samples)).OfType<GoalResult>()]
            )
        );

        List<Contender> Readers(Workload workload)
        {
            var all = Contenders.For(workload).ToList();
            var found =
                wanted.Length == 0
                    ? all
                    : all.FindAll(contender => wanted.Any(part => contender.Name.Contains(part, StringComparison.Ordinal)));
            return found.Count > 0
                ? found
                : throw new ArgumentException(
                    $"--reader matches none of the readers of {workload.Name}, which are: {string.Join(", ", all.Select(contender => contender.Name))}."
                );
        }
    }
}
