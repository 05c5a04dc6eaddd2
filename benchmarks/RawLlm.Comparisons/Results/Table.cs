namespace RawLlm.Comparisons.Results;

/// <summary>The contenders' figures for one measurement.</summary>
/// <param name="Name">The measurement.</param>
/// <param name="Subject">What the rows are; the heading of the first column.</param>
/// <param name="Columns">The columns of figures.</param>
/// <param name="Rows">The figures.</param>
internal sealed record Table(string Name, string Subject, IReadOnlyList<Column> Columns, IReadOnlyList<Row> Rows)
{
    /// <summary>Finds one figure; null if the table does not contain it.</summary>
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
