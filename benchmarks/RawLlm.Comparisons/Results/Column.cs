namespace RawLlm.Comparisons.Results;

/// <summary>What a column of a table holds.</summary>
/// <param name="Name">The heading, with the unit.</param>
/// <param name="Decimals">How many digits are shown behind the point.</param>
internal sealed record Column(string Name, int Decimals = 0);
