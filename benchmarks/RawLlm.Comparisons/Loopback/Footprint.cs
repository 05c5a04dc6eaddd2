using System.Globalization;

namespace RawLlm.Comparisons.Loopback;

/// <summary>What a process holds and has allocated.</summary>
/// <param name="Live">Managed bytes that are in use.</param>
/// <param name="Allocated">Managed bytes that were ever allocated.</param>
/// <param name="Resident">Bytes of memory that the process holds.</param>
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

    /// <summary>As one line.</summary>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Live} {Allocated} {Resident}");

    /// <summary>Reads such a line.</summary>
    public static Footprint Parse(string line)
    {
        long[] numbers = [.. line.Split(' ').Select(number => long.Parse(number, CultureInfo.InvariantCulture))];
        return new(numbers[0], numbers[1], numbers[2]);
    }
}
