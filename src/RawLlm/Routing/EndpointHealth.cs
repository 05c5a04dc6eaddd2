namespace RawLlm;

/// <summary>How long a service asked clients to back off. Thread-safe.</summary>
internal sealed class EndpointHealth(TimeProvider time)
{
    // A service that asks for longer is asked again after a day.
    private static readonly TimeSpan Longest = TimeSpan.FromDays(1);

    private long _until = long.MinValue;

    /// <summary>The remaining back-off time; usually zero.</summary>
    public TimeSpan Remaining
    {
        get
        {
            long until = Volatile.Read(ref _until);
            long now = time.GetTimestamp();
            return until <= now ? TimeSpan.Zero : time.GetElapsedTime(now, until);
        }
    }

    /// <summary>Records that the service asked clients to back off; of two times, the later counts.</summary>
    public void BackOff(TimeSpan asked)
    {
        if (asked <= TimeSpan.Zero)
            return;
        long until = time.GetTimestamp() + (long)((asked < Longest ? asked : Longest).TotalSeconds * time.TimestampFrequency);
        for (long known = Volatile.Read(ref _until); known < until; )
        {
            long found = Interlocked.CompareExchange(ref _until, until, known);
            if (found == known)
                return;
            known = found;
        }
    }
}
