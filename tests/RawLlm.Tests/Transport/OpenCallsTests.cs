using RawLlm.Tests.Support;
using RawLlm.Transport;

namespace RawLlm.Tests.Transport;

public sealed class OpenCallsTests
{
    private readonly VirtualTime _time = new();
    private readonly OpenCalls _calls = new();

    [Fact]
    public void Close_OpenCalls_AreCanceled()
    {
        var calls = Enumerable.Range(0, 5).Select(_ => Begin()).ToList();
        foreach (int ended in (int[])[2, 0, 4])
            calls[ended].Dispose();
        Assert.Equal(2, _calls.Count);
        var tokens = new[] { calls[1].Token, calls[3].Token };
        _calls.Close();
        Assert.All(tokens, token => Assert.True(token.IsCancellationRequested));
        Assert.Equal(0, _calls.Count);
        Assert.True(calls[1].IsClosed);
        foreach (var call in calls)
            call.Dispose();
        Assert.Equal(0, _time.Pending);
    }

    [Fact]
    public void Close_CancellationRegistrationThrows_CancelsAllCalls()
    {
        using var first = Begin();
        using var second = Begin();
        using var third = Begin();
        using var registration = second.Token.Register(() => throw new InvalidOperationException("a handler's own"));
        _calls.Close();
        Assert.True(first.Token.IsCancellationRequested && second.Token.IsCancellationRequested && third.Token.IsCancellationRequested);
    }

    [Fact]
    public void Close_CallEndsAnotherDuringCancellation_EndsAll()
    {
        using var first = Begin();
        using var second = Begin();
        using var registration = second.Token.Register(first.Dispose);
        _calls.Close();
        Assert.Equal(0, _calls.Count);
    }

    [Fact]
    public void Begin_AfterClose_IsCanceledImmediately()
    {
        _calls.Close();
        using var late = Begin();
        Assert.True(late.Token.IsCancellationRequested && late.IsClosed);
        Assert.Null(late.Expired);
        Assert.Equal(0, _calls.Count);
    }

    [Fact]
    public void Calls_FromManyThreads_AreAllRemoved()
    {
        Parallel.For(
            0,
            2000,
            _ =>
            {
                using var call = Begin(TimeProvider.System);
                using var another = Begin(TimeProvider.System);
            }
        );
        Assert.Equal(0, _calls.Count);
    }

    private Watchdog Begin(TimeProvider? time = null) =>
        new(LlmTimeouts.Default, time ?? _time, isStream: true, CancellationToken.None, calls: _calls);
}
