namespace RawLlm;

/// <summary>Bounds how many of a chain's calls are asked of two clients. Thread-safe.</summary>
/// <remarks>Tokens in millionths: a call earns its share of one, asking a second client takes a whole one. As many as a hundred calls earn, and one at least, are there at first and at most.</remarks>
internal sealed class HedgeCap
{
    private const int Token = 1_000_000;

    private readonly Lock _lock = new();
    private readonly int _share;
    private readonly long _most;
    private long _tokens;
    private long _calls;
    private long _hedged;
    private long _refused;

    public HedgeCap(double share)
    {
        _share = (int)Math.Round(share * Token);
        _tokens = _most = Math.Max(Token, 100L * _share);
    }

    /// <summary>What became of the calls so far.</summary>
    public HedgeCounts Counts
    {
        get
        {
            lock (_lock)
                return new HedgeCounts(_calls, _hedged, _refused);
        }
    }

    /// <summary>A call begins.</summary>
    public void Call()
    {
        lock (_lock)
        {
            _calls++;
            _tokens = Math.Min(_most, _tokens + _share);
        }
    }

    /// <summary>Whether a second client may be asked.</summary>
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
