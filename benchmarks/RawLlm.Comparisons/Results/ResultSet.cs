using System.Text.Json;

namespace RawLlm.Comparisons.Results;

/// <summary>What was measured on one machine on one day: the file that is committed, and that the README's figures come from.</summary>
/// <param name="Machine">Where and when.</param>
/// <param name="Packages">The rivals and their versions.</param>
/// <param name="Reports">What each command measured.</param>
internal sealed record ResultSet(Machine Machine, string Packages, IReadOnlyList<Report> Reports)
{
    /// <summary>What the files of whole sets begin with.</summary>
    public const string FilePrefix = "comparisons-";

    /// <summary>A command's report; null where it was not run.</summary>
    public Report? Find(string command) => Reports.FirstOrDefault(report => report.Command == command);

    /// <summary>One figure; null where it was not measured.</summary>
    public double? Find(string command, string table, string row, string column) => Find(command)?.Find(table)?.Find(row, column);

    /// <summary>The set as JSON.</summary>
    public string ToJson() => JsonSerializer.Serialize(this, ResultContext.Default.ResultSet).ReplaceLineEndings("\n") + "\n";

    /// <summary>Reads what <see cref="ToJson"/> gave.</summary>
    /// <exception cref="JsonException">It is something else.</exception>
    public static ResultSet Parse(string json) => JsonSerializer.Deserialize(json, ResultContext.Default.ResultSet) ?? throw new JsonException("There is no result in the file.");

    /// <summary>The latest set of a folder.</summary>
    /// <exception cref="FileNotFoundException">The folder holds none.</exception>
    public static ResultSet Latest(string folder) =>
        Directory.EnumerateFiles(folder, $"{FilePrefix}*.json").OrderDescending(StringComparer.Ordinal).Select(file => Parse(File.ReadAllText(file))).MaxBy(set => set.Machine.Date)
            ?? throw new FileNotFoundException($"{folder} holds no {FilePrefix}*.json.");
}
