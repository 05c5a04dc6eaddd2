namespace RawLlm.Tests.Support;

/// <summary>
/// What code allocates on its thread: the minimum of several runs, because the runtime occasionally allocates when it recompiles a method.
/// </summary>
internal static class MinAllocation
{
    private const int Runs = 5;

    /// <summary>Returns the minimum of the runs; stops early at zero.</summary>
    /// <param name="work">The code to run, which returns the bytes that it counted.</param>
    public static long Of(Func<long> work)
    {
        long least = long.MaxValue;
        for (int run = 0; run < Runs && least > 0; run++)
            least = Math.Min(least, work());
        return least;
    }

    /// <inheritdoc cref="Of(Func{long})"/>
    /// <param name="work">The code to run, which is measured from beginning to end.</param>
    public static long Of(Action work) =>
        Of(() =>
        {
            long before = GC.GetAllocatedBytesForCurrentThread();
            work();
            return GC.GetAllocatedBytesForCurrentThread() - before;
        });
}
