using System.Runtime.CompilerServices;
using System.Runtime.ExceptionServices;
using System.Threading.Channels;
using RawLlm.Telemetry;

namespace RawLlm;

/// <summary>
/// A tool loop as a stream: the lent events of every answer, and the progress of every call. Use it as a cursor or with <c>await
/// foreach</c>.
/// </summary>
/// <remarks>
/// <para>An event is lent until the next read. Events of an answer allocate nothing but the memory that collects the answer.</para>
/// <para>One reader at a time. A read that fails ends the stream: every later read throws the same exception. Dispose the stream, or let
/// the loop do so: that closes the connection and cancels the running tools.</para>
/// </remarks>
public sealed partial class ToolStream : IAsyncEnumerable<ToolEvent>, IAsyncDisposable
{
    private readonly ToolDialogue _dialogue;
    private readonly Func<ChatRequest, CancellationToken, Task<ChatStream>> _open;
    private readonly CancellationToken _token;
    private readonly CancellationTokenSource _stop;
    private KeptStream? _answer;
    private Channel<ToolCallUpdate>? _updates;
    private Task? _calls;
    private ToolCallUpdate _update;
    private Exception? _failure;
    private int _isReading;
    private bool _isAnswer;
    private bool _isEnumerated;
    private int _isDisposed;

    internal ToolStream(
        ToolDialogue dialogue,
        Func<ChatRequest, CancellationToken, Task<ChatStream>> open,
        CancellationToken cancellationToken
    )
    {
        _dialogue = dialogue;
        _open = open;
        _token = cancellationToken;
        _stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
    }

    /// <summary>
    /// The event that the last read moved to, lent until the next read; of kind <see cref="ToolEventKind.None"/> before the first.
    /// </summary>
    public ToolEvent Current =>
        _isAnswer ? new(_dialogue.Turn, _answer!.Stream.Current)
        : _update.Call is null ? default
        : new(_update.Kind, _dialogue.Turn, _update.Call, _update.Invocation);

    /// <summary>The run so far, complete once the stream has ended; null until something whole has been said.</summary>
    /// <remarks>Can be appended to the conversation at any time, also after a failure or a cancellation: a call that has not ended has a
    /// result that says whether it started.</remarks>
    public ToolRun? Run => _dialogue.Run;

    /// <summary>
    /// The answer that is being read, as far as it has arrived, and not part of <see cref="Run"/>; null between answers, and before any of
    /// it has arrived.
    /// </summary>
    /// <remarks>
    /// After a cancellation, a failure or a disposal, it is the answer that was cut off. To keep what the user has already read, append its
    /// text to the conversation; its calls may be incomplete and have no results.
    /// </remarks>
    public ChatReply? Partial => _answer is { HasContent: true } answer ? answer.Build() : null;

    /// <summary>Moves to the next event.</summary>
    /// <returns>False if the model has answered without calls to run, if calls wait for a decision
    /// (<see cref="ToolRun.Pending"/>), or if <see cref="ToolLoopOptions.StopWhen"/> ended the run.</returns>
    /// <exception cref="LlmException">A turn failed, or there were too many turns (<see cref="LlmErrorKind.TooManyTurns"/>);
    /// <see cref="LlmException.Run"/> holds the run so far.</exception>
    /// <exception cref="ArgumentException">The request contains something that the wire cannot carry. In a later turn, this is an
    /// <see cref="LlmException"/>.</exception>
    /// <exception cref="OperationCanceledException">The token, or the one that the stream was created with, was canceled.</exception>
    /// <exception cref="InvalidOperationException">Another read is in progress; the failed read does not end the stream.</exception>
    /// <exception cref="ObjectDisposedException">The stream was disposed.</exception>
    public ValueTask<bool> ReadAsync(CancellationToken cancellationToken = default)
    {
        if (Interlocked.Exchange(ref _isReading, 1) != 0)
        {
            ObjectDisposedException.ThrowIf(_isDisposed != 0, this);
            ChatStream.ThrowConcurrent();
        }
        // Such a read does not end the stream.
        if (cancellationToken.IsCancellationRequested && _isDisposed == 0 && _failure is null)
        {
            Volatile.Write(ref _isReading, 0);
            throw new OperationCanceledException(cancellationToken);
        }
        if (_answer is not { } answer || _isDisposed != 0 || _failure is not null)
            return GoOnAsync(default, isReading: false, cancellationToken);
        try
        {
            var read = answer.Stream.ReadAsync(cancellationToken);
            if (!read.IsCompletedSuccessfully)
                return GoOnAsync(read, isReading: true, cancellationToken);
            if (!read.Result)
                return GoOnAsync(new(false), isReading: true, cancellationToken);
            answer.Record();
            _isAnswer = true;
            Volatile.Write(ref _isReading, 0);
            return new(true);
        }
        catch (Exception e)
        {
            return GoOnAsync(ValueTask.FromException<bool>(e), isReading: true, cancellationToken);
        }
    }

    /// <summary>Configures whether the awaits of a loop or an <c>await using</c> return to the caller's context.</summary>
    /// <param name="continueOnCapturedContext">Whether code after an await runs in the caller's context.</param>
    public Configured ConfigureAwait(bool continueOnCapturedContext) => new(this, continueOnCapturedContext);

    /// <summary>Sets the token that cancels the loop's reads.</summary>
    public WithToken WithCancellation(CancellationToken cancellationToken) => new(this, cancellationToken);

    /// <summary>Starts the loop over the events.</summary>
    /// <exception cref="InvalidOperationException">The stream has already been enumerated.</exception>
    public Enumerator GetAsyncEnumerator(CancellationToken cancellationToken = default)
    {
        if (Interlocked.Exchange(ref _isEnumerated, true))
            throw new InvalidOperationException("A stream can be enumerated only once. ToolStream.Run holds the run so far.");
        return new(this, cancellationToken);
    }

    IAsyncEnumerator<ToolEvent> IAsyncEnumerable<ToolEvent>.GetAsyncEnumerator(CancellationToken cancellationToken) =>
        GetAsyncEnumerator(cancellationToken);

    /// <summary>Closes the connection and cancels the running tools; a second call does nothing.</summary>
    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _isDisposed, 1) != 0)
            return;
        // Not on this thread, and callbacks that a hook or a handler registered may throw: the rest is disposed anyway.
        await _stop.CancelAsync().ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (_answer is { } answer)
            await answer.Stream.DisposeAsync().ConfigureAwait(false);
        if (_calls is { } calls)
            await calls.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (TelemetrySwitch.IsSupported)
            _dialogue.Telemetry?.End(_token.IsCancellationRequested ? Outcome.Cancelled : Outcome.Left);
        _stop.Dispose();
    }

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    private async ValueTask<bool> GoOnAsync(ValueTask<bool> read, bool isReading, CancellationToken cancellationToken)
    {
        try
        {
            ObjectDisposedException.ThrowIf(_isDisposed != 0, this);
            if (_failure is not null)
                ExceptionDispatchInfo.Throw(_failure);
            try
            {
                while (true)
                {
                    if (_answer is { } answer)
                    {
                        if (await (isReading ? read : answer.Stream.ReadAsync(cancellationToken)).ConfigureAwait(false))
                        {
                            answer.Record();
                            return _isAnswer = true;
                        }
                        isReading = false;
                        await EndAnswerAsync(answer).ConfigureAwait(false);
                    }
                    else if (_updates is { } notes)
                    {
                        if (await TryReadUpdateAsync(notes.Reader, cancellationToken).ConfigureAwait(false))
                            return true;
                    }
                    else if (_dialogue.IsEnded)
                    {
                        if (TelemetrySwitch.IsSupported)
                            _dialogue.Telemetry?.End(Outcome.Done);
                        return false;
                    }
                    else if (_dialogue.Begin(stream: true) is { } brought)
                    {
                        Start(brought);
                    }
                    else
                    {
                        await OpenAnswerAsync(cancellationToken).ConfigureAwait(false);
                    }
                }
            }
            catch (Exception e)
            {
                _failure = Translate(e, cancellationToken);
                if (TelemetrySwitch.IsSupported && _isDisposed == 0)
                    _dialogue.Telemetry?.Fail(_failure);
                if (_failure != e)
                    throw _failure;
                throw;
            }
        }
        finally
        {
            Volatile.Write(ref _isReading, 0);
        }
    }

    // The next note of the calls; false once all calls have ended.
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    private async ValueTask<bool> TryReadUpdateAsync(ChannelReader<ToolCallUpdate> notes, CancellationToken cancellationToken)
    {
        if (await notes.WaitToReadAsync(cancellationToken).ConfigureAwait(false) && notes.TryRead(out _update))
            return true;
        await _calls!.ConfigureAwait(false);
        (_updates, _calls) = (null, null);
        _dialogue.EndTurn();
        using (cancellationToken.UnsafeRegister(static stream => ((ToolStream)stream!)._stop.CancelQuietly(), this))
            await _dialogue.EndIfStoppedAsync(_stop.Token).ConfigureAwait(false);
        return false;
    }

    private async ValueTask OpenAnswerAsync(CancellationToken cancellationToken)
    {
        KeptStream opened;
        // Only the opening runs now, and it does not see the token of a read.
        using (cancellationToken.UnsafeRegister(static stream => ((ToolStream)stream!)._stop.CancelQuietly(), this))
            opened = new KeptStream(await _dialogue.AskAsync(request => _open(request, _stop.Token), _stop.Token).ConfigureAwait(false));
        _answer = opened;
        // Either the disposal sees the stream, or this code sees the disposal.
        Interlocked.MemoryBarrier();
        if (_isDisposed == 0)
            return;
        await opened.Stream.DisposeAsync().ConfigureAwait(false);
        throw new ObjectDisposedException(nameof(ToolStream));
    }

    private async ValueTask EndAnswerAsync(KeptStream answer)
    {
        _isAnswer = false;
        _update = default;
        await answer.Stream.DisposeAsync().ConfigureAwait(false);
        _answer = null;
        if (_dialogue.Add(answer.Build()) is { } turn)
            Start(turn);
    }

    private void Start(ToolTurn turn)
    {
        var notes = _updates = Channel.CreateUnbounded<ToolCallUpdate>(new UnboundedChannelOptions { SingleReader = true });
        _calls = RunCallsAsync(turn, notes.Writer);
    }

    private async Task RunCallsAsync(ToolTurn turn, ChannelWriter<ToolCallUpdate> notes)
    {
        try
        {
            await turn.RunAsync(notes, _stop.Token).ConfigureAwait(false);
        }
        finally
        {
            notes.Complete();
        }
    }

    private Exception Translate(Exception e, CancellationToken cancellationToken)
    {
        if (_isDisposed != 0)
            return new ObjectDisposedException(nameof(ToolStream));
        if (e is OperationCanceledException && cancellationToken.IsCancellationRequested)
            return new OperationCanceledException(cancellationToken);
        if (e is OperationCanceledException && _token.IsCancellationRequested)
            return new OperationCanceledException(_token);
        return e is LlmException known ? known.With(run: _dialogue.Run, outputCommitted: _dialogue.Run is not null, partial: Partial) : e;
    }
}
