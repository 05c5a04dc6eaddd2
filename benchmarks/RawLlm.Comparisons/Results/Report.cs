namespace RawLlm.Comparisons.Results;

/// <summary>What one command measured.</summary>
/// <param name="Command">The command.</param>
/// <param name="About">What was measured and how, in a sentence or two.</param>
/// <param name="Tables">The figures.</param>
/// <param name="Goals">The goals that they are held against.</param>
internal sealed record Report(string Command, string About, IReadOnlyList<Table> Tables, IReadOnlyList<GoalResult> Goals)
{
    /// <summary>A table by its name; null where there is none.</summary>
    public Table? Find(string table) => Tables.FirstOrDefault(candidate => candidate.Name == table);
}
