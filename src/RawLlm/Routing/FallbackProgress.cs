namespace RawLlm;

/// <summary>The results of a chain's call so far, which may ask two clients at once. Thread-safe.</summary>
internal sealed class FallbackProgress
{
    private readonly Lock _lock = new();
    private readonly List<LlmAttempt> _attempts = [];
    private LlmException? _failure;
    private int _sent;
    private int _parallelCount;

    /// <summary>The attempts that failed or were abandoned.</summary>
    public IReadOnlyList<LlmAttempt> Attempts
    {
        get
        {
            lock (_lock)
                return _attempts.Count == 0 ? [] : _attempts.ToArray();
        }
    }

    /// <summary>
    /// The first failure that is not temporary, which says most, otherwise the last; a budget that is exceeded later takes precedence; null
    /// if there is none.
    /// </summary>
    public LlmException? Failure
    {
        get
        {
            lock (_lock)
                return _failure is not null && _attempts.Count > 1 ? _failure.With(attempts: _attempts.ToArray()) : _failure;
        }
    }

    /// <summary>The number of requests that were sent and failed, plus those in progress in parallel with the asking one.</summary>
    public int Sent
    {
        get
        {
            lock (_lock)
                return _sent + _parallelCount;
        }
    }

    /// <summary>Counts an attempt.</summary>
    /// <param name="attempt">The attempt, with its outcome.</param>
    /// <param name="wasSent">Whether a request was sent at all.</param>
    public void Add(LlmAttempt attempt, bool wasSent = true)
    {
        lock (_lock)
        {
            _attempts.Add(attempt);
            if (wasSent)
                _sent++;
        }
    }

    /// <summary>Begins another request after the previous one was answered: sent requests are counted for each.</summary>
    public void BeginRequest()
    {
        lock (_lock)
            _sent = 0;
    }

    /// <summary>Records the error that ends a client's call.</summary>
    public void Add(LlmException failure)
    {
        lock (_lock)
        {
            if (_failure is null or { IsRetryable: true } || failure.Kind == LlmErrorKind.BudgetExceeded)
                _failure = failure;
        }
    }

    /// <summary>Records whether a second client is being asked in parallel with the first.</summary>
    public void SetParallel(bool isAsked)
    {
        lock (_lock)
            _parallelCount = isAsked ? 1 : 0;
    }
}
