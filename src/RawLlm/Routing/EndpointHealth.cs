namespace RawLlm;

/// <summary>Until when a service asked to be left alone. Thread-safe.</summary>
internal sealed class EndpointHealth(TimeProvider time)
{
    // A service that asks for longer is asked again after a day.
    private static readonly TimeSpan Longest = TimeSpan.FromDays(1);

    private long _until = long.MinValue;

    /// <summary>How long it still wants to be left alone; zero as a rule.</summary>
    public TimeSpan Left
    {
        get
        {
            long until = Volatile.Read(ref _until);
            long now = time.GetTimestamp();
            return until <= now ? TimeSpan.Zero : time.GetElapsedTime(now, until);
        }
    }

    /// <summary>The service asked to wait: the later of two moments counts.</summary>
    public void Rest(TimeSpan asked)
    {
        if (asked <= TimeSpan.Zero)
            return;
        long until = time.GetTimestamp() + (long)((asked < Longest ? asked : Longest).TotalSeconds * time.TimestampFrequency);
        for (long known = Volatile.Read(ref _until); known < until;)
        {
            long found = Interlocked.CompareExchange(ref _until, until, known);
            if (found == known)
                return;
            known = found;
        }
    }
}
