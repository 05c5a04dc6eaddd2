using System.Text.Json;

namespace RawLlm.Comparisons.Results;

/// <summary>The results of one machine and day: the committed file from which the README takes its figures.</summary>
/// <param name="Machine">The machine and the day.</param>
/// <param name="Packages">The rivals and their versions.</param>
/// <param name="Reports">The results of each command.</param>
internal sealed record ResultSet(Machine Machine, string Packages, IReadOnlyList<Report> Reports)
{
    /// <summary>The prefix of the result files.</summary>
    public const string FilePrefix = "comparisons-";

    /// <summary>Finds a command's report; null if the command was not run.</summary>
    public Report? Find(string command) => Reports.FirstOrDefault(report => report.Command == command);

    /// <summary>Finds one figure; null if it was not measured.</summary>
    public double? Find(string command, string table, string row, string column) => Find(command)?.Find(table)?.Find(row, column);

    /// <summary>Writes the set as JSON.</summary>
    public string ToJson() => JsonSerializer.Serialize(this, ResultContext.Default.ResultSet).ReplaceLineEndings("\n") + "\n";

    /// <summary>Reads what <see cref="ToJson"/> wrote.</summary>
    /// <exception cref="JsonException">The JSON is something else.</exception>
    public static ResultSet Parse(string json) =>
        JsonSerializer.Deserialize(json, ResultContext.Default.ResultSet) ?? throw new JsonException("The file contains no results.");

    /// <summary>Reads the latest set in a folder.</summary>
    /// <exception cref="FileNotFoundException">The folder contains no results.</exception>
    public static ResultSet Latest(string folder) =>
        Directory
            .EnumerateFiles(folder, $"{FilePrefix}*.json")
            .OrderDescending(StringComparer.Ordinal)
            .Select(file => Parse(File.ReadAllText(file)))
            .MaxBy(set => set.Machine.Date)
        ?? throw new FileNotFoundException($"{folder} contains no {FilePrefix}*.json.");
}
