using RawLlm.Traffic;

namespace RawLlm.Comparisons;

/// <summary>One way to read a stream.</summary>
/// <param name="Name">A short name for tables.</param>
/// <param name="Run">Reads the whole stream and returns the number of bytes of text and arguments.</param>
/// <param name="Checks">Whether that number must match the stream's own.</param>
internal sealed record Contender(string Name, Func<TrafficShape, long> Run, bool Checks = true);
