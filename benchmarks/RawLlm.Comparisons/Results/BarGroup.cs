namespace RawLlm.Comparisons.Results;

/// <summary>Bars that are measured against one another.</summary>
/// <param name="Title">What was measured, with the unit.</param>
/// <param name="Decimals">How many digits of a value are shown behind the point.</param>
/// <param name="Bars">The bars.</param>
internal sealed record BarGroup(string Title, int Decimals, IReadOnlyList<Bar> Bars);
