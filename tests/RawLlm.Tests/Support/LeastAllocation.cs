namespace RawLlm.Tests.Support;

/// <summary>What a piece of work allocates on its thread, as the least of several runs: the runtime itself now and then allocates there, when it compiles anew.</summary>
internal static class LeastAllocation
{
    private const int Runs = 5;

    /// <summary>The fewest bytes of the runs, which end early where there were none.</summary>
    /// <param name="work">What runs; it says how many bytes it counted.</param>
    public static long Of(Func<long> work)
    {
        long least = long.MaxValue;
        for (int run = 0; run < Runs && least > 0; run++)
            least = Math.Min(least, work());
        return least;
    }

    /// <inheritdoc cref="Of(Func{long})"/>
    /// <param name="work">What runs, and is counted from its beginning to its end.</param>
    public static long Of(Action work) => Of(() =>
    {
        long before = GC.GetAllocatedBytesForCurrentThread();
        work();
        return GC.GetAllocatedBytesForCurrentThread() - before;
    });
}
