namespace RawLlm.Comparisons;

/// <summary>What one alternative took.</summary>
/// <param name="Name">The alternative.</param>
/// <param name="Least">The shortest run in nanoseconds an operation.</param>
/// <param name="Median">The run in the middle.</param>
/// <param name="First">The one in the middle of the first runs of a turn, which find the caches as another alternative left them.</param>
/// <param name="Bytes">What a whole run allocates.</param>
/// <param name="Runs">How many runs there were, the first ones of the turns not counted.</param>
internal sealed record Timing(string Name, double Least, double Median, double First, long Bytes, int Runs);
