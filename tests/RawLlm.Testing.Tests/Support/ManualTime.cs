namespace RawLlm.Testing.Tests.Support;

/// <summary>A clock that moves when it is told to, and at once to the next timer where it is told to hurry.</summary>
internal sealed class ManualTime : TimeProvider
{
    private readonly Lock _lock = new();
    private readonly List<Waiting> _waiting = [];
    private long _now;

    /// <summary>What was waited for, in order.</summary>
    public List<TimeSpan> Waits { get; } = [];

    /// <summary>True to let each wait end at once, with the clock moved on by it.</summary>
    public bool Hurries { get; init; }

    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    public override long GetTimestamp() => Interlocked.Read(ref _now);

    public override DateTimeOffset GetUtcNow() => DateTimeOffset.UnixEpoch.AddTicks(GetTimestamp());

    public void Advance(TimeSpan by) => Interlocked.Add(ref _now, by.Ticks);

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        var timer = new Waiting(callback, state);
        timer.Change(dueTime, period);
        if (dueTime == Timeout.InfiniteTimeSpan)
            return timer;
        lock (_lock)
        {
            Waits.Add(dueTime);
            _waiting.Add(timer);
        }
        if (Hurries)
        {
            Advance(dueTime);
            ThreadPool.QueueUserWorkItem(_ => timer.Fire());
        }
        return timer;
    }

    private sealed class Waiting(TimerCallback callback, object? state) : ITimer
    {
        private int _isDisposed;

        public void Fire()
        {
            if (Volatile.Read(ref _isDisposed) == 0)
                callback(state);
        }

        public bool Change(TimeSpan dueTime, TimeSpan period) => true;

        public void Dispose() => Interlocked.Exchange(ref _isDisposed, 1);

        public ValueTask DisposeAsync()
        {
            Dispose();
            return ValueTask.CompletedTask;
        }
    }
}
