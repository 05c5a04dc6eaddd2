namespace RawLlm.Tests.Support;

/// <summary>A clock that moves only on request; timers fire on the thread that moves it, in order of their due time.</summary>
internal sealed class VirtualTime : TimeProvider
{
    private readonly Lock _lock = new();
    private readonly HashSet<VirtualTimer> _timers = [];
    private long _now;
    private int _alive;

    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    public override long GetTimestamp() => Interlocked.Read(ref _now);

    public override DateTimeOffset GetUtcNow() => new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero).AddTicks(GetTimestamp());

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        Interlocked.Increment(ref _alive);
        var timer = new VirtualTimer(this, callback, state);
        timer.Change(dueTime, period);
        return timer;
    }

    /// <summary>The number of timers that wait to fire.</summary>
    public int Pending
    {
        get
        {
            lock (_lock)
                return _timers.Count;
        }
    }

    /// <summary>The number of timers that were created and not yet disposed.</summary>
    public int Alive => Volatile.Read(ref _alive);

    /// <summary>The number of times that timers were set.</summary>
    public int Changes { get; private set; }

    /// <summary>The time at which the next timer fires; null if none waits.</summary>
    public TimeSpan? Next
    {
        get
        {
            lock (_lock)
                return _timers.Count == 0 ? null : TimeSpan.FromTicks(_timers.Min(timer => timer.Due) - _now);
        }
    }

    public void Advance(TimeSpan by)
    {
        long until = GetTimestamp() + by.Ticks;
        while (true)
        {
            VirtualTimer? next;
            lock (_lock)
            {
                next = _timers.Where(timer => timer.Due <= until).MinBy(timer => timer.Due);
                if (next is not null)
                {
                    _timers.Remove(next);
                    Interlocked.Exchange(ref _now, Math.Max(_now, next.Due));
                }
            }
            if (next is null)
                break;
            next.Fire();
        }
        // Several threads may move the clock at once: it never goes back, or a timer set meanwhile would wait forever.
        lock (_lock)
            Interlocked.Exchange(ref _now, Math.Max(_now, until));
    }

    private sealed class VirtualTimer(VirtualTime time, TimerCallback callback, object? state) : ITimer
    {
        private int _isDisposed;

        public long Due { get; private set; }

        public void Fire() => callback(state);

        public bool Change(TimeSpan dueTime, TimeSpan period)
        {
            lock (time._lock)
            {
                time._timers.Remove(this);
                if (dueTime != Timeout.InfiniteTimeSpan)
                {
                    Due = time._now + dueTime.Ticks;
                    time._timers.Add(this);
                    time.Changes++;
                }
            }
            return true;
        }

        public void Dispose()
        {
            if (Interlocked.Exchange(ref _isDisposed, 1) == 0)
                Interlocked.Decrement(ref time._alive);
            lock (time._lock)
                time._timers.Remove(this);
        }

        public ValueTask DisposeAsync()
        {
            Dispose();
            return ValueTask.CompletedTask;
        }
    }
}
