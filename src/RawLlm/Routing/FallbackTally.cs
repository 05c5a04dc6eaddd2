namespace RawLlm;

/// <summary>What came of a chain's call so far: two clients may be asked at once. Thread-safe.</summary>
internal sealed class FallbackTally
{
    private readonly Lock _lock = new();
    private readonly List<LlmAttempt> _attempts = [];
    private LlmException? _failure;
    private int _sent;
    private int _beside;

    /// <summary>What failed, or was not waited for.</summary>
    public IReadOnlyList<LlmAttempt> Attempts
    {
        get
        {
            lock (_lock)
                return _attempts.Count == 0 ? [] : _attempts.ToArray();
        }
    }

    /// <summary>Of several failures the first that would not pass by itself, which tells most, or else the last; null while there is none.</summary>
    public LlmException? Failure
    {
        get
        {
            lock (_lock)
                return _failure is not null && _attempts.Count > 1 ? _failure.With(attempts: _attempts.ToArray()) : _failure;
        }
    }

    /// <summary>How many requests were sent and failed, and are under way beside the one that asks.</summary>
    public int Sent
    {
        get
        {
            lock (_lock)
                return _sent + _beside;
        }
    }

    /// <summary>Counts an attempt.</summary>
    /// <param name="attempt">What became of it.</param>
    /// <param name="wasSent">Whether the service was asked at all.</param>
    public void Add(LlmAttempt attempt, bool wasSent = true)
    {
        lock (_lock)
        {
            _attempts.Add(attempt);
            if (wasSent)
                _sent++;
        }
    }

    /// <summary>Another request begins, the one before was answered: what is sent is counted for each.</summary>
    public void BeginRequest()
    {
        lock (_lock)
            _sent = 0;
    }

    /// <summary>A client has failed for good.</summary>
    public void Add(LlmException failure)
    {
        lock (_lock)
        {
            if (_failure is null or { IsRetryable: true } || failure.Kind == LlmErrorKind.BudgetExceeded)
                _failure = failure;
        }
    }

    /// <summary>A second client is asked beside the first one, or is no longer.</summary>
    public void AskBeside(bool isAsked)
    {
        lock (_lock)
            _beside = isAsked ? 1 : 0;
    }
}
