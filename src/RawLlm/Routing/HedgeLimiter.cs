namespace RawLlm;

/// <summary>Limits how many of a chain's calls ask two clients. Thread-safe.</summary>
/// <remarks>
/// A token bucket, in millionths: a call earns its share of a token, and asking a second client takes a whole one. It starts with, and
/// holds at most, what a hundred calls earn, but at least one token.
/// </remarks>
internal sealed class HedgeLimiter
{
    private const int Token = 1_000_000;

    private readonly Lock _lock = new();
    private readonly int _share;
    private readonly long _maxTokens;
    private long _tokens;
    private long _calls;
    private long _hedged;
    private long _refused;

    public HedgeLimiter(double share)
    {
        _share = (int)Math.Round(share * Token);
        _tokens = _maxTokens = Math.Max(Token, 100L * _share);
    }

    /// <summary>The counts of the calls so far.</summary>
    public HedgeCounts Counts
    {
        get
        {
            lock (_lock)
                return new HedgeCounts(_calls, _hedged, _refused);
        }
    }

    /// <summary>Records that a call begins.</summary>
    public void Call()
    {
        lock (_lock)
        {
            _calls++;
            _tokens = Math.Min(_maxTokens, _tokens + _share);
        }
    }

    /// <summary>Returns whether a second client may be asked, and records it.</summary>
    public bool TryHedge()
    {
        lock (_lock)
        {
            if (_tokens < Token)
            {
                _refused++;
                return false;
            }
            _tokens -= Token;
            _hedged++;
            return true;
        }
    }
}
