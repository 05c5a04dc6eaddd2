using System.Collections.ObjectModel;
using System.Runtime.CompilerServices;

namespace RawLlm;

/// <summary>A streamed answer at which others look on (<see cref="StreamTee"/>): a cursor over the same lent events, and a sequence for <c>await foreach</c>.</summary>
/// <remarks>
/// <para>The bytes are read and decoded once. Each event goes to every observer in turn, and to the reader once all are done with it: the slowest sets the pace, that
/// of the connection too. Observers that wait do so side by side. Nothing is allocated for an event but the room in which the answer is gathered.</para>
/// <para>The observers hear of the end when the answer is whole, else when the stream is disposed. One reader at a time; dispose it where it is read, or let the
/// loop do so.</para>
/// </remarks>
public sealed partial class TeeStream : IAsyncEnumerable<StreamEvent>, IAsyncDisposable
{
    private readonly ChatStream _stream;
    private readonly KeptStream _kept;

    // One that has thrown leaves its place empty.
    private readonly IStreamObserver?[] _observers;
    private readonly ValueTask[] _waits;
    private ReadOnlyCollection<ObserverFailure> _failures = ReadOnlyCollection<ObserverFailure>.Empty;
    private ChatReply? _reply;
    private Exception? _error;
    private int _isReading;
    private int _isDisposed;
    private bool _isEnumerated;
    private bool _isEnded;

    internal TeeStream(ChatStream stream, IStreamObserver?[] observers)
    {
        _stream = stream;
        _kept = new KeptStream(stream);
        _observers = observers;
        _waits = new ValueTask[observers.Length];
    }

    /// <summary>The event that the last read moved to, lent until the next one; of kind <see cref="StreamEventKind.None"/> before the first.</summary>
    public StreamEvent Current
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => _stream.Current;
    }

    /// <summary>The answer as far as it was read, all of it once the stream has ended; until then it is put together anew each time.</summary>
    public ChatReply Reply => _reply ?? _kept.Build();

    /// <summary>The observers that have thrown so far and were told nothing more.</summary>
    public IReadOnlyList<ObserverFailure> Failures => _failures;

    /// <summary>Moves to the next event, once every observer is done with it.</summary>
    /// <returns>False when the answer is whole and all of it was read.</returns>
    /// <inheritdoc cref="ChatStream.ReadAsync" path="/exception"/>
    public ValueTask<bool> ReadAsync(CancellationToken cancellationToken = default)
    {
        // The observers take their time behind the stream's own read, which sees no other one then.
        if (Interlocked.Exchange(ref _isReading, 1) != 0)
        {
            _stream.ThrowIfDisposed();
            ChatStream.ThrowConcurrent();
        }
        bool isAsync = false;
        try
        {
            var read = _stream.ReadAsync(cancellationToken);
            if (read.IsCompletedSuccessfully)
            {
                bool hasRead = read.Result;
                if (hasRead && IsDoneWith(cancellationToken))
                    return new(true);
                isAsync = true;
                return hasRead ? WaitAsync() : GoOnAsync(new(false), cancellationToken);
            }
            isAsync = true;
            return GoOnAsync(read, cancellationToken);
        }
        catch (Exception e) when (KeepFailure(e))
        {
            throw;
        }
        finally
        {
            if (!isAsync)
                Volatile.Write(ref _isReading, 0);
        }
    }

    /// <summary>Reads what is left and gives the whole answer.</summary>
    /// <inheritdoc cref="ChatStream.ReadAsync" path="/exception"/>
    public async Task<ChatReply> ReplyAsync(CancellationToken cancellationToken = default)
    {
        await using (ConfigureAwait(false))
        {
            try
            {
                while (await ReadAsync(cancellationToken).ConfigureAwait(false))
                {
                }
                return Reply;
            }
            catch (LlmException e) when (_kept.HasContent)
            {
                throw e.With(partial: Reply);
            }
        }
    }

    /// <summary>The stream for a loop or an <c>await using</c> that says whether it comes back to the caller's context.</summary>
    /// <param name="continueOnCapturedContext">Whether what follows an await runs in the caller's context.</param>
    public Configured ConfigureAwait(bool continueOnCapturedContext) => new(this, continueOnCapturedContext);

    /// <summary>The events with a token of one's own.</summary>
    public WithToken WithCancellation(CancellationToken cancellationToken) => new(this, cancellationToken);

    /// <summary>Begins the loop over the events; a second one is refused.</summary>
    public Enumerator GetAsyncEnumerator(CancellationToken cancellationToken = default)
    {
        if (Interlocked.Exchange(ref _isEnumerated, true))
            throw new InvalidOperationException("A stream is read once. The whole answer is kept in TeeStream.Reply.");
        return new(this, cancellationToken);
    }

    IAsyncEnumerator<StreamEvent> IAsyncEnumerable<StreamEvent>.GetAsyncEnumerator(CancellationToken cancellationToken) => GetAsyncEnumerator(cancellationToken);

    /// <summary>Ends the connection and tells the observers of the end, if they have not heard of it; a second call does nothing.</summary>
    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _isDisposed, 1) != 0)
            return;
        await _stream.DisposeAsync().ConfigureAwait(false);
        await EndAsync().ConfigureAwait(false);
    }

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    private async ValueTask<bool> GoOnAsync(ValueTask<bool> read, CancellationToken cancellationToken)
    {
        try
        {
            if (!await read.ConfigureAwait(false))
            {
                await EndAsync().ConfigureAwait(false);
                return false;
            }
            if (!IsDoneWith(cancellationToken))
                await WaitForAllAsync().ConfigureAwait(false);
            return true;
        }
        catch (Exception e) when (KeepFailure(e))
        {
            throw;
        }
        finally
        {
            Volatile.Write(ref _isReading, 0);
        }
    }

    // Shows the event to everybody; false while one of them takes its time.
    private bool IsDoneWith(CancellationToken cancellationToken)
    {
        // A read that was refused before has ended nothing.
        _error = null;
        _kept.Keep();
        bool isDone = true;
        for (int i = 0; i < _observers.Length; i++)
        {
            if (_observers[i] is not { } observer)
                continue;
            try
            {
                var wait = observer.OnEventAsync(_stream.Current, cancellationToken);
                if (wait.IsCompletedSuccessfully)
                {
                    wait.GetAwaiter().GetResult();
                    continue;
                }
                _waits[i] = wait;
                isDone = false;
            }
            catch (Exception e)
            {
                Drop(i, e);
            }
        }
        return isDone;
    }

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    private async ValueTask<bool> WaitAsync()
    {
        try
        {
            await WaitForAllAsync().ConfigureAwait(false);
            return true;
        }
        finally
        {
            Volatile.Write(ref _isReading, 0);
        }
    }

    // Throws nothing.
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder))]
    private async ValueTask WaitForAllAsync()
    {
        for (int i = 0; i < _waits.Length; i++)
        {
            var wait = _waits[i];
            _waits[i] = default;
            try
            {
                await wait.ConfigureAwait(false);
            }
            catch (Exception e)
            {
                Drop(i, e);
            }
        }
    }

    // Throws nothing. A read and a disposal may come to it at once.
    private async ValueTask EndAsync()
    {
        if (Interlocked.Exchange(ref _isEnded, true))
            return;
        var reply = _reply = _kept.Build();
        for (int i = 0; i < _observers.Length; i++)
        {
            try
            {
                if (_observers[i] is { } observer)
                    await observer.OnEndAsync(reply, _error).ConfigureAwait(false);
            }
            catch (Exception e)
            {
                Drop(i, e);
            }
        }
    }

    private void Drop(int place, Exception error)
    {
        // Those that wait in a read and the end, which a disposal tells, may fail at once.
        lock (_waits)
        {
            if (_observers[place] is not { } observer)
                return;
            _observers[place] = null;
            _failures = new([.. _failures, new ObserverFailure(observer, error)]);
        }
    }

    // Answers false, for a filter.
    private bool KeepFailure(Exception error)
    {
        _error = error;
        return false;
    }
}
