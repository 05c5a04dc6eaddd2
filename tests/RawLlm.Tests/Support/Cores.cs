namespace RawLlm.Tests.Support;

/// <summary>How tests that only compute divide their work.</summary>
internal static class Cores
{
    /// <summary>
    /// One thread per core. Without a limit, long work takes every thread that the pool adds, and concurrent tests that wait for something
    /// get none.
    /// </summary>
    public static ParallelOptions All { get; } = new() { MaxDegreeOfParallelism = Environment.ProcessorCount };
}
