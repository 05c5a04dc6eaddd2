using System.Collections.ObjectModel;
using System.Runtime.CompilerServices;

namespace RawLlm;

/// <summary>
/// A streamed answer with observers (<see cref="ChatStreamExtensions"/>): a cursor over the same lent events, and a sequence for <c>await
/// foreach</c>.
/// </summary>
/// <remarks>
/// <para>The bytes are read and decoded once. Each event goes to every observer in turn, and to the reader after all have finished with it:
/// the slowest sets the pace, even of the connection. Observers that wait do so concurrently. Per event, nothing is allocated except the
/// memory in which the answer is gathered.</para>
/// <para>The observers are notified of the end when the answer is complete, otherwise when the stream is disposed. Only one reader at a
/// time; dispose the stream where it is read, or let the loop do so.</para>
/// </remarks>
public sealed partial class TeeStream : IAsyncEnumerable<StreamEvent>, IAsyncDisposable
{
    private readonly ChatStream _stream;
    private readonly KeptStream _kept;

    // The entry of an observer that has thrown is null.
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

    /// <summary>
    /// The event that the last read moved to, lent until the next read; of kind <see cref="StreamEventKind.None"/> before the first read.
    /// </summary>
    public StreamEvent Current
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => _stream.Current;
    }

    /// <summary>
    /// The answer as far as it was read, complete once the stream has ended; until then it is built again on each access.
    /// </summary>
    public ChatReply Reply => _reply ?? _kept.Build();

    /// <summary>The observers that have thrown so far and receive nothing more.</summary>
    public IReadOnlyList<ObserverFailure> Failures => _failures;

    /// <summary>Moves to the next event, after every observer has finished with it.</summary>
    /// <returns>False when the answer is complete and all of it was read.</returns>
    /// <inheritdoc cref="ChatStream.ReadAsync" path="/exception"/>
    public ValueTask<bool> ReadAsync(CancellationToken cancellationToken = default)
    {
        // The observers run after the stream's own read, which cannot detect a concurrent read then.
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
        catch (Exception e) when (RecordFailure(e))
        {
            throw;
        }
        finally
        {
            if (!isAsync)
                Volatile.Write(ref _isReading, 0);
        }
    }

    /// <summary>Reads the rest of the stream and returns the whole answer.</summary>
    /// <inheritdoc cref="ChatStream.ReadAsync" path="/exception"/>
    public async Task<ChatReply> ReplyAsync(CancellationToken cancellationToken = default)
    {
        await using (ConfigureAwait(false))
        {
            try
            {
                while (await ReadAsync(cancellationToken).ConfigureAwait(false)) { }
                return Reply;
            }
            catch (LlmException e) when (_kept.HasContent)
            {
                throw e.With(partial: Reply);
            }
        }
    }

    /// <summary>Configures whether the awaits of a loop or an <c>await using</c> return to the caller's context.</summary>
    /// <param name="continueOnCapturedContext">Whether code after an await runs in the caller's context.</param>
    public Configured ConfigureAwait(bool continueOnCapturedContext) => new(this, continueOnCapturedContext);

    /// <summary>Sets the token that cancels the loop's reads.</summary>
    public WithToken WithCancellation(CancellationToken cancellationToken) => new(this, cancellationToken);

    /// <summary>Returns an enumerator of the events; a second enumeration throws.</summary>
    public Enumerator GetAsyncEnumerator(CancellationToken cancellationToken = default)
    {
        if (Interlocked.Exchange(ref _isEnumerated, true))
            throw new InvalidOperationException("A stream can be read only once. TeeStream.Reply keeps the whole answer.");
        return new(this, cancellationToken);
    }

    IAsyncEnumerator<StreamEvent> IAsyncEnumerable<StreamEvent>.GetAsyncEnumerator(CancellationToken cancellationToken) =>
        GetAsyncEnumerator(cancellationToken);

    /// <summary>
    /// Closes the connection and notifies the observers of the end, if they have not been notified yet; a second call does nothing.
    /// </summary>
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
        catch (Exception e) when (RecordFailure(e))
        {
            throw;
        }
        finally
        {
            Volatile.Write(ref _isReading, 0);
        }
    }

    // Shows the event to all observers; false while one of them has not finished.
    private bool IsDoneWith(CancellationToken cancellationToken)
    {
        // A read that was refused before did not end the stream.
        _error = null;
        _kept.Record();
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

    // Throws nothing. A read and a disposal may call it concurrently.
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
        // Observers awaited in a read and those notified of the end by a disposal may fail concurrently.
        lock (_waits)
        {
            if (_observers[place] is not { } observer)
                return;
            _observers[place] = null;
            _failures = new([.. _failures, new ObserverFailure(observer, error)]);
        }
    }

    // Returns false, for a filter.
    private bool RecordFailure(Exception error)
    {
        _error = error;
        return false;
    }
}
