using System.Diagnostics;

namespace RawLlm.Comparisons;

/// <summary>Runs contenders in turns, forwards and backwards, so that what disturbs one disturbs its neighbours too.</summary>
internal static class Measurement
{
    /// <summary>Measures all contenders of one stream.</summary>
    /// <exception cref="InvalidOperationException">One of them decodes another text.</exception>
    public static List<Sample> Run(Workload workload, IReadOnlyList<Contender> contenders, TimeSpan budget)
    {
        var shape = workload.Shape;
        foreach (var contender in contenders)
        {
            long length = contender.Run(shape);
            if (contender.Checks && length != workload.TextBytes)
                throw new InvalidOperationException($"{contender.Name} reads {length} bytes of text from {workload.Name}, which holds {workload.TextBytes}.");
        }

        var times = contenders.Select(_ => new List<double>()).ToArray();
        // A third of the time is for the compiler, which replaces code while it runs.
        Turns(budget / 3, record: false);
        Turns(budget * 2 / 3, record: true);
        return [.. contenders.Select((contender, i) => new Sample(workload.Name, contender.Name, times[i].Min(), Middle(times[i]), Allocated(contender), times[i].Count))];

        void Turns(TimeSpan time, bool record)
        {
            long start = Stopwatch.GetTimestamp();
            for (int turn = 0; turn < 3 || Stopwatch.GetElapsedTime(start) < time; turn++)
            {
                for (int n = 0; n < contenders.Count; n++)
                {
                    int i = turn % 2 == 0 ? n : contenders.Count - 1 - n;
                    long before = Stopwatch.GetTimestamp();
                    contenders[i].Run(shape);
                    double elapsed = Stopwatch.GetElapsedTime(before).TotalNanoseconds / shape.ChunkCount;
                    if (record)
                        times[i].Add(elapsed);
                }
            }
        }

        long Allocated(Contender contender)
        {
            long least = long.MaxValue;
            for (int i = 0; i < 5; i++)
            {
                long before = GC.GetAllocatedBytesForCurrentThread();
                contender.Run(shape);
                least = Math.Min(least, GC.GetAllocatedBytesForCurrentThread() - before);
            }
            return least;
        }
    }

    private static double Middle(List<double> times)
    {
        times.Sort();
        return times[times.Count / 2];
    }
}
