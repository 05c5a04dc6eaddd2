namespace RawLlm.Tests.Support;

/// <summary>How tests that only compute share out their work.</summary>
internal static class Cores
{
    /// <summary>One thread for each core. Without a bound, work that takes long takes every thread that the pool adds, and what tests beside it wait for gets none.</summary>
    public static ParallelOptions All { get; } = new() { MaxDegreeOfParallelism = Environment.ProcessorCount };
}
