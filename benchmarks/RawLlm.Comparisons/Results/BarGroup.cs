namespace RawLlm.Comparisons.Results;

/// <summary>Bars that share one scale.</summary>
/// <param name="Title">What was measured, with the unit.</param>
/// <param name="Decimals">The number of decimal places shown.</param>
/// <param name="Bars">The bars.</param>
internal sealed record BarGroup(string Title, int Decimals, IReadOnlyList<Bar> Bars);
