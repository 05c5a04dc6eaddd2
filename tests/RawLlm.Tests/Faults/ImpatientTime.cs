using RawLlm.Tests.Support;

namespace RawLlm.Tests.Faults;

/// <summary>A virtual clock that skips every wait that the client itself chose, and lists them; timeouts do not advance it.</summary>
/// <remarks>A wait is a timer that is created with its due time; the client's watchdogs create theirs first and set it later.</remarks>
internal sealed class ImpatientTime : TimeProvider
{
    private readonly VirtualTime _time = new();
    private readonly List<TimeSpan> _waits = [];

    public override long TimestampFrequency => _time.TimestampFrequency;

    public int Pending => _time.Pending;

    /// <summary>The number of timers that were created and not yet disposed.</summary>
    public int Alive => _time.Alive;

    /// <summary>The waits, in order.</summary>
    public IReadOnlyList<TimeSpan> Waits
    {
        get
        {
            lock (_waits)
                return [.. _waits];
        }
    }

    /// <summary>Called when a wait begins.</summary>
    public Action? OnWait { get; set; }

    /// <summary>Whether waits take their time.</summary>
    public bool IsPatient { get; set; }

    public override long GetTimestamp() => _time.GetTimestamp();

    public override DateTimeOffset GetUtcNow() => _time.GetUtcNow();

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        var timer = _time.CreateTimer(callback, state, dueTime, period);
        if (dueTime == Timeout.InfiniteTimeSpan)
            return timer;
        lock (_waits)
            _waits.Add(dueTime);
        OnWait?.Invoke();
        if (!IsPatient)
            ThreadPool.QueueUserWorkItem(_ => _time.Advance(dueTime));
        return timer;
    }

    public void Advance(TimeSpan by) => _time.Advance(by);
}
