namespace RawLlm.Comparisons.Results;

/// <summary>The results of one command.</summary>
/// <param name="Command">The command.</param>
/// <param name="About">What was measured and how, in a few sentences.</param>
/// <param name="Tables">The figures.</param>
/// <param name="Goals">The goals and whether they are met.</param>
internal sealed record Report(string Command, string About, IReadOnlyList<Table> Tables, IReadOnlyList<GoalResult> Goals)
{
    /// <summary>Finds a table by its name; null if there is none.</summary>
    public Table? Find(string table) => Tables.FirstOrDefault(candidate => candidate.Name == table);
}
