namespace RawLlm.Cli.Doctor;

/// <summary>The speed of the events of one stream. A gap is the time between two reads that returned content events.</summary>
/// <param name="FirstEvent">The time from sending the request to the first piece of the answer.</param>
/// <param name="MedianGap">The median time between two pieces.</param>
/// <param name="LongestGap">The longest time between two pieces.</param>
/// <param name="Events">The number of pieces of text, reasoning and tool arguments.</param>
internal sealed record StreamTiming(TimeSpan FirstEvent, TimeSpan MedianGap, TimeSpan LongestGap, int Events)
{
    /// <summary>Summarizes the arrival times of the pieces, each measured from sending the request; null if there are none.</summary>
    public static StreamTiming? Of(IReadOnlyList<TimeSpan> times)
    {
        if (times.Count == 0)
            return null;
        var gaps = times.Skip(1).Zip(times, (later, earlier) => later - earlier).Order().ToList();
        return new StreamTiming(
            times[0],
            gaps.Count == 0 ? TimeSpan.Zero : gaps[gaps.Count / 2],
            gaps.Count == 0 ? TimeSpan.Zero : gaps[^1],
            times.Count
        );
    }
}
