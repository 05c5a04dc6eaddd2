namespace RawLlm.Comparisons.Recorded;

/// <summary>The readers' times for one recording, and how much of it was predicted.</summary>
/// <param name="Recording">The recording.</param>
/// <param name="Times">The median nanoseconds per stream, by reader; a reader that cannot read the recording is missing.</param>
/// <param name="Frames">The number of decoded frames.</param>
/// <param name="Predicted">The number of predicted frames.</param>
internal sealed record RecordedTime(Recording Recording, IReadOnlyDictionary<string, double> Times, long Frames, long Predicted)
{
    /// <summary>The time of a reader; null if it cannot read the recording.</summary>
    public double? Of(string reader) => Times.TryGetValue(reader, out double time) ? time : null;

    /// <summary>The nanoseconds per frame of one reader over all recordings that it can read; null if there are none.</summary>
    public static double? PerFrame(IEnumerable<RecordedTime> all, string reader)
    {
        double time = 0;
        long frames = 0;
        foreach (var one in all)
        {
            if (one.Of(reader) is not { } own)
                continue;
            time += own;
            frames += one.Recording.Shape.ChunkCount;
        }
        return frames == 0 ? null : time / frames;
    }

    /// <summary>
    /// How many times as long one reader takes as another, over the recordings that both can read; null if there are none.
    /// </summary>
    public static double? Ratio(IEnumerable<RecordedTime> all, string reader, string other)
    {
        double time = 0;
        double otherTime = 0;
        foreach (var one in all)
        {
            if (one.Of(reader) is not { } own || one.Of(other) is not { } others)
                continue;
            time += own;
            otherTime += others;
        }
        return otherTime == 0 ? null : time / otherTime;
    }
}
