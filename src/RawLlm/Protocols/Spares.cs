namespace RawLlm.Protocols;

/// <summary>Objects that are kept for reuse, up to a number. Thread-safe.</summary>
/// <remarks>Takes a lock: what each wait of a stream needs comes from the platform's pools instead.</remarks>
internal sealed class Spares<T>(int most)
    where T : class
{
    // A plain stack: getting the count of a ConcurrentBag stops all threads that use it.
    private readonly T?[] _spares = new T?[most];
    private readonly Lock _gate = new();
    private int _count;

    /// <summary>Returns the one that was kept last, which is no longer kept; null if there is none.</summary>
    public T? Take()
    {
        lock (_gate)
        {
            if (_count == 0)
                return null;
            var spare = _spares[--_count];
            _spares[_count] = null;
            return spare;
        }
    }

    /// <summary>Keeps an object that nothing uses any more.</summary>
    public void Keep(T spare)
    {
        lock (_gate)
        {
            if (_count < _spares.Length)
                _spares[_count++] = spare;
        }
    }
}
