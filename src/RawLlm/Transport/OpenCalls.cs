namespace RawLlm.Transport;

/// <summary>A client's calls in progress, each with its <see cref="Watchdog"/>, so that none outlives the client. Thread-safe.</summary>
/// <remarks>A linked list of the watchdogs themselves: a token linked to the client's takes 80 bytes more for each waiting
/// stream.</remarks>
internal sealed class OpenCalls
{
    private readonly Lock _gate = new();
    private Watchdog? _first;
    private bool _isClosed;

    public bool IsClosed => Volatile.Read(ref _isClosed);

    /// <summary>The number of calls.</summary>
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

    /// <summary>Adds a call that begins; returns false if the client was disposed.</summary>
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

    /// <summary>Removes a call that has ended; one that is no longer in the list is ignored.</summary>
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

    /// <summary>Ends all calls, including those that begin later.</summary>
    public void Close()
    {
        lock (_gate)
            _isClosed = true;
        // One by one, outside the lock: continuations of a call that ends may run synchronously.
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
