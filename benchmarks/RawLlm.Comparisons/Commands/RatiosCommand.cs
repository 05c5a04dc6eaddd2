using System.CommandLine;
using System.Globalization;
using System.Text.Json;

namespace RawLlm.Comparisons.Commands;

/// <summary><c>ratios</c>: all streams with all contenders, and which goals are met.</summary>
internal sealed class RatiosCommand : Command
{
    private readonly Option<bool> _quick = new("--quick") { Description = "Be done within 45 seconds." };
    private readonly Option<FileInfo?> _json = new("--json") { Description = "Write the samples to this file." };
    private readonly Option<string?> _only = new("--only") { Description = "Only streams whose name contains this." };

    public RatiosCommand()
        : base("ratios", "Nanoseconds and bytes a chunk on every wire, in turns, and the goals that are met.")
    {
        Options.Add(_quick);
        Options.Add(_json);
        Options.Add(_only);
        SetAction(Run);
    }

    private int Run(ParseResult parsed)
    {
        bool isQuick = parsed.GetValue(_quick);
        var workloads = Workloads.All(isQuick ? 500 : 2000).Where(workload => parsed.GetValue(_only) is not { } part || workload.Name.Contains(part, StringComparison.Ordinal)).ToList();
        var budget = TimeSpan.FromSeconds(isQuick ? 30.0 / workloads.Count : 12);
        Console.WriteLine($"{Environment.ProcessorCount} processors, {Environment.Version}, {DateTime.UtcNow:yyyy-MM-dd}. Nanoseconds a chunk; bytes a stream.");
        var samples = new List<Sample>();
        // What is measured first would else be measured while the compiler is still at work.
        foreach (var workload in workloads.Take(1).Concat(workloads.Where(workload => workload.Protocol is Protocols.AnthropicProtocol).Take(1)))
            Measurement.Run(workload, [.. Contenders.For(workload)], TimeSpan.FromSeconds(isQuick ? 3 : 8));
        foreach (var workload in workloads)
        {
            var measured = Measurement.Run(workload, [.. Contenders.For(workload)], budget);
            samples.AddRange(measured);
            double mine = measured.First(sample => sample.Contender == Contenders.Stream).Median;
            Console.WriteLine($"\n{workload.Name}, {workload.Shape.ChunkCount} chunks");
            foreach (var sample in measured)
                Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"  {sample.Contender,-40} median {sample.Median,9:F1}  least {sample.Least,9:F1}  {sample.Median / mine,7:F2} x  {sample.Bytes,10} B  {sample.Rounds} rounds"));
        }
        Console.WriteLine();
        foreach (var goal in Goal.All)
        {
            if (goal.Ratio(samples) is { } ratio)
                Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{(goal.IsMet(ratio) ? "met    " : "NOT MET")}  {goal.Text}: {ratio:F2} (goal {(goal.IsFactor ? ">=" : "<=")} {goal.Bound})"));
        }
        if (parsed.GetValue(_json) is { } file)
            File.WriteAllText(file.FullName, JsonSerializer.Serialize(samples, SampleContext.Default.ListSample));
        return 0;
    }
}
