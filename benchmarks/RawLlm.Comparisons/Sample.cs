namespace RawLlm.Comparisons;

/// <summary>What one contender took for one stream.</summary>
/// <param name="Workload">The stream.</param>
/// <param name="Contender">The way to read it.</param>
/// <param name="Least">The shortest run in nanoseconds a chunk.</param>
/// <param name="Median">The run in the middle.</param>
/// <param name="First">The same of the first streams of the turns.</param>
/// <param name="Bytes">What a whole stream allocates.</param>
/// <param name="Runs">How many runs there were.</param>
internal sealed record Sample(string Workload, string Contender, double Least, double Median, double First, long Bytes, int Runs);
