namespace RawLlm.Testing.Tests.Support;

/// <summary>A clock that moves on request or, if <see cref="Hurries"/> is set, advances to each timer as soon as it is set.</summary>
internal sealed class ManualTime : TimeProvider
{
    private readonly Lock _lock = new();
    private readonly List<ManualTimer> _timers = [];
    private long _now;

    /// <summary>The delays that were waited for, in order.</summary>
    public List<TimeSpan> Waits { get; } = [];

    /// <summary>Whether each wait ends at once, with the clock advanced by it.</summary>
    public bool Hurries { get; init; }

    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    public override long GetTimestamp() => Interlocked.Read(ref _now);

    public override DateTimeOffset GetUtcNow() => DateTimeOffset.UnixEpoch.AddTicks(GetTimestamp());

    /// <summary>Advances the clock until a task has ended.</summary>
    public async Task AdvanceUntilAsync(Task task)
    {
        while (!task.IsCompleted)
        {
            await Task.Yield();
            Advance(TimeSpan.FromSeconds(1));
        }
    }

    public void Advance(TimeSpan by)
    {
        long until = Interlocked.Add(ref _now, by.Ticks);
        while (true)
        {
            ManualTimer? due;
            lock (_lock)
            {
                due = _timers.Find(timer => timer.Due <= until);
                if (due is null)
                    return;
                _timers.Remove(due);
            }
            due.Fire();
        }
    }

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        var timer = new ManualTimer(this, callback, state);
        timer.Change(dueTime, period);
        return timer;
    }

    private sealed class ManualTimer(ManualTime time, TimerCallback callback, object? state) : ITimer
    {
        public long Due { get; private set; }

        public void Fire() => callback(state);

        public bool Change(TimeSpan dueTime, TimeSpan period)
        {
            lock (time._lock)
            {
                time._timers.Remove(this);
                if (dueTime == Timeout.InfiniteTimeSpan)
                    return true;
                Due = time.GetTimestamp() + dueTime.Ticks;
                time._timers.Add(this);
                time.Waits.Add(dueTime);
            }
            if (time.Hurries)
                ThreadPool.QueueUserWorkItem(_ => time.Advance(dueTime));
            return true;
        }

        public void Dispose()
        {
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
