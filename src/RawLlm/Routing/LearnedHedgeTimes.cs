namespace RawLlm;

/// <summary>The 95th percentile of the last times, by nearest rank and within limits.</summary>
internal sealed class LearnedHedgeTimes(TimeSpan minDelay, TimeSpan maxDelay, int minCalls) : HedgeTimes
{
    // Models come from requests, so their number is limited: for any others, the options' delay applies.
    private const int MaxModels = 64;

    private readonly Lock _lock = new();
    private readonly Dictionary<(LlmClient Client, string Model, bool IsStream), Times> _times = [];

    public override TimeSpan? Delay(LlmClient client, string model, bool isStream)
    {
        lock (_lock)
        {
            if (!_times.TryGetValue((client, model, isStream), out var times) || times.Count < minCalls)
                return null;
            var found = times.Percentile95();
            return found > maxDelay && maxDelay > minDelay ? maxDelay
                : found < minDelay || maxDelay < minDelay ? minDelay
                : found;
        }
    }

    public override void Add(LlmClient client, string model, bool isStream, TimeSpan time)
    {
        lock (_lock)
        {
            var key = (client, model, isStream);
            if (_times.TryGetValue(key, out var times))
                times.Add(time);
            else if (_times.Count < MaxModels)
                (_times[key] = new Times()).Add(time);
        }
    }

    private sealed class Times
    {
        private readonly long[] _last = new long[Window];
        private long _added;
        private long _percentile;
        private long _percentileOf = -1;

        public int Count => (int)Math.Min(_added, Window);

        public void Add(TimeSpan time) => _last[_added++ % Window] = time.Ticks;

        public TimeSpan Percentile95()
        {
            if (_percentileOf != _added)
            {
                Span<long> sorted = stackalloc long[Window];
                sorted = sorted[..Count];
                _last.AsSpan(0, Count).CopyTo(sorted);
                sorted.Sort();
                _percentile = sorted[((Count * 95) + 99) / 100 - 1];
                _percentileOf = _added;
            }
            return new TimeSpan(_percentile);
        }
    }
}
