namespace RawLlm.Cli.Doctor;

/// <summary>How fast the events of one stream came. Gaps are between two reads that brought events.</summary>
/// <param name="FirstEvent">From sending the request to the first piece of the answer.</param>
/// <param name="MedianGap">The usual time between two pieces.</param>
/// <param name="LongestGap">The longest time between two pieces.</param>
/// <param name="Events">How many pieces of text, thoughts and arguments there were.</param>
internal sealed record StreamTiming(TimeSpan FirstEvent, TimeSpan MedianGap, TimeSpan LongestGap, int Events)
{
    /// <summary>Sums up the times at which pieces came, each counted from the sending of the request.</summary>
    public static StreamTiming? Of(IReadOnlyList<TimeSpan> times)
    {
        if (times.Count == 0)
            return null;
        var gaps = times.Skip(1).Zip(times, (later, earlier) => later - earlier).Order().ToList();
        return new StreamTiming(times[0], gaps.Count == 0 ? TimeSpan.Zero : gaps[gaps.Count / 2], gaps.Count == 0 ? TimeSpan.Zero : gaps[^1], times.Count);
    }
}
