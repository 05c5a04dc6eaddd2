namespace RawLlm.Comparisons;

/// <summary>What one alternative took.</summary>
/// <param name="Name">The alternative.</param>
/// <param name="Least">The shortest run in nanoseconds an operation.</param>
/// <param name="Median">The run in the middle.</param>
/// <param name="Bytes">What a whole run allocates.</param>
/// <param name="Rounds">How many runs there were.</param>
internal sealed record Timing(string Name, double Least, double Median, long Bytes, int Rounds);
