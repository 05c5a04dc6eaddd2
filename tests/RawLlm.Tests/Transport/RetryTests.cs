using RawLlm.Tests.Faults;
using RawLlm.Tests.Support;
using RawLlm.Transport;

namespace RawLlm.Tests.Transport;

public sealed class RetryTests
{
    private readonly VirtualTime _time = new();

    [Theory]
    [InlineData(0.0, 0.05)]
    [InlineData(0.5, 0.25)]
    [InlineData(1.0, 0.5)]
    public void Delay_FirstRetry_IsRandomWithinFullRange(double random, double seconds)
    {
        Assert.True(Create(random: random).TryNext(Failure(LlmErrorKind.ServerError), null, TimeSpan.MaxValue, out var delay));
        Assert.Equal(seconds, delay.TotalSeconds, 3);
    }

    [Theory]
    [InlineData(0, 8000, 0)]
    [InlineData(500, 0, 0)]
    [InlineData(500, 10, 10)]
    public void Delay_LowMaxDelay_IsAtMostMaxDelay(int first, int most, int milliseconds)
    {
        var retries = new LlmRetries { BaseDelay = TimeSpan.FromMilliseconds(first), MaxDelay = TimeSpan.FromMilliseconds(most) };
        Assert.True(Create(retries, random: 0).TryNext(Failure(LlmErrorKind.ServerError), null, TimeSpan.MaxValue, out var delay));
        Assert.Equal(milliseconds, delay.TotalMilliseconds, 3);
    }

    [Fact]
    public void Delay_LaterRetries_DoublesUpToMaxDelay()
    {
        var retry = Create(new LlmRetries { MaxAttempts = 12, MaxDelay = TimeSpan.FromSeconds(2) }, random: 1);
        var delays = new List<double>();
        while (delays.Count < 5 && retry.TryNext(Failure(LlmErrorKind.ServerError), null, TimeSpan.MaxValue, out var delay))
            delays.Add(delay.TotalSeconds);
        Assert.Equal([0.5, 1, 2, 2, 2], delays);
    }

    [Fact]
    public void RetryAfter_Given_IsMinimumDelay()
    {
        Assert.True(Create(random: 0).TryNext(Failure(LlmErrorKind.RateLimited, retryAfter: 7), null, TimeSpan.MaxValue, out var earliest));
        Assert.True(Create(random: 1).TryNext(Failure(LlmErrorKind.RateLimited, retryAfter: 7), null, TimeSpan.MaxValue, out var latest));
        Assert.Equal((7.0, 7.7), (earliest.TotalSeconds, latest.TotalSeconds));
    }

    [Fact]
    public void RetryAfter_Zero_UsesRandomDelay()
    {
        Assert.True(Create(random: 1).TryNext(Failure(LlmErrorKind.ServerError, retryAfter: 0), null, TimeSpan.MaxValue, out var delay));
        Assert.Equal(0.5, delay.TotalSeconds);
    }

    [Theory]
    [InlineData(LlmErrorKind.ServerError, 500)]
    [InlineData(LlmErrorKind.Overloaded, 503)]
    [Case(135)]
    public void Failure_CausedByBadRequest_IsRetriedOnce(LlmErrorKind kind, int status)
    {
        var retry = Create(new LlmRetries { MaxAttempts = 9 });
        var failure = new LlmException(kind, "x")
        {
            IsRetryable = true,
            Status = status,
            CauseKind = LlmErrorKind.BadRequest,
        };

        Assert.True(retry.TryNext(failure, null, TimeSpan.MaxValue, out _));
        Assert.False(retry.TryNext(failure, null, TimeSpan.MaxValue, out _));
    }

    [Fact]
    [Case(131)]
    public void RetryAfter_LongerThanMaxRetryAfter_IsNotRetried() =>
        Assert.False(Create().TryNext(Failure(LlmErrorKind.RateLimited, retryAfter: 61), null, TimeSpan.MaxValue, out _));

    [Fact]
    [Case(131)]
    public void RetryAfter_LongerThanTimerMaximum_IsNotRetried()
    {
        var retries = new LlmRetries { MaxRetryAfter = TimeSpan.MaxValue };
        Assert.True(
            Create(retries).TryNext(Failure(LlmErrorKind.RateLimited, retryAfter: 39 * 86400), null, TimeSpan.MaxValue, out var delay)
        );
        Assert.Equal(39, delay.Days);
        Assert.False(Create(retries).TryNext(Failure(LlmErrorKind.RateLimited, retryAfter: 50 * 86400), null, TimeSpan.MaxValue, out _));
        var longest = new LlmException(LlmErrorKind.RateLimited, "failed") { IsRetryable = true, RetryAfter = TimeSpan.MaxValue };
        Assert.False(Create(retries).TryNext(longest, null, TimeSpan.MaxValue, out _));
    }

    [Fact]
    public void Delay_MaxValue_IsCappedAtTimerMaximum()
    {
        var retry = Create(new LlmRetries { BaseDelay = TimeSpan.MaxValue, MaxDelay = TimeSpan.MaxValue }, random: 1);
        Assert.True(retry.TryNext(Failure(LlmErrorKind.Overloaded), null, TimeSpan.MaxValue, out var delay));
        Assert.Equal(TimeSpan.FromDays(40), delay);
    }

    [Theory]
    [InlineData(LlmErrorKind.QuotaExhausted)]
    [InlineData(LlmErrorKind.Authentication)]
    [InlineData(LlmErrorKind.ContextLengthExceeded)]
    [InlineData(LlmErrorKind.BadRequest)]
    [InlineData(LlmErrorKind.TlsFailed)]
    public void Failure_NotRetryable_IsNotRetried(LlmErrorKind kind)
    {
        Assert.False(Create().TryNext(Failure(kind, isRetryable: false), null, TimeSpan.MaxValue, out _));
        Assert.False(Create().TryNext(Failure(kind, isRetryable: false), true, TimeSpan.MaxValue, out _));
    }

    [Fact]
    [Case(132)]
    public void ServerVerdict_False_IsNotRetried() =>
        Assert.False(Create().TryNext(Failure(LlmErrorKind.Overloaded), false, TimeSpan.MaxValue, out _));

    [Fact]
    public void ServerVerdict_TrueWithServerError_IsRetried() =>
        Assert.True(Create().TryNext(Failure(LlmErrorKind.ServerError, isRetryable: false), true, TimeSpan.MaxValue, out _));

    [Fact]
    [Case(154)]
    public void Failure_OutputCommitted_IsNotRetried()
    {
        var failure = new LlmException(LlmErrorKind.ConnectionLost, "lost") { IsRetryable = true, OutputCommitted = true };
        Assert.False(Create().TryNext(failure, true, TimeSpan.MaxValue, out _));
    }

    [Fact]
    public void Attempts_OfCall_AreLimited()
    {
        var retry = Create();
        Assert.True(retry.TryNext(Failure(LlmErrorKind.ServerError), null, TimeSpan.MaxValue, out _));
        Assert.True(retry.TryNext(Failure(LlmErrorKind.ServerError), null, TimeSpan.MaxValue, out _));
        Assert.False(retry.TryNext(Failure(LlmErrorKind.ServerError), null, TimeSpan.MaxValue, out _));
    }

    [Fact]
    public void Timeout_AfterRequestWasSent_IsRetriedOnce()
    {
        var retry = Create();
        Assert.True(retry.TryNext(Failure(LlmErrorKind.HeadersTimeout), null, TimeSpan.MaxValue, out _));
        Assert.False(retry.TryNext(Failure(LlmErrorKind.HeadersTimeout), null, TimeSpan.MaxValue, out _));
    }

    [Fact]
    [Case(156)]
    public void RetryBudget_Empty_AllowsOneRetryPerTenSeconds()
    {
        var budget = new RetryBudget(_time, LlmRetries.Default.Budget);
        int repeated = 0;
        for (int call = 0; call < 1000; call++)
        {
            var retry = new Retry(LlmRetries.Default, budget, () => 0.5);
            while (retry.TryNext(Failure(LlmErrorKind.ServerError), null, TimeSpan.MaxValue, out _))
                repeated++;
        }
        Assert.Equal(11, repeated);
        _time.Advance(TimeSpan.FromSeconds(10));
        Assert.True(
            new Retry(LlmRetries.Default, budget, () => 0.5).TryNext(Failure(LlmErrorKind.ServerError), null, TimeSpan.MaxValue, out _)
        );
        Assert.False(
            new Retry(LlmRetries.Default, budget, () => 0.5).TryNext(Failure(LlmErrorKind.ServerError), null, TimeSpan.MaxValue, out _)
        );
    }

    [Theory]
    [InlineData(null, 20)]
    [InlineData(8.0, 8)]
    [InlineData(1.0, 1)]
    [InlineData(12.0, 12)]
    [InlineData(30.0, 30)]
    public void Delay_OverloadedService_IsLimitedByMaxDelay(double? most, double ceiling)
    {
        var retries = new LlmRetries { MaxAttempts = 12 };
        if (most is { } seconds)
            retries = retries with { MaxDelay = TimeSpan.FromSeconds(seconds) };
        var retry = Create(retries, random: 1);
        double longest = 0;
        for (int i = 0; i < 8 && retry.TryNext(Failure(LlmErrorKind.Overloaded), null, TimeSpan.MaxValue, out var delay); i++)
            longest = Math.Max(longest, delay.TotalSeconds);
        Assert.Equal(ceiling, longest, 3);
    }

    [Fact]
    public void RetryBudget_FreeRetrySucceeds_RefundsNothing()
    {
        var budget = new RetryBudget(_time, LlmRetries.Default.Budget);
        for (int i = 0; i < 10; i++)
        {
            Assert.True(
                new Retry(LlmRetries.Default, budget, () => 0.5).TryNext(Failure(LlmErrorKind.ServerError), null, TimeSpan.MaxValue, out _)
            );
        }

        var free = new Retry(LlmRetries.Default, budget, () => 0.5);
        Assert.True(free.TryNext(Failure(LlmErrorKind.ServerError), null, TimeSpan.MaxValue, out _));
        free.Succeeded();
        for (int i = 0; i < 4; i++)
            budget.Succeeded(0);
        // Five tokens were earned. If the free retry had returned seven, there would be enough for a retry that costs ten.
        Assert.False(
            new Retry(LlmRetries.Default, budget, () => 0.5).TryNext(Failure(LlmErrorKind.ServerError), null, TimeSpan.MaxValue, out _)
        );
    }

    [Fact]
    public void RetryBudget_Successes_EarnRetries()
    {
        var budget = new RetryBudget(_time, LlmRetries.Default.Budget);
        while (budget.TrySpend(10, out _)) { }
        for (int i = 0; i < 10; i++)
            budget.Succeeded(0);
        Assert.True(budget.TrySpend(10, out _));
        Assert.False(budget.TrySpend(10, out _));
    }

    [Fact]
    public void Proxy_ConnectFails_IsRetriedTwiceWithoutBudget()
    {
        var budget = new RetryBudget(_time, LlmRetries.Default.Budget);
        while (budget.TrySpend(10, out int spent) && spent > 0) { }
        var failure = new LlmException(LlmErrorKind.ProxyFailed, "x") { Phase = LlmPhase.Connect, IsRetryable = true };
        var retry = new Retry(new LlmRetries { MaxAttempts = 9 }, budget, () => 0.5);
        Assert.True(retry.TryNext(failure, null, TimeSpan.MaxValue, out _));
        Assert.True(retry.TryNext(failure, null, TimeSpan.MaxValue, out _));
        Assert.False(retry.TryNext(failure, null, TimeSpan.MaxValue, out _));
        Assert.False(retry.IsSuppressed);
    }

    private Retry Create(LlmRetries? options = null, double random = 0.5) =>
        new(options ?? LlmRetries.Default, new RetryBudget(_time, LlmRetries.Default.Budget), () => random);

    private static LlmException Failure(LlmErrorKind kind, double? retryAfter = null, bool isRetryable = true) =>
        new(kind, "failed") { IsRetryable = isRetryable, RetryAfter = retryAfter is { } seconds ? TimeSpan.FromSeconds(seconds) : null };
}
