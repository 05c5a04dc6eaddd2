namespace RawLlm.Traffic;

/// <summary>How the bytes of a stream arrive.</summary>
/// <param name="Name">A short name for tables.</param>
/// <param name="Size">The maximum number of bytes per read; 0 for one read per write of the server.</param>
public sealed record ReadPattern(string Name, int Size)
{
    /// <summary>As much as fits into the reader's buffer.</summary>
    public static ReadPattern Whole { get; } = new("whole", int.MaxValue);

    /// <summary>A busy connection: several events, the last one incomplete.</summary>
    public static ReadPattern FourKibibytes { get; } = new("4 KiB", 4096);

    /// <summary>A slow model: one event at a time.</summary>
    public static ReadPattern PerChunk { get; } = new("per chunk", 0);

    /// <summary>Seven bytes: every event is split many times, at varying places.</summary>
    public static ReadPattern Drips { get; } = new("7 B", 7);

    /// <summary>One byte: every possible split.</summary>
    public static ReadPattern Bytes { get; } = new("1 B", 1);

    /// <summary>All patterns.</summary>
    public static IReadOnlyList<ReadPattern> All { get; } = [Whole, FourKibibytes, PerChunk, Drips, Bytes];

    /// <summary>The name.</summary>
    public override string ToString() => Name;
}
