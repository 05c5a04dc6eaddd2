using System.Diagnostics;
using RawLlm.Comparisons.Results;

namespace RawLlm.Comparisons;

/// <summary>Runs alternatives in turns, forwards and backwards, so that a disturbance affects neighbors alike.</summary>
/// <remarks>
/// All turns are equally long and have at least two runs. The first run of a turn finds the caches and the allocator as the previous
/// alternative left them, which may have allocated megabytes or nothing; it is recorded separately.
/// </remarks>
internal static class Turns
{
    private static readonly TimeSpan TurnTime = TimeSpan.FromMilliseconds(2);

    /// <summary>Measures alternatives that do their work on the calling thread.</summary>
    public static List<Timing> Measure(IReadOnlyList<Alternative> alternatives, TimeSpan budget)
    {
        var firsts = alternatives.Select(_ => new List<double>()).ToArray();
        var times = alternatives.Select(_ => new List<double>()).ToArray();
        // A third of the time is for tiered compilation, which replaces code while it runs.
        Take(budget / 3, record: false);
        Take(budget * 2 / 3, record: true);
        return [.. alternatives.Select((alternative, i) => Describe(alternative, new Percentiles(firsts[i]), new Percentiles(times[i])))];

        void Take(TimeSpan time, bool record)
        {
            long start = Stopwatch.GetTimestamp();
            for (int turn = 0; turn < 3 || Stopwatch.GetElapsedTime(start) < time; turn++)
            {
                for (int n = 0; n < alternatives.Count; n++)
                {
                    int i = turn % 2 == 0 ? n : alternatives.Count - 1 - n;
                    long turnStart = Stopwatch.GetTimestamp();
                    for (int run = 0; run < 2 || Stopwatch.GetElapsedTime(turnStart) < TurnTime; run++)
                    {
                        double elapsed = Run(alternatives[i]);
                        if (record)
                            (run == 0 ? firsts : times)[i].Add(elapsed);
                    }
                }
            }
        }
    }

    private static double Run(Alternative alternative)
    {
        alternative.Prepare?.Invoke();
        long before = Stopwatch.GetTimestamp();
        alternative.Run();
        return Stopwatch.GetElapsedTime(before).TotalNanoseconds / alternative.Operations;
    }

    private static Timing Describe(Alternative alternative, Percentiles firsts, Percentiles times) =>
        new(alternative.Name, times.Least, times.Median, firsts.Median, Allocated(alternative), times.Count);

    private static long Allocated(Alternative alternative)
    {
        long least = long.MaxValue;
        for (int i = 0; i < 5; i++)
        {
            alternative.Prepare?.Invoke();
            long before = GC.GetAllocatedBytesForCurrentThread();
            alternative.Run();
            least = Math.Min(least, GC.GetAllocatedBytesForCurrentThread() - before);
        }
        return least;
    }
}
