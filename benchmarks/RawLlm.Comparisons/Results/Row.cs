namespace RawLlm.Comparisons.Results;

/// <summary>One contender's figures, in the order of the columns; null where there is none.</summary>
internal sealed record Row(string Name, IReadOnlyList<double?> Cells);
