using System.CommandLine;
using System.Diagnostics;
using RawLlm.Comparisons.Loopback;
using RawLlm.Comparisons.Results;

namespace RawLlm.Comparisons.Commands;

/// <summary><c>all</c>: runs every command in its own process and writes the files that are committed.</summary>
internal sealed class AllCommand : Command
{
    private static readonly string[] Every = ["ratios", "tools", "cold", "request", "streams", "e2e", "aot", "recorded"];

    private readonly Option<DirectoryInfo> _results = new("--results") { Description = "The folder for the files.", Required = true };
    private readonly Option<bool> _quick = new("--quick") { Description = "Finish within six minutes, with less precise figures." };
    private readonly Option<DirectoryInfo?> _recorded = new("--recorded")
    {
        Description = "The folder of recordings; without it, `recorded` is skipped.",
    };
    private readonly Option<string[]> _commands = new("--commands")
    {
        Description = "Run only these commands; the results of the others in today's file are kept.",
        AllowMultipleArgumentsPerToken = true,
        DefaultValueFactory = _ => Every,
    };

    public AllCommand()
        : base("all", "Runs every command and writes the files that are committed: figures as JSON, a page and a chart. About 12 minutes.")
    {
        Options.Add(_results);
        Options.Add(_quick);
        Options.Add(_recorded);
        Options.Add(_commands);
        SetAction(RunAsync);
    }

    private async Task<int> RunAsync(ParseResult parsed, CancellationToken cancellationToken)
    {
        var machine = Machine.Here();
        var folder = parsed.GetValue(_results)!;
        folder.Create();
        string path = Path.Combine(folder.FullName, ResultSet.FilePrefix + machine.FileName);
        var reports = File.Exists(path + ".json")
            ? ResultSet.Parse(await File.ReadAllTextAsync(path + ".json", cancellationToken)).Reports.ToDictionary(report => report.Command)
            : [];
        long start = Stopwatch.GetTimestamp();
        int failed = 0;
        foreach (string command in Every.Intersect(parsed.GetValue(_commands)!))
        {
            if (command == "recorded" && parsed.GetValue(_recorded) is null)
                continue;
            string file = Path.GetTempFileName();
            try
            {
                Console.Error.WriteLine($"== {command}");
                string[] arguments =
                [
                    command,
                    .. command == "recorded" ? (string[])[parsed.GetValue(_recorded)!.FullName] : [],
                    "--json",
                    file,
                    .. parsed.GetValue(_quick) ? (string[])["--quick"] : [],
                ];
                using var process = new OwnProcess(arguments);
                while (await process.TryReadLineAsync() is { } line)
                    Console.WriteLine(line);
                await process.WaitAsync();
                reports[command] = ResultSet.Parse(await File.ReadAllTextAsync(file, cancellationToken)).Reports.Single();
                await WriteAsync();
            }
            catch (InvalidOperationException e)
            {
                // The results of the other commands are still useful.
                Console.Error.WriteLine($"{command} failed: {e.Message}");
                failed++;
            }
            finally
            {
                File.Delete(file);
            }
        }
        Console.Error.WriteLine(
            $"Written: {Path.GetFileName(path)}.json and .md, {Chart.FileName}; {Stopwatch.GetElapsedTime(start).TotalMinutes:0} minutes. To update the README, run RAWLLM_WRITE_README=1 dotnet test --filter ReadmeTests."
        );
        return failed == 0 ? 0 : 1;

        async Task WriteAsync()
        {
            var set = new ResultSet(machine, Rivals.Versions, [.. Every.Where(reports.ContainsKey).Select(command => reports[command])]);
            await File.WriteAllTextAsync(path + ".json", set.ToJson(), cancellationToken);
            await File.WriteAllTextAsync(path + ".md", Markdown.Write(set), cancellationToken);
            await File.WriteAllTextAsync(Path.Combine(folder.FullName, Chart.FileName), Chart.Draw(set), cancellationToken);
        }
    }
}
