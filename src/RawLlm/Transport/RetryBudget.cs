namespace RawLlm.Transport;

/// <summary>Tokens that repetitions cost and successes earn, so that an outage never multiplies the load. Thread-safe.</summary>
/// <remarks>
/// As many tokens as <see cref="LlmRetries.Budget"/> at most and at first; a repetition costs 10, or 8 where the service said when to come, or 20 where a request was sent and
/// not answered in time. A clean success earns 1, one after repetitions gives back seven tenths of what they cost: all of it would let the
/// load grow to 1.31 attempts per request at 25 % failures (simulated), this keeps it below 1.25 at any rate. Besides, one repetition in ten
/// seconds is free, so that a client that asks seldom is served as well.
/// </remarks>
internal sealed class RetryBudget(TimeProvider time, int capacity)
{
    private static readonly TimeSpan ReserveEvery = TimeSpan.FromSeconds(10);

    private readonly int _capacity = capacity;
    private readonly Lock _lock = new();
    private int _tokens = capacity;
    private long _lastReserve;
    private bool _hasUsedReserve;

    /// <summary>Takes what a repetition costs; false where there is not enough.</summary>
    /// <param name="cost">What it costs.</param>
    /// <param name="spent">What was taken: nothing for the one that is free.</param>
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

    /// <summary>A call succeeded.</summary>
    /// <param name="spent">What its repetitions took.</param>
    public void Succeeded(int spent)
    {
        // As a rule it is full.
        if (Volatile.Read(ref _tokens) == _capacity)
            return;
        lock (_lock)
            _tokens = (int)Math.Min(_capacity, _tokens + Math.Max(1L, spent * 7L / 10));
    }
}
