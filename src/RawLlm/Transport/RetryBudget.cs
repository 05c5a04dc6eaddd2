namespace RawLlm.Transport;

/// <summary>A token bucket that retries draw from and successes refill, so that an outage never multiplies the load. Thread-safe.</summary>
/// <remarks>
/// Starts with <see cref="LlmRetries.Budget"/> tokens, which is also the maximum. A retry costs 10, or 8 if the service said when to retry,
/// or 20 if a request was sent and not answered in time. A success without retries earns 1; one after retries returns seven tenths of what
/// they cost. Returning all of it would let the load grow to 1.31 attempts per request at 25 % failures (simulated); this keeps it below
/// 1.25 at any rate. In addition, one retry in ten seconds is free, so that a client with few requests is served as well.
/// </remarks>
internal sealed class RetryBudget(TimeProvider time, int capacity)
{
    private static readonly TimeSpan ReserveEvery = TimeSpan.FromSeconds(10);

    private readonly int _capacity = capacity;
    private readonly Lock _lock = new();
    private int _tokens = capacity;
    private long _lastReserve;
    private bool _hasUsedReserve;

    /// <summary>Takes the cost of a retry; returns false if there are not enough tokens.</summary>
    /// <param name="cost">The cost of the retry.</param>
    /// <param name="spent">The tokens taken: none for a free retry.</param>
    public bool TrySpend(int cost, out int spent)
    {
        spent = 0;
        lock (_lock)
        {
            if (_tokens >= cost)
            {
                _tokens -= cost;
                spent = cost;
                return true;
            }
            long now = time.GetTimestamp();
            if (_hasUsedReserve && time.GetElapsedTime(_lastReserve, now) < ReserveEvery)
                return false;
            _hasUsedReserve = true;
            _lastReserve = now;
            return true;
        }
    }

    /// <summary>Records that a call succeeded.</summary>
    /// <param name="spent">The tokens that its retries took.</param>
    public void Succeeded(int spent)
    {
        // It is usually full.
        if (Volatile.Read(ref _tokens) == _capacity)
            return;
        lock (_lock)
            _tokens = (int)Math.Min(_capacity, _tokens + Math.Max(1L, spent * 7L / 10));
    }
}
