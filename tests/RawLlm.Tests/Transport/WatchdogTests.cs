using RawLlm.Tests.Faults;
using RawLlm.Tests.Support;
using RawLlm.Transport;

namespace RawLlm.Tests.Transport;

public sealed class WatchdogTests
{
    private readonly VirtualTime _time = new();

    [Fact]
    public void Headers_NotInTime_Expire()
    {
        using var dog = Create(isStream: true);
        _time.Advance(TimeSpan.FromSeconds(119.9));
        Assert.Null(dog.Expired);
        _time.Advance(TimeSpan.FromSeconds(0.2));
        Assert.Equal(LlmErrorKind.HeadersTimeout, dog.Expired);
        Assert.True(dog.Token.IsCancellationRequested);
        Assert.Equal(LlmPhase.AwaitHeaders, dog.Failure().Phase);
    }

    [Fact]
    public void Headers_NonStreamingAnswer_HaveLongerLimit()
    {
        using var dog = Create(isStream: false);
        _time.Advance(TimeSpan.FromSeconds(599));
        Assert.Null(dog.Expired);
        _time.Advance(TimeSpan.FromSeconds(2));
        Assert.NotNull(dog.Expired);
    }

    [Theory]
    [InlineData(0.001, 600, LlmErrorKind.HeadersTimeout)]
    [InlineData(0.001, 600.05, LlmErrorKind.DeadlineExceeded)]
    [InlineData(5, 600, LlmErrorKind.DeadlineExceeded)]
    public void Headers_AttemptBeginsAfterCall_ExpireIfLimitsEndTogether(double seconds, double headers, LlmErrorKind expected)
    {
        long callStart = _time.GetTimestamp();
        _time.Advance(TimeSpan.FromSeconds(seconds));
        using var dog = new Watchdog(
            new LlmTimeouts { ReplyHeaders = TimeSpan.FromSeconds(headers) },
            _time,
            isStream: false,
            CancellationToken.None,
            callStart
        );
        _time.Advance(TimeSpan.FromSeconds(600 - seconds) - TimeSpan.FromMilliseconds(1));
        Assert.Null(dog.Expired);
        _time.Advance(TimeSpan.FromMilliseconds(2));
        Assert.Equal(expected, dog.Expired);
    }

    [Fact]
    public void FirstEvent_OnlyCommentsArrive_Expires()
    {
        using var dog = Create(isStream: true);
        dog.HeadersCame();
        for (int second = 0; second < 290; second += 10)
            Wait(dog, TimeSpan.FromSeconds(10), hasProgressed: false);
        Assert.Null(dog.Expired);
        dog.BeginWait(hasProgressed: false);
        _time.Advance(TimeSpan.FromSeconds(20));
        Assert.Equal(LlmErrorKind.FirstEventTimeout, dog.Expired);
    }

    [Fact]
    [Case(139)]
    public void Idle_NoByteArrives_Expires()
    {
        using var dog = Create(isStream: true);
        dog.HeadersCame();
        dog.BeginWait(hasProgressed: true);
        _time.Advance(TimeSpan.FromSeconds(89));
        Assert.Null(dog.Expired);
        _time.Advance(TimeSpan.FromSeconds(2));
        Assert.Equal(LlmErrorKind.IdleTimeout, dog.Expired);
    }

    [Fact]
    public void Waits_ManyInSequence_DoNotSetTimerEachTime()
    {
        using var dog = Create(isStream: true);
        dog.HeadersCame();
        int before = _time.Changes;
        for (int i = 0; i < 10_000; i++)
            Wait(dog, TimeSpan.FromMilliseconds(50), hasProgressed: true);
        // 500 seconds of short waits under an idle limit of 90 s: the timer is set only if it would fire too late, or after it has fired.
        Assert.InRange(_time.Changes - before, 1, 20);
        Assert.Null(dog.Expired);
    }

    [Fact]
    public void Wait_AfterTimerFiredWithoutWait_StillExpires()
    {
        using var dog = Create(isStream: true);
        dog.HeadersCame();
        Wait(dog, TimeSpan.FromSeconds(1), hasProgressed: true);
        // The caller is busy for longer than any wait may take: the timer fires while no read is waiting.
        _time.Advance(TimeSpan.FromSeconds(400));
        Assert.Null(dog.Expired);
        dog.BeginWait(hasProgressed: true);
        _time.Advance(TimeSpan.FromSeconds(91));
        Assert.Equal(LlmErrorKind.IdleTimeout, dog.Expired);
    }

    [Fact]
    [Case(140)]
    public void Stall_BytesWithoutProgress_Expires()
    {
        using var dog = Create(isStream: true);
        dog.HeadersCame();
        Wait(dog, TimeSpan.FromSeconds(80), hasProgressed: true);
        for (int i = 0; i < 2; i++)
            Wait(dog, TimeSpan.FromSeconds(80), hasProgressed: false);
        Assert.Null(dog.Expired);
        dog.BeginWait(hasProgressed: false);
        _time.Advance(TimeSpan.FromSeconds(70));
        Assert.Equal(LlmErrorKind.StallTimeout, dog.Expired);
    }

    [Fact]
    public void Watchdog_NoReadIsWaiting_DoesNotExpire()
    {
        using var dog = Create(isStream: true);
        dog.HeadersCame();
        Wait(dog, TimeSpan.FromSeconds(1), hasProgressed: true);
        _time.Advance(TimeSpan.FromHours(3));
        Assert.Null(dog.Expired);
        dog.BeginWait(hasProgressed: true);
        _time.Advance(TimeSpan.FromSeconds(89));
        Assert.Null(dog.Expired);
    }

    [Fact]
    public void Headers_BeginCalledLate_AreTimedFromStart()
    {
        using var dog = new Watchdog(LlmTimeouts.Default, _time, isStream: true, CancellationToken.None, begins: false);
        _time.Advance(TimeSpan.FromSeconds(100));
        dog.Begin();
        _time.Advance(TimeSpan.FromSeconds(19));
        Assert.Null(dog.Expired);
        _time.Advance(TimeSpan.FromSeconds(2));
        Assert.Equal(LlmErrorKind.HeadersTimeout, dog.Expired);
    }

    [Fact]
    public void Headers_BeginCalledAfterLimit_ExpireImmediately()
    {
        using var dog = new Watchdog(LlmTimeouts.Default, _time, isStream: true, CancellationToken.None, begins: false);
        _time.Advance(TimeSpan.FromSeconds(121));
        Assert.Null(dog.Expired);
        dog.Begin();
        Assert.Equal(LlmErrorKind.HeadersTimeout, dog.Expired);
        Assert.True(dog.Token.IsCancellationRequested);
    }

    [Fact]
    public void Wait_EarlierTimerPending_ExpiresAtOwnLimit()
    {
        using var dog = new Watchdog(
            new LlmTimeouts { Idle = TimeSpan.FromSeconds(150), Stall = TimeSpan.FromSeconds(200) },
            _time,
            isStream: true,
            CancellationToken.None
        );
        dog.HeadersCame();
        _time.Advance(TimeSpan.FromSeconds(100));
        // The timer for the head is due in 20 s.
        dog.BeginWait(hasProgressed: true);
        _time.Advance(TimeSpan.FromSeconds(149));
        Assert.Null(dog.Expired);
        _time.Advance(TimeSpan.FromSeconds(2));
        Assert.Equal(LlmErrorKind.IdleTimeout, dog.Expired);
    }

    [Fact]
    public void Deadline_Set_ExpiresDespiteProgress()
    {
        using var dog = new Watchdog(
            new LlmTimeouts { StreamDeadline = TimeSpan.FromSeconds(5) },
            _time,
            isStream: true,
            CancellationToken.None
        );
        dog.HeadersCame();
        Wait(dog, TimeSpan.FromSeconds(2), hasProgressed: true);
        _time.Advance(TimeSpan.FromSeconds(3));
        Assert.Equal(LlmErrorKind.DeadlineExceeded, dog.Expired);
    }

    [Theory]
    [InlineData(120, 600)]
    [InlineData(600, 120)]
    public void Headers_RequestWithoutBody_HaveShorterLimit(int streamSeconds, int replySeconds)
    {
        var timeouts = new LlmTimeouts
        {
            StreamHeaders = TimeSpan.FromSeconds(streamSeconds),
            ReplyHeaders = TimeSpan.FromSeconds(replySeconds),
        };
        using var dog = new Watchdog(timeouts, _time, isStream: false, CancellationToken.None, hasBody: false);
        _time.Advance(TimeSpan.FromSeconds(119));
        Assert.Null(dog.Expired);
        _time.Advance(TimeSpan.FromSeconds(2));
        Assert.Equal((LlmErrorKind.HeadersTimeout, LlmPhase.AwaitHeaders), (dog.Expired, dog.Failure().Phase));
        Assert.Contains("within 120 s", dog.Failure().Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(-1)]
    [InlineData(40 * 86400)]
    public void Headers_RequestWithoutBodyAndLongStreamLimit_HaveReplyLimit(int seconds)
    {
        var limit = seconds < 0 ? Timeout.InfiniteTimeSpan : TimeSpan.FromSeconds(seconds);
        using var dog = new Watchdog(
            new LlmTimeouts { StreamHeaders = limit },
            _time,
            isStream: false,
            CancellationToken.None,
            hasBody: false
        );
        _time.Advance(TimeSpan.FromSeconds(599));
        Assert.Null(dog.Expired);
        _time.Advance(TimeSpan.FromSeconds(2));
        Assert.Equal(LlmErrorKind.HeadersTimeout, dog.Expired);
    }

    [Fact]
    public void Headers_MissingForNonStreamingAnswer_IsRetryableTimeout()
    {
        using var dog = Create(isStream: false);
        _time.Advance(TimeSpan.FromSeconds(601));
        Assert.Equal(LlmErrorKind.HeadersTimeout, dog.Expired);
        Assert.Equal((LlmPhase.AwaitHeaders, true), (dog.Failure().Phase, dog.Failure().IsRetryable));
    }

    [Theory]
    [InlineData(false, false, LlmPhase.AwaitHeaders)]
    [InlineData(true, false, LlmPhase.AwaitFirstEvent)]
    [InlineData(true, true, LlmPhase.Streaming)]
    public void Deadline_Reached_ReportsPhase(bool hasHead, bool hasEvent, LlmPhase phase)
    {
        using var dog = new Watchdog(
            new LlmTimeouts { StreamDeadline = TimeSpan.FromSeconds(5) },
            _time,
            isStream: true,
            CancellationToken.None
        );
        if (hasHead)
        {
            dog.HeadersCame();
            dog.BeginWait(hasEvent);
        }
        _time.Advance(TimeSpan.FromSeconds(6));
        Assert.Equal((LlmErrorKind.DeadlineExceeded, phase), (dog.Expired, dog.Failure().Phase));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    [Case(142)]
    public void Limits_MaxValue_SetNoTimer(bool isStream)
    {
        var timeouts = new LlmTimeouts
        {
            StreamHeaders = TimeSpan.MaxValue,
            ReplyHeaders = TimeSpan.MaxValue,
            FirstEvent = TimeSpan.MaxValue,
            Idle = TimeSpan.MaxValue,
            Stall = TimeSpan.MaxValue,
            ReplyDeadline = TimeSpan.MaxValue,
            StreamDeadline = TimeSpan.MaxValue,
        };
        // The call starts later than the current time.
        using var dog = new Watchdog(
            timeouts,
            _time,
            isStream,
            CancellationToken.None,
            callStart: TimeSpan.TicksPerHour,
            start: TimeSpan.TicksPerHour
        );
        dog.HeadersCame();
        dog.BeginWait(hasProgressed: false);
        dog.EndWait();
        dog.BeginWait(hasProgressed: true);
        _time.Advance(TimeSpan.FromDays(39));
        Assert.Null(dog.Expired);
        Assert.Equal(0, _time.Pending);
    }

    [Fact]
    public void CallerToken_Canceled_IsNoTimeout()
    {
        using var source = new CancellationTokenSource();
        using var dog = new Watchdog(LlmTimeouts.Default, _time, isStream: true, source.Token);
        source.Cancel();
        Assert.True(dog.Token.IsCancellationRequested);
        Assert.Null(dog.Expired);
    }

    [Fact]
    public void Dispose_AtAnyTime_LeavesNoTimer()
    {
        Create(isStream: true).Dispose();
        Assert.Equal(0, _time.Pending);
    }

    private Watchdog Create(bool isStream) => new(LlmTimeouts.Default, _time, isStream, CancellationToken.None);

    private void Wait(Watchdog dog, TimeSpan time, bool hasProgressed)
    {
        dog.BeginWait(hasProgressed);
        _time.Advance(time);
        dog.EndWait();
    }
}
