using RawLlm.Traffic;

namespace RawLlm.Comparisons;

/// <summary>One way to read a stream.</summary>
/// <param name="Name">A short name for tables.</param>
/// <param name="Run">Reads the whole stream and gives how many bytes of text and arguments it came to.</param>
/// <param name="Checks">True when that number must be the stream's own.</param>
internal sealed record Contender(string Name, Func<TrafficShape, long> Run, bool Checks = true);
