namespace RawLlm.Transport;

/// <summary>The calls of a client that are under way, each with its <see cref="Watchdog"/>, so that none outlives the client. Thread-safe.</summary>
/// <remarks>A list through the watchdogs themselves: a token that is linked to the client's takes 80 bytes more for each stream that waits.</remarks>
internal sealed class OpenCalls
{
    private readonly Lock _gate = new();
    private Watchdog? _first;
    private bool _isClosed;

    public bool IsClosed => Volatile.Read(ref _isClosed);

    /// <summary>How many there are.</summary>
    public int Count
    {
        get
        {
            int count = 0;
            lock (_gate)
            {
                for (var call = _first; call is not null; call = call.Next)
                    count++;
            }
            return count;
        }
    }

    /// <summary>A call begins; false when the client was disposed.</summary>
    public bool TryAdd(Watchdog call)
    {
        lock (_gate)
        {
            if (_isClosed)
                return false;
            call.Next = _first;
            if (_first is not null)
                _first.Previous = call;
            _first = call;
            return true;
        }
    }

    /// <summary>A call has ended; one that is not in the list any more is left alone.</summary>
    public void Remove(Watchdog call)
    {
        lock (_gate)
        {
            if (call.Previous is not null)
                call.Previous.Next = call.Next;
            else if (_first == call)
                _first = call.Next;
            if (call.Next is not null)
                call.Next.Previous = call.Previous;
            call.Next = call.Previous = null;
        }
    }

    /// <summary>Ends all calls, and those that begin later.</summary>
    public void Close()
    {
        lock (_gate)
            _isClosed = true;
        // One after the other, outside the lock: what follows a call that ends may run at once.
        while (First() is { } call)
        {
            Remove(call);
            call.Cancel();
        }
    }

    private Watchdog? First()
    {
        lock (_gate)
            return _first;
    }
}
