namespace RawLlm.Comparisons.Latency;

/// <summary>One way to read a stream for the latency of each of its chunks.</summary>
/// <param name="Name">A short name for tables.</param>
/// <param name="Read">Reads the stream and records the nanoseconds from the end of each read to its text.</param>
internal sealed record LatencyReader(string Name, Func<ColdStream, List<double>, Task> Read);
