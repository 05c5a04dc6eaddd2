namespace RawLlm.Comparisons.Results;

/// <summary>A column of a table.</summary>
/// <param name="Name">The heading, with the unit.</param>
/// <param name="Decimals">The number of decimal places shown.</param>
internal sealed record Column(string Name, int Decimals = 0);
