using System.Globalization;

namespace RawLlm.Transport;

/// <summary>Ends a call when the service keeps it waiting for too long; one timer and one token source for the whole call.</summary>
/// <remarks>
/// Only waiting counts: while the caller processes what it received, no time runs except that of the deadline. The timer is not reset for
/// each read, but only if it would fire too late. It fires when the nearest limit could be reached, checks what has happened since,
/// and sleeps again.
/// </remarks>
internal sealed class Watchdog : IDisposable
{
    /// <summary>The longest time to which a timer is set.</summary>
    public static readonly TimeSpan LongestTimer = TimeSpan.FromDays(40);

    // How long a connection may take to report the end of an answer that is already complete. The service's last bytes are then on their
    // way, or never arrive.
    private static readonly TimeSpan LastBytes = TimeSpan.FromMilliseconds(250);

    // Two limits of the same length that end this close to each other are meant to end together.
    private static readonly TimeSpan AtOnce = TimeSpan.FromMilliseconds(100);

    private readonly LlmTimeouts _timeouts;
    private readonly TimeProvider _time;
    private readonly bool _isStream;
    private readonly bool _hasBody;
    private readonly CancellationTokenSource _source;
    private readonly OpenCalls? _calls;
    private readonly long _start;
    private readonly long _callStart;

    private ITimer? _timer;

    // When the timer fires next; the maximum value if it is not set.
    private long _due = long.MaxValue;
    private long _waitStart;
    private long _progressStart;
    private byte _stage;
    private bool _isWaiting;
    private bool _isDisposed;

    // An LlmErrorKind. Stored as a byte: each waiting stream has a watchdog, and a ninth byte would take eight more.
    private byte _expired;

    /// <summary>Creates a watchdog, which begins at once unless that is left to <see cref="Begin()"/>.</summary>
    /// <param name="timeouts">The limits.</param>
    /// <param name="time">The clock.</param>
    /// <param name="isStream">Whether the answer is streamed.</param>
    /// <param name="cancellationToken">The caller's token.</param>
    /// <param name="callStart">When the whole call began, with all its attempts; now if null.</param>
    /// <param name="calls">The client's calls, which end with it.</param>
    /// <param name="start">The clock's current time; looked up if null.</param>
    /// <param name="hasBody">Whether the request has a body. A request without one asks no model, so its answer needs no time to be
    /// prepared.</param>
    /// <param name="begins">Whether it begins at once.</param>
    public Watchdog(
        LlmTimeouts timeouts,
        TimeProvider time,
        bool isStream,
        CancellationToken cancellationToken,
        long? callStart = null,
        OpenCalls? calls = null,
        long? start = null,
        bool hasBody = true,
        bool begins = true
    )
    {
        _timeouts = timeouts;
        _time = time;
        _isStream = isStream;
        _hasBody = hasBody;
        _calls = calls;
        _source = cancellationToken.CanBeCanceled
            ? CancellationTokenSource.CreateLinkedTokenSource(cancellationToken)
            : new CancellationTokenSource();
        _start = _waitStart = _progressStart = start ?? time.GetTimestamp();
        _callStart = callStart ?? _start;
        _isWaiting = true;
        if (begins)
            Begin(_start);
    }

    private enum Stage
    {
        Headers,
        FirstEvent,
        Streaming,
        Ending,
    }

    /// <summary>Canceled when a limit is reached, and when the caller cancels.</summary>
    public CancellationToken Token => _source.Token;

    /// <summary>Whether the client was disposed.</summary>
    public bool IsClosed => _calls is { IsClosed: true };

    /// <summary>The limit that was reached; null if none was.</summary>
    public LlmErrorKind? Expired => Volatile.Read(ref _expired) is var kind and > 0 ? (LlmErrorKind)kind : null;

    /// <summary>The call in progress that began after this one.</summary>
    internal Watchdog? Previous { get; set; }

    /// <summary>The call in progress that began before this one.</summary>
    internal Watchdog? Next { get; set; }

    /// <summary>Begins to watch, if that was not done at creation; time still counts from the start.</summary>
    public void Begin() => Begin(_time.GetTimestamp());

    /// <summary>Records that the head of the response has arrived.</summary>
    public void HeadersCame()
    {
        // In this order: a timer that fires in between must not mistake the wait for the head for a wait for bytes.
        Volatile.Write(ref _isWaiting, false);
        Volatile.Write(ref _stage, (byte)Stage.FirstEvent);
    }

    /// <summary>
    /// Whether a time is no limit: .NET's timers count at most 49 days, and time arithmetic overflows near the end of its range.
    /// </summary>
    public static bool IsUnlimited(TimeSpan limit) => limit == Timeout.InfiniteTimeSpan || limit >= LongestTimer;

    /// <summary>Records that a read of the body begins.</summary>
    /// <param name="hasProgressed">Whether the last read made progress: it brought something other than comments, pings and empty
    /// pieces.</param>
    public void BeginWait(bool hasProgressed)
    {
        long now = _time.GetTimestamp();
        Volatile.Write(ref _waitStart, now);
        bool isFirst = !hasProgressed && _stage == (byte)Stage.FirstEvent && _progressStart == _start;
        if (hasProgressed || isFirst)
            Volatile.Write(ref _progressStart, now);
        if (hasProgressed)
            Volatile.Write(ref _stage, (byte)Stage.Streaming);
        Interlocked.Exchange(ref _isWaiting, true);
        // If all limits start now, none is reached before a timer that fires sooner checks again. It was set for the deadline too.
        if (
            (hasProgressed || isFirst)
            && FiresWithin(now, _timeouts.Idle)
            && FiresWithin(now, isFirst ? _timeouts.FirstEvent : _timeouts.Stall)
        )
        {
            return;
        }

        Arm(now);
    }

    /// <summary>Records that the answer is complete, and only the end of its body is still read.</summary>
    public void BeginEnd()
    {
        long now = _time.GetTimestamp();
        Volatile.Write(ref _waitStart, now);
        Volatile.Write(ref _stage, (byte)Stage.Ending);
        Interlocked.Exchange(ref _isWaiting, true);
        Arm(now);
    }

    /// <summary>Completes when the last bytes of an answer, or a canceled read, have had their time.</summary>
    public Task Wait() => Task.Delay(LastBytes, _time);

    /// <summary>Records that the read has ended.</summary>
    public void EndWait() => Volatile.Write(ref _isWaiting, false);

    /// <summary>Returns the error for the limit that was reached.</summary>
    public LlmException Failure() =>
        Expired switch
        {
            LlmErrorKind.HeadersTimeout => new(
                LlmErrorKind.HeadersTimeout,
                $"No response began within {Text(HeadersLimit)}. The service may be overloaded, or the timeout for response headers too short (LlmTimeouts.StreamHeaders for a stream, ReplyHeaders for a whole answer)."
            )
            {
                Phase = LlmPhase.AwaitHeaders,
                IsRetryable = true,
            },
            LlmErrorKind.FirstEventTimeout => new(
                LlmErrorKind.FirstEventTimeout,
                $"The response began, but none of the answer arrived within {Text(_timeouts.FirstEvent)} (LlmTimeouts.FirstEvent)."
            )
            {
                Phase = LlmPhase.AwaitFirstEvent,
                IsRetryable = true,
            },
            LlmErrorKind.StallTimeout => new(
                LlmErrorKind.StallTimeout,
                $"The answer made no progress for {Text(_timeouts.Stall)} (LlmTimeouts.Stall)."
            )
            {
                Phase = LlmPhase.Streaming,
            },
            LlmErrorKind.DeadlineExceeded => new(
                LlmErrorKind.DeadlineExceeded,
                "The time for the whole call is used up (LlmTimeouts.StreamDeadline for a stream, ReplyDeadline for a whole answer)."
            )
            {
                Phase = Phase,
            },
            _ => new(LlmErrorKind.IdleTimeout, $"No bytes arrived for {Text(_timeouts.Idle)} (LlmTimeouts.Idle).") { Phase = Phase },
        };

    private static string Text(TimeSpan time) => string.Create(CultureInfo.InvariantCulture, $"{time.TotalSeconds:0.###} s");

    public void Dispose()
    {
        if (Interlocked.Exchange(ref _isDisposed, true))
            return;
        _calls?.Remove(this);
        _timer?.Dispose();
        _source.Dispose();
    }

    /// <summary>Ends the call.</summary>
    internal void Cancel() => _source.CancelQuietly();

    private TimeSpan HeadersLimit
    {
        get
        {
            if (_isStream)
                return _timeouts.StreamHeaders;
            return
                _hasBody
                || IsUnlimited(_timeouts.StreamHeaders)
                || (_timeouts.StreamHeaders > _timeouts.ReplyHeaders && !IsUnlimited(_timeouts.ReplyHeaders))
                ? _timeouts.ReplyHeaders
                : _timeouts.StreamHeaders;
        }
    }

    private LlmPhase Phase =>
        (Stage)Volatile.Read(ref _stage) switch
        {
            Stage.Headers => LlmPhase.AwaitHeaders,
            Stage.FirstEvent => LlmPhase.AwaitFirstEvent,
            _ => LlmPhase.Streaming,
        };

    private void Begin(long now)
    {
        _timer = _time.CreateTimer(static state => ((Watchdog)state!).OnTimer(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        if (_calls is not null && !_calls.TryAdd(this))
            Cancel();
        Arm(now);
    }

    private void OnTimer()
    {
        if (Volatile.Read(ref _isDisposed))
            return;
        // Cleared before checking whether a read waits: a wait that begins meanwhile is either seen here or sets the timer itself.
        Interlocked.Exchange(ref _due, long.MaxValue);
        long now = _time.GetTimestamp();
        var (kind, left) = Nearest(now);
        if (left > TimeSpan.Zero)
            Arm(now);
        else
            Expire(kind);
    }

    private void Expire(LlmErrorKind kind)
    {
        Volatile.Write(ref _expired, (byte)kind);
        Cancel();
    }

    private void Arm(long now)
    {
        var (kind, left) = Nearest(now);
        // Already reached: reads that never wait give the timer no chance to see it.
        if (left <= TimeSpan.Zero)
        {
            Expire(kind);
            return;
        }
        if (IsUnlimited(left))
            return;
        long due = now + (long)(left.TotalSeconds * _time.TimestampFrequency);
        if (due >= Volatile.Read(ref _due))
            return;
        lock (_source)
        {
            if (due >= _due)
                return;
            Volatile.Write(ref _due, due);
            // Timers count in milliseconds: slightly late is right, slightly early would check again in vain.
            _timer!.Change(TimeSpan.FromMilliseconds(Math.Ceiling(Math.Max(0, left.TotalMilliseconds))), Timeout.InfiniteTimeSpan);
        }
    }

    private bool FiresWithin(long now, TimeSpan limit)
    {
        long due = Volatile.Read(ref _due);
        return due > now && due != long.MaxValue && (limit == Timeout.InfiniteTimeSpan || _time.GetElapsedTime(now, due) <= limit);
    }

    private (LlmErrorKind Kind, TimeSpan Left) Nearest(long now)
    {
        var deadline = _isStream ? _timeouts.StreamDeadline : _timeouts.ReplyDeadline;
        var nearest = (Kind: LlmErrorKind.DeadlineExceeded, Left: Remaining(deadline, _callStart, now));
        // The stage first: a thread that sees that the head has arrived also sees that no read waits for it any more.
        var stage = (Stage)Volatile.Read(ref _stage);
        if (!Volatile.Read(ref _isWaiting))
            return nearest;
        if (stage == Stage.Headers)
        {
            // If two limits end at once, as those of a whole answer do, this one says more.
            var head = Remaining(HeadersLimit, _start, now);
            if (head <= nearest.Left)
                return (LlmErrorKind.HeadersTimeout, head);
            // A call of a chain begins a moment before its first attempt.
            return HeadersLimit == deadline && head - nearest.Left <= AtOnce ? (LlmErrorKind.HeadersTimeout, nearest.Left) : nearest;
        }
        if (stage == Stage.Ending)
            return Earlier(nearest, LlmErrorKind.IdleTimeout, Remaining(LastBytes, Volatile.Read(ref _waitStart), now));
        nearest = Earlier(nearest, LlmErrorKind.IdleTimeout, Remaining(_timeouts.Idle, Volatile.Read(ref _waitStart), now));
        if (!_isStream)
            return nearest;
        return stage == Stage.FirstEvent
            ? Earlier(nearest, LlmErrorKind.FirstEventTimeout, Remaining(_timeouts.FirstEvent, Volatile.Read(ref _progressStart), now))
            : Earlier(nearest, LlmErrorKind.StallTimeout, Remaining(_timeouts.Stall, Volatile.Read(ref _progressStart), now));
    }

    private static (LlmErrorKind, TimeSpan) Earlier((LlmErrorKind Kind, TimeSpan Left) a, LlmErrorKind kind, TimeSpan left) =>
        left < a.Left ? (kind, left) : a;

    private TimeSpan Remaining(TimeSpan limit, long since, long now) =>
        IsUnlimited(limit) ? TimeSpan.MaxValue : limit - _time.GetElapsedTime(since, now);
}
