namespace RawLlm.Protocols;

/// <summary>
/// The bodies of a client's last requests, one for each of its latest conversations: a conversation that grows by a message costs the
/// writing of that message and a copy of the rest. Thread-safe.
/// </summary>
/// <remarks>
/// Bodies hold prompts. They lie in pooled buffers, which are cleared when they are given back, and all of them when the client is
/// disposed. A body is lent to one request at a time, and a request that goes on with the conversation takes it over for good; one that
/// finds none is written in full.
/// </remarks>
internal sealed class KeptBodies(long most) : IDisposable
{
    public const int MostConversations = 16;

    // Writing less takes about as long as looking it up.
    public const int LeastBytes = 2048;

    private const int MostSpare = 8;

    private readonly Lock _gate = new();
    private readonly KeptBody?[] _kept = new KeptBody?[MostConversations];
    private readonly Stack<KeptBody> _spare = new();
    private long _cost;
    private long _clock;
    private bool _isDisposed;

    /// <summary>How many bytes are held now.</summary>
    public long Cost
    {
        get
        {
            lock (_gate)
                return _cost;
        }
    }

    /// <summary>Finds what is kept of a conversation, and has the request noted down while it is written.</summary>
    public void Begin(WireProtocol protocol, ChatRequest request, WireRequest wire)
    {
        KeptBody written;
        KeptBody? earlier;
        lock (_gate)
        {
            if (_isDisposed)
                return;
            earlier = Take(protocol, request, out bool isSame);
            if (!_spare.TryPop(out written!))
                written = new KeptBody();
            written.Begin(protocol, request.Model, isSame ? earlier : null);
        }
        wire.Keep(this, written, earlier);
    }

    /// <summary>Takes back what was lent, once the request is written; what is left of a body that was taken over is cleared.</summary>
    public void GiveBack(KeptBody earlier)
    {
        lock (_gate)
        {
            if (!_isDisposed && !earlier.IsTakenOver && TryPut(earlier))
                return;
        }
        Recycle(earlier);
    }

    /// <summary>Keeps the body of a request that is needed no more, in place of the one that it went on from; false when it is not kept.</summary>
    public bool TryKeep(KeptBody written, byte[] body, int length)
    {
        if (length < LeastBytes)
            return false;
        var earlier = written.Earlier;
        written.Take(body, length);
        KeptBody? replaced = null;
        lock (_gate)
        {
            if (earlier is not null && Array.IndexOf(_kept, earlier) is var slot and >= 0)
                replaced = Remove(slot);
            if (!_isDisposed && TryPut(written))
                written = null!;
        }
        if (replaced is not null)
            Recycle(replaced);
        if (written is null)
            return true;
        written.Take([], 0);
        return false;
    }

    /// <summary>Clears what is not kept, and keeps the object for the next request.</summary>
    public void Recycle(KeptBody body)
    {
        body.Clear();
        lock (_gate)
        {
            if (_spare.Count < MostSpare && !_isDisposed)
                _spare.Push(body);
        }
    }

    /// <summary>Clears everything; what is still lent is cleared when it comes back.</summary>
    public void Dispose()
    {
        lock (_gate)
        {
            _isDisposed = true;
            for (int i = 0; i < _kept.Length; i++)
            {
                if (_kept[i] is not null)
                    Remove(i).Clear();
            }
            _spare.Clear();
        }
    }

    // The body that shares most messages from the beginning; else one with the same functions. It is the same conversation where more than half
    // of the kept one goes on: many begin with the same instructions.
    private KeptBody? Take(WireProtocol protocol, ChatRequest request, out bool isSame)
    {
        int best = -1;
        int most = 0;
        isSame = false;
        for (int i = 0; i < _kept.Length; i++)
        {
            if (_kept[i] is not { } body || !ReferenceEquals(body.Protocol, protocol) || body.Model != request.Model)
                continue;
            int all = 0;
            int shared = 0;
            if (request.Messages is { } messages)
                shared = body.GoesOnIn(messages, out all) ? all : body.CountShared(messages, out all);
            if (shared > most)
                (best, most, isSame) = (i, shared, 2 * shared > all);
            else if (best < 0 && request.Tools is { Count: > 0 } tools && body.BeginsWith(tools[0]))
                best = i;
        }
        return best < 0 ? null : Remove(best);
    }

    // Makes room by giving up what was not used for longest.
    private bool TryPut(KeptBody body)
    {
        if (body.Cost > most)
            return false;
        int free = Array.IndexOf(_kept, null);
        while (free < 0 || _cost + body.Cost > most)
        {
            int oldest = -1;
            for (int i = 0; i < _kept.Length; i++)
            {
                if (_kept[i] is { } other && (oldest < 0 || other.Used < _kept[oldest]!.Used))
                    oldest = i;
            }
            Remove(oldest).Clear();
            free = oldest;
        }
        body.Used = ++_clock;
        _cost += body.Cost;
        _kept[free] = body;
        return true;
    }

    private KeptBody Remove(int slot)
    {
        var body = _kept[slot]!;
        _kept[slot] = null;
        _cost -= body.Cost;
        return body;
    }
}
