using System.Diagnostics;
using RawLlm.Comparisons.Results;

namespace RawLlm.Comparisons;

/// <summary>Runs alternatives in turns, forwards and backwards, so that what disturbs one disturbs its neighbours too.</summary>
internal static class Turns
{
    /// <summary>Measures alternatives that do their work on the calling thread.</summary>
    public static List<Timing> Measure(IReadOnlyList<Alternative> alternatives, TimeSpan budget)
    {
        var times = alternatives.Select(_ => new List<double>()).ToArray();
        // A third of the time is for the compiler, which replaces code while it runs.
        Take(budget / 3, record: false);
        Take(budget * 2 / 3, record: true);
        return [.. alternatives.Select((alternative, i) => new Percentiles(times[i]) is var found ? new Timing(alternative.Name, found.Least, found.Median, Allocated(alternative), found.Count) : null!)];

        void Take(TimeSpan time, bool record)
        {
            long start = Stopwatch.GetTimestamp();
            for (int turn = 0; turn < 3 || Stopwatch.GetElapsedTime(start) < time; turn++)
            {
                for (int n = 0; n < alternatives.Count; n++)
                {
                    int i = turn % 2 == 0 ? n : alternatives.Count - 1 - n;
                    alternatives[i].Prepare?.Invoke();
                    long before = Stopwatch.GetTimestamp();
                    alternatives[i].Run();
                    double elapsed = Stopwatch.GetElapsedTime(before).TotalNanoseconds / alternatives[i].Operations;
                    if (record)
                        times[i].Add(elapsed);
                }
            }
        }
    }

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
