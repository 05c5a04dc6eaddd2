namespace RawLlm.Comparisons.Results;

/// <summary>What the contenders took for one thing.</summary>
/// <param name="Name">The thing.</param>
/// <param name="Subject">What the rows are: the heading of their names.</param>
/// <param name="Columns">What the figures are.</param>
/// <param name="Rows">The figures.</param>
internal sealed record Table(string Name, string Subject, IReadOnlyList<Column> Columns, IReadOnlyList<Row> Rows)
{
    /// <summary>One figure; null where the table does not hold it.</summary>
    public double? Find(string row, string column)
    {
        for (int i = 0; i < Columns.Count; i++)
        {
            if (Columns[i].Name == column)
                return Rows.FirstOrDefault(candidate => candidate.Name == row)?.Cells[i];
        }
        return null;
    }
}
