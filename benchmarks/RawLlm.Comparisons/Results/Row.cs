namespace RawLlm.Comparisons.Results;

/// <summary>One contender's figures, in the order of the columns; null if a figure is missing.</summary>
internal sealed record Row(string Name, IReadOnlyList<double?> Cells);
