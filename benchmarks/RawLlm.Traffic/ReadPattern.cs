namespace RawLlm.Traffic;

/// <summary>How the bytes of a stream arrive.</summary>
/// <param name="Name">A short name for tables.</param>
/// <param name="Size">The most bytes of one read; 0 for one read per write of the server.</param>
public sealed record ReadPattern(string Name, int Size)
{
    /// <summary>As much as the reader has room for.</summary>
    public static ReadPattern Whole { get; } = new("whole", int.MaxValue);

    /// <summary>What a busy connection gives: several events, the last one cut.</summary>
    public static ReadPattern FourKibibytes { get; } = new("4 KiB", 4096);

    /// <summary>What a slow model gives: each event by itself.</summary>
    public static ReadPattern PerChunk { get; } = new("per chunk", 0);

    /// <summary>Seven bytes: every event is cut many times, at ever different places.</summary>
    public static ReadPattern Drips { get; } = new("7 B", 7);

    /// <summary>One byte: every cut there is.</summary>
    public static ReadPattern Bytes { get; } = new("1 B", 1);

    /// <summary>All of them.</summary>
    public static IReadOnlyList<ReadPattern> All { get; } = [Whole, FourKibibytes, PerChunk, Drips, Bytes];

    /// <summary>The name.</summary>
    public override string ToString() => Name;
}
