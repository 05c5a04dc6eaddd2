namespace RawLlm.Comparisons;

/// <summary>The times and allocations of one alternative.</summary>
/// <param name="Name">The alternative.</param>
/// <param name="Least">The shortest run, in nanoseconds per operation.</param>
/// <param name="Median">The median run.</param>
/// <param name="First">The median of the first runs of the turns, which find the caches as another alternative left them.</param>
/// <param name="Bytes">The bytes that a whole run allocates.</param>
/// <param name="Runs">The number of runs, without the first ones of the turns.</param>
internal sealed record Timing(string Name, double Least, double Median, double First, long Bytes, int Runs);
