namespace RawLlm.Protocols;

/// <summary>
/// The bodies of a client's last requests, one for each of its latest conversations. When a conversation grows by a message, only that
/// message is written, and the rest is copied. Thread-safe.
/// </summary>
/// <remarks>
/// Bodies contain prompts. They are in pooled buffers, which are cleared when they are returned; disposing the client clears all of them.
/// A body is lent to one request at a time, and a request that continues the conversation takes it over permanently. A request that
/// finds no body is written in full.
/// </remarks>
internal sealed class KeptBodies(long maxBytes) : IDisposable
{
    public const int MaxConversations = 16;

    // Writing a smaller body takes about as long as looking it up.
    public const int MinBytes = 2048;

    private const int MaxSpare = 8;

    private readonly Lock _gate = new();
    private readonly KeptBody?[] _bodies = new KeptBody?[MaxConversations];
    private readonly Spares<KeptBody> _spare = new(MaxSpare);
    private long _cost;
    private long _clock;
    private bool _isDisposed;

    /// <summary>The number of bytes currently kept.</summary>
    public long Cost
    {
        get
        {
            lock (_gate)
                return _cost;
        }
    }

    /// <summary>Finds what is kept of a conversation, and records the request while it is written.</summary>
    public void Begin(WireProtocol protocol, ChatRequest request, WireRequest wire)
    {
        KeptBody written;
        KeptBody? earlier;
        lock (_gate)
        {
            if (_isDisposed)
                return;
            earlier = TakeBestMatch(protocol, request, out bool isSame);
            written = _spare.Take() ?? new KeptBody();
            written.Begin(protocol, request.Model, isSame ? earlier : null);
        }
        wire.StoreBody(this, written, earlier);
    }

    /// <summary>Takes back what was lent after the request is written; what remains of a body that was taken over is cleared.</summary>
    public void Return(KeptBody earlier)
    {
        lock (_gate)
        {
            if (!_isDisposed && !earlier.IsTakenOver && TryPut(earlier))
                return;
        }
        Recycle(earlier);
    }

    /// <summary>Keeps the body of a finished request, replacing the one that it continued. Returns false if the body is not kept.</summary>
    public bool TryStore(KeptBody written, byte[] body, int length)
    {
        if (length < MinBytes)
            return false;
        var earlier = written.Earlier;
        written.TakeBytes(body, length);
        KeptBody? replaced = null;
        lock (_gate)
        {
            if (earlier is not null && Array.IndexOf(_bodies, earlier) is var slot and >= 0)
                replaced = Remove(slot);
            if (!_isDisposed && TryPut(written))
                written = null!;
        }
        if (replaced is not null)
            Recycle(replaced);
        if (written is null)
            return true;
        written.TakeBytes([], 0);
        return false;
    }

    /// <summary>Clears a body that is not kept, and keeps the object for a later request.</summary>
    public void Recycle(KeptBody body)
    {
        body.Clear();
        lock (_gate)
        {
            if (!_isDisposed)
                _spare.Keep(body);
        }
    }

    /// <summary>Clears everything; a lent body is cleared when it is given back.</summary>
    public void Dispose()
    {
        lock (_gate)
        {
            _isDisposed = true;
            for (int i = 0; i < _bodies.Length; i++)
            {
                if (_bodies[i] is not null)
                    Remove(i).Clear();
            }
        }
    }

    // Takes the body that shares the most messages from the start; otherwise one with the same first tool. It is the same conversation if
    // more than half of the kept one continues: many conversations start with the same instructions.
    private KeptBody? TakeBestMatch(WireProtocol protocol, ChatRequest request, out bool isSame)
    {
        int best = -1;
        int most = 0;
        isSame = false;
        for (int i = 0; i < _bodies.Length; i++)
        {
            if (_bodies[i] is not { } body || !ReferenceEquals(body.Protocol, protocol) || body.Model != request.Model)
                continue;
            int all = 0;
            int shared = 0;
            if (request.Messages is { } messages)
                shared = body.IsContinuedBy(messages, out all) ? all : body.CountShared(messages, out all);
            if (shared > most)
                (best, most, isSame) = (i, shared, 2 * shared > all);
            else if (best < 0 && request.Tools is { Count: > 0 } tools && body.BeginsWith(tools[0]))
                best = i;
        }
        return best < 0 ? null : Remove(best);
    }

    // Makes room by discarding the least recently used bodies.
    private bool TryPut(KeptBody body)
    {
        if (body.Cost > maxBytes)
            return false;
        int free = Array.IndexOf(_bodies, null);
        while (free < 0 || _cost + body.Cost > maxBytes)
        {
            int oldest = -1;
            for (int i = 0; i < _bodies.Length; i++)
            {
                if (_bodies[i] is { } other && (oldest < 0 || other.Used < _bodies[oldest]!.Used))
                    oldest = i;
            }
            Remove(oldest).Clear();
            free = oldest;
        }
        body.Used = ++_clock;
        _cost += body.Cost;
        _bodies[free] = body;
        return true;
    }

    private KeptBody Remove(int slot)
    {
        var body = _bodies[slot]!;
        _bodies[slot] = null;
        _cost -= body.Cost;
        return body;
    }
}
