namespace RawLlm.Comparisons;

/// <summary>The times and allocations of one contender for one stream.</summary>
/// <param name="Workload">The stream.</param>
/// <param name="Contender">The way to read it.</param>
/// <param name="Least">The shortest run, in nanoseconds per chunk.</param>
/// <param name="Median">The median run.</param>
/// <param name="First">The median of the first runs of the turns.</param>
/// <param name="Bytes">The bytes that a whole stream allocates.</param>
/// <param name="Runs">The number of runs.</param>
internal sealed record Sample(string Workload, string Contender, double Least, double Median, double First, long Bytes, int Runs);
