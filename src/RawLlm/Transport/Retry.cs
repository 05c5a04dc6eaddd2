namespace RawLlm.Transport;

/// <summary>Decides whether and when another attempt follows a failed one. Only calculates; the waiting is done elsewhere.</summary>
internal sealed class Retry(LlmRetries options, RetryBudget budget, Func<double> random)
{
    private const int MaxUnsent = 2;
    private const int SecondsForOverloaded = 20;
    private const double ShortestSeconds = 0.05;

    private int _attempts = 1;
    private int _unsent;
    private int _timeouts;
    private int _conflicts;
    private int _blamed;
    private int _spent;

    /// <summary>Whether the budget was the only reason against another attempt.</summary>
    public bool IsSuppressed { get; private set; }

    /// <summary>Returns whether to make another attempt after a failure.</summary>
    /// <param name="failure">The failure, before which nothing of an answer was delivered.</param>
    /// <param name="serverSays">The value of the service's <c>x-should-retry</c>; null if it sent none.</param>
    /// <param name="left">The time that is left for the whole call.</param>
    /// <param name="delay">How long to wait first.</param>
    public bool TryNext(LlmException failure, bool? serverSays, TimeSpan left, out TimeSpan delay)
    {
        delay = default;
        if (serverSays == false || failure.OutputCommitted || !IsWorthwhile(failure, serverSays) || _attempts >= options.MaxAttempts)
            return false;
        if (failure.RetryAfter > options.MaxRetryAfter || failure.RetryAfter >= Watchdog.LongestTimer)
            return false;
        // If the wait would exceed the deadline, the call fails at once.
        delay = Delay(failure);
        if (delay >= left)
            return false;
        // A request that was certainly not sent costs the service nothing: it takes no tokens, but it is not repeated endlessly either.
        if (IsUnsent(failure))
        {
            if (++_unsent > MaxUnsent)
                return false;
        }
        else
        {
            int cost =
                IsTimeout(failure.Kind) ? 20
                : failure.RetryAfter is not null ? 8
                : 10;
            if (!budget.TrySpend(cost, out int spent))
            {
                IsSuppressed = true;
                return false;
            }
            _spent += spent;
        }
        if (IsTimeout(failure.Kind))
            _timeouts++;
        if (failure.Status == 409)
            _conflicts++;
        if (BlamesRequest(failure))
            _blamed++;
        _attempts++;
        return true;
    }

    /// <summary>
    /// Returns whether to send a different request instead of the one that was refused. It counts as an attempt, but needs no wait and
    /// takes no tokens: the service did not refuse because of its load.
    /// </summary>
    public bool TryAnother()
    {
        if (_attempts >= options.MaxAttempts)
            return false;
        _attempts++;
        return true;
    }

    /// <summary>Records that the call succeeded.</summary>
    public void Succeeded() => budget.Succeeded(_spent);

    private bool IsWorthwhile(LlmException failure, bool? serverSays)
    {
        // A timeout after the request was sent has cost money; a conflict, or a failure that blames the request, is worth one more attempt.
        if (
            (IsTimeout(failure.Kind) && _timeouts > 0)
            || (failure.Status == 409 && _conflicts > 0)
            || (BlamesRequest(failure) && _blamed > 0)
        )
        {
            return false;
        }

        return failure.IsRetryable || (serverSays == true && failure.Kind is LlmErrorKind.ServerError);
    }

    private TimeSpan Delay(LlmException failure)
    {
        // A wait of zero, or one that ends in the past, names no time: the delay is random as usual.
        if (failure.RetryAfter is { } asked && asked > TimeSpan.Zero)
        {
            // Never earlier than requested; slightly later, so that clients that were sent away together do not return together.
            double spread = Math.Min(1, 0.1 * asked.TotalSeconds) * random();
            return asked + TimeSpan.FromSeconds(spread);
        }
        var kind = failure.Meaning;
        bool isOverloaded = kind is LlmErrorKind.Overloaded or LlmErrorKind.RateLimited;
        double first = options.BaseDelay.TotalSeconds * (isOverloaded ? 2 : 1);
        double maxDelay =
            kind is LlmErrorKind.Overloaded && options.ChosenMaxDelay is null ? SecondsForOverloaded : options.MaxDelay.TotalSeconds;
        double ceiling = Math.Min(Math.Min(maxDelay, Watchdog.LongestTimer.TotalSeconds), first * Math.Pow(2, Math.Min(_attempts - 1, 30)));
        return TimeSpan.FromSeconds(Math.Max(Math.Min(ShortestSeconds, ceiling), ceiling * random()));
    }

    private static bool IsUnsent(LlmException failure) =>
        failure.Kind is LlmErrorKind.ConnectFailed or LlmErrorKind.ConnectTimeout or LlmErrorKind.NameResolution
        // Nothing is sent to a proxy that cannot be reached either; one that can be reached answers with a status.
        || failure is { Kind: LlmErrorKind.ProxyFailed, Phase: LlmPhase.Connect }
        || failure.IsUnread;

    private static bool BlamesRequest(LlmException failure) =>
        failure is { Kind: LlmErrorKind.ServerError or LlmErrorKind.Overloaded, CauseKind: not null };

    private static bool IsTimeout(LlmErrorKind kind) => kind is LlmErrorKind.HeadersTimeout or LlmErrorKind.FirstEventTimeout;
}
