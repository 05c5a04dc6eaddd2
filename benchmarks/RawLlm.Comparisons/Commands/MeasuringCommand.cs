using System.CommandLine;
using RawLlm.Comparisons.Results;

namespace RawLlm.Comparisons.Commands;

/// <summary>
/// A command that measures, prints its tables and goals, and writes them to files. Its exit code is 1 only if contenders disagree.
/// </summary>
internal abstract class MeasuringCommand : Command
{
    private readonly Option<bool> _quick = new("--quick")
    {
        Description = "Finish within 45 seconds, not counting builds, with less precise figures.",
    };
    private readonly Option<FileInfo?> _json = new("--json") { Description = "Write the figures to this file as JSON." };
    private readonly Option<FileInfo?> _markdown = new("--markdown") { Description = "Write the figures to this file as a page." };
    private readonly Option<FileInfo?> _chart = new("--chart") { Description = "Draw the figures into this file, as SVG." };

    protected MeasuringCommand(string name, string description)
        : base(name, description)
    {
        Options.Add(_quick);
        Options.Add(_json);
        Options.Add(_markdown);
        Options.Add(_chart);
        SetAction(RunAsync);
    }

    /// <summary>Measures.</summary>
    /// <exception cref="DisagreementException">Contenders produce different results.</exception>
    protected abstract Task<Report> MeasureAsync(ParseResult parsed, bool isQuick);

    private async Task<int> RunAsync(ParseResult parsed, CancellationToken cancellationToken)
    {
        Report report;
        var machine = Machine.Here();
        Console.WriteLine($"{machine.Processor}, {machine.Cores} cores, {machine.Runtime}, {machine.Date}\n");
        try
        {
            report = await MeasureAsync(parsed, parsed.GetValue(_quick));
        }
        catch (DisagreementException e)
        {
            Console.Error.WriteLine($"Disagreement: {e.Message}");
            return 1;
        }
        foreach (var table in report.Tables)
            Console.WriteLine(Markdown.Write(table));
        foreach (var goal in report.Goals)
            Console.WriteLine(goal);
        var set = new ResultSet(machine, Rivals.Versions, [report]);
        if (parsed.GetValue(_json) is { } json)
            await File.WriteAllTextAsync(json.FullName, set.ToJson(), cancellationToken);
        if (parsed.GetValue(_markdown) is { } markdown)
            await File.WriteAllTextAsync(markdown.FullName, Markdown.Write(set), cancellationToken);
        if (parsed.GetValue(_chart) is { } chart)
            await File.WriteAllTextAsync(chart.FullName, Chart.Draw(set), cancellationToken);
        return 0;
    }
}
