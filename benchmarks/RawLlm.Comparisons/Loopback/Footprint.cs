using System.Globalization;

namespace RawLlm.Comparisons.Loopback;

/// <summary>The memory that a process uses and has allocated.</summary>
/// <param name="Live">The managed bytes in use.</param>
/// <param name="Allocated">The managed bytes allocated in total.</param>
/// <param name="Resident">The process's resident memory, in bytes.</param>
internal readonly record struct Footprint(long Live, long Allocated, long Resident)
{
    public static Footprint Measure()
    {
        long allocated = GC.GetTotalAllocatedBytes(precise: true);
        for (int i = 0; i < 3; i++)
        {
            GC.Collect(2, GCCollectionMode.Forced, blocking: true, compacting: true);
            GC.WaitForPendingFinalizers();
        }
        return new(GC.GetTotalMemory(forceFullCollection: true), allocated, Environment.WorkingSet);
    }

    public static Footprint operator -(Footprint left, Footprint right) =>
        new(left.Live - right.Live, left.Allocated - right.Allocated, left.Resident - right.Resident);

    /// <summary>The values as one line.</summary>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Live} {Allocated} {Resident}");

    /// <summary>Reads a line that <see cref="ToString"/> wrote.</summary>
    public static Footprint Parse(string line)
    {
        long[] numbers = [.. line.Split(' ').Select(number => long.Parse(number, CultureInfo.InvariantCulture))];
        return new(numbers[0], numbers[1], numbers[2]);
    }
}
