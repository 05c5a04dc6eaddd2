using System.Runtime.CompilerServices;
using System.Runtime.ExceptionServices;
using RawLlm.Protocols;
using RawLlm.Telemetry;
using RawLlm.Transport;

namespace RawLlm;

/// <summary>A streamed answer: a cursor over lent events, and an async sequence of them.</summary>
/// <remarks>
/// <para>Three tiers over one engine: lent events (<c>await foreach (var e in stream)</c>, nothing allocated per event), owned updates
/// (<see cref="UpdatesAsync"/>) and strings (<see cref="TextAsync"/>). Use one of them, once.</para>
/// <para>One reader at a time. Dispose it, or let the loop do so: leaving early ends the connection, so that the service stops working
/// for nobody.</para>
/// <para>A token, that of a read or the one that the stream was opened with, ends a read that waits for bytes, and the next one that has to look at any.
/// Up to fifteen events that were found already may still come, and once the answer's end was found, what is left of it.</para>
/// <para>What ends a read ends the stream: every later read throws the same error, and after a read that was cancelled while it waited an
/// <see cref="LlmException"/> that says so. A read that is refused before it looks at the body, because its token was cancelled beforehand or another
/// one is under way, ends nothing.</para>
/// </remarks>
public sealed partial class ChatStream : IAsyncEnumerable<StreamEvent>, IAsyncDisposable
{
    private const int SmallestRead = 4096;

    // The second one once the buffers are given back too.
    private const int Disposed = 1;
    private const int Returned = 2;

    // Takes what comes after the end. Never read, so all streams may share it, even with a read that was abandoned.
    private static readonly byte[] Sink = new byte[1024];

    // Copied as a whole: written field by field, it could be read only once all of them had left the processor's store buffer, 5 ns later.
    private static readonly ValueTask<bool> Moved = new(true);

    private StreamOpening? _opening;
    private StreamDecoder _decoder;
    private Stream _body;
    private HttpAnswer? _answer;
    private StreamNotes? _notes;
    private CancellationToken _token;
    private CancellationTokenSource? _joined;
    private CancellationToken _joinedWith;

    // May begin again at zero: only whether they differ counts.
    private uint _eventsAtLastWait;
    private uint _eventCount;
    private int _isReading;
    private int _isDisposed;
    private bool _isEnumerated;
    private bool _isEnded;
    private bool _isCommitted;
    private bool _hasBytes;
    private bool _isReopening;

    /// <summary>Reads a body with a decoder of its wire; both are disposed with the stream. No limit of time holds.</summary>
    public ChatStream(Stream body, StreamDecoder decoder)
    {
        ArgumentNullException.ThrowIfNull(body);
        ArgumentNullException.ThrowIfNull(decoder);
        _body = body;
        _decoder = decoder;
    }

    /// <summary>Reads an answer; before anything of it was handed on, it may be asked for again through the opening.</summary>
    internal ChatStream(HttpAnswer answer, StreamDecoder decoder, StreamOpening? opening = null)
        : this(answer.Body, decoder)
    {
        _opening = opening;
        Take(answer);
    }

    /// <summary>The event that the last read moved to, lent until the next one; of kind <see cref="StreamEventKind.None"/> before the first.</summary>
    public StreamEvent Current
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => _isDisposed == 0 ? _decoder.Current : default;
    }

    /// <summary>What is left of the service's limits; null when it sent no such headers.</summary>
    // Read when asked for: nobody's first text waits for it.
    public RateLimits? RateLimits => _answer is null ? null : ResponseHead.RateLimits(_answer.Headers);

    /// <summary>The service's id of the request, for its support.</summary>
    public string? RequestId => _answer is null ? null : ResponseHead.RequestId(_answer.Headers);

    /// <summary>Deviations from the wire's specification that were tolerated so far.</summary>
    public IReadOnlyList<Quirk> Quirks => _decoder.Quirks;

    /// <summary>What the answer cost by the usage that has come so far; null when that is not known, as before the end of most answers.</summary>
    /// <remarks>Reckoned for the model that answered once that is known, and for the one that was asked until then.</remarks>
    public Cost? Cost => CostOf(_decoder.Usage, Model);

    /// <summary>Why the first choice ended; <see cref="StopReason.Unknown"/> until it has.</summary>
    public StopReason StopReason => _notes?.StopReason ?? StopReason.Unknown;

    /// <summary>The service's own word for it; null until the first choice has ended.</summary>
    public string? RawStopReason => _notes?.RawStopReason;

    /// <summary>What the answer has used by what has come so far; null while that is not known.</summary>
    public Usage? Usage => _decoder.Usage;

    /// <summary>The service's id of the answer; null until all of it has been read.</summary>
    public string? Id => _notes?.Id;

    /// <summary>The model that answered, by the service's own name; null until the whole answer has been read.</summary>
    public string? Model => _notes?.Model;

    /// <summary>Knows the service, what it costs, and whose secrets no error may repeat. Asked without a delegate, so that a program that asks for no cost links no prices.</summary>
    internal LlmClient? Client { get; set; }

    /// <summary>The model that was asked.</summary>
    internal string? AskedModel { get; set; }

    /// <summary>Keys among the headers of the request, which no error may repeat; null as a rule.</summary>
    internal List<string>? Secrets
    {
        get => _notes?.Secrets;
        set
        {
            if (value is not null)
                Notes.Secrets = value;
        }
    }

    /// <summary>Whoever listens to the call; null as a rule.</summary>
    // Whoever asks asks the switch first: what stands behind it is then linked nowhere.
    internal CallTelemetry? Telemetry
    {
        private get => _notes?.Telemetry;
        set
        {
            if (value is not null)
                Notes.Telemetry = value;
        }
    }

    /// <summary>The name of the service that answers; null for a body of one's own. Behind a <see cref="FallbackChain"/> it may change until an event besides <see cref="StreamEventKind.Connected"/> was read.</summary>
    public string? Provider => Client?.Provider.Name;

    /// <summary>True where the events go into one answer, and only that is handed on.</summary>
    internal bool IsGathered { get; init; }

    // The caller's own token that the stream was opened with; _token is that of the watchdog, which is cancelled with it and by limits of time.
    private CancellationToken Opened => _answer?.CancellationToken ?? default;

    private StreamNotes Notes => _notes ??= new StreamNotes();

    /// <summary>Moves to the next event.</summary>
    /// <returns>False when the answer is whole and all of it was read.</returns>
    /// <exception cref="LlmException">The answer broke off, or the service reported an error.</exception>
    /// <exception cref="OperationCanceledException">The token, or the one that the stream was opened with, was cancelled.</exception>
    /// <exception cref="InvalidOperationException">Another read is under way.</exception>
    /// <exception cref="ObjectDisposedException">The stream was disposed.</exception>
    public ValueTask<bool> ReadAsync(CancellationToken cancellationToken = default)
    {
        return TryTakeAhead() || (_decoder.CanLookAhead && TryReadLikely(cancellationToken)) ? Moved : ReadNextAsync(cancellationToken);
    }

    // A frame that was found to fit already: no byte of it is looked at, so that no buffer has to be kept from a disposal on another thread.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal bool TryTakeAhead()
    {
        if ((_isReading | _isDisposed) != 0 || !_decoder.TryTakeAhead())
            return false;
        _eventCount++;
        return Volatile.Read(ref _isDisposed) == 0;
    }

    // The usual case, a text like the one before, without the exchange that costs as much as all the rest: DisposeAsync sees to the order.
    [MethodImpl(MethodImplOptions.NoInlining)]
    private bool TryReadLikely(CancellationToken cancellationToken)
    {
        // What a token that was cancelled means is for the full read to say.
        if (Volatile.Read(ref _isReading) != 0 || cancellationToken.IsCancellationRequested || Opened.IsCancellationRequested)
            return false;
        Volatile.Write(ref _isReading, 1);
        bool hasRead = false;
        try
        {
            hasRead = Volatile.Read(ref _isDisposed) == 0 && _decoder.TryReadLikely();
        }
        finally
        {
            Volatile.Write(ref _isReading, 0);
            if (Volatile.Read(ref _isDisposed) != 0)
            {
                hasRead = false;
                ReturnBuffersUnlessRead();
            }
        }
        if (hasRead)
            _eventCount++;
        return hasRead;
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private ValueTask<bool> ReadNextAsync(CancellationToken cancellationToken)
    {
        ObjectDisposedException.ThrowIf(_isDisposed != 0, this);
        if (Interlocked.Exchange(ref _isReading, 1) != 0)
        {
            ObjectDisposedException.ThrowIf(Volatile.Read(ref _isDisposed) != 0, this);
            ThrowConcurrent();
        }
        bool isAsync = false;
        bool hasBegun = false;
        try
        {
            if ((cancellationToken.IsCancellationRequested || Opened.IsCancellationRequested) && !_decoder.IsEnded)
            {
                if (TelemetrySwitch.IsSupported)
                    Telemetry?.ReadRefused();
                throw new OperationCanceledException(cancellationToken.IsCancellationRequested ? cancellationToken : Opened);
            }
            if (_notes is { Failure: { } failure })
                ExceptionDispatchInfo.Throw(failure);
            hasBegun = true;
            bool isEnded = false;
            if (!_decoder.NeedsBytes && TryReadDecoded(out isEnded))
                return new(true);
            while (!isEnded)
            {
                var read = BeginRead(cancellationToken, out bool isProbe);
                if (!read.IsCompletedSuccessfully || isProbe || (_opening is not null && !_isCommitted))
                {
                    isAsync = true;
                    return ReadMoreAsync(read, isProbe, cancellationToken);
                }
                if (TryTake(read.Result, cancellationToken, out isEnded))
                    return new(true);
            }
            return new(false);
        }
        catch (Exception e) when (hasBegun && !HasKept(e))
        {
            throw;
        }
        finally
        {
            if (!isAsync)
                EndReading();
        }
    }

    /// <summary>The answer's text alone, piece by piece, of the first choice.</summary>
    /// <inheritdoc cref="ReadAsync" path="/exception"/>
    public IAsyncEnumerable<string> TextAsync(CancellationToken cancellationToken = default) => new TextPieces(this, cancellationToken);

    /// <summary>Owned copies of all events.</summary>
    /// <inheritdoc cref="ReadAsync" path="/exception"/>
    public IAsyncEnumerable<StreamUpdate> UpdatesAsync(CancellationToken cancellationToken = default) => new TokenSequence<StreamUpdate>(cancellationToken, ReadUpdatesAsync);

    /// <summary>Reads what is left and gives the whole answer.</summary>
    /// <remarks>Called after some events were read by hand, it holds only what came after them; use <see cref="ReplyBuilder"/> to keep all.</remarks>
    /// <inheritdoc cref="ReadAsync" path="/exception"/>
    public async Task<ChatReply> ReplyAsync(CancellationToken cancellationToken = default)
    {
        ClaimEnumeration();
        var builder = new ReplyBuilder();
        await using (ConfigureAwait(false))
        {
            try
            {
                while (await ReadAsync(cancellationToken).ConfigureAwait(false))
                    builder.Add(Current);
            }
            catch (LlmException e) when (builder.HasContent)
            {
                throw e.With(partial: Describe(builder.Build()));
            }
            return Describe(builder.Build());
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
        ClaimEnumeration();
        return new(this, cancellationToken);
    }

    IAsyncEnumerator<StreamEvent> IAsyncEnumerable<StreamEvent>.GetAsyncEnumerator(CancellationToken cancellationToken) => GetAsyncEnumerator(cancellationToken);

    /// <summary>Ends the connection and gives back all buffers; a second call does nothing.</summary>
    public async ValueTask DisposeAsync()
    {
        if (Interlocked.CompareExchange(ref _isDisposed, Disposed, 0) != 0)
            return;
        _opening?.Stop();
        // A read that is under way is ended by its token, and then itself closes the answer and gives the buffers back: the platform's body is not made to be
        // disposed beside a read. A body of somebody's own has nothing else that would end the read.
        if (_answer is null)
            await DisposeBodyAsync().ConfigureAwait(false);
        else if (!_isEnded)
            _answer.Watchdog.Cancel();
        // Reads say without a fence that they begin and end. Behind this barrier either that is seen here, or they see the disposal; and whoever copies a lent text
        // sees it before he hands it on. Behind the end nobody looks at a buffer any more.
        if (!_isEnded || Volatile.Read(ref _isReading) != 0)
            Interlocked.MemoryBarrierProcessWide();
        ReturnBuffersUnlessRead();
        if (_answer is not null && Volatile.Read(ref _isDisposed) != Returned)
            _answer.CloseIfDeaf();
    }

    /// <summary>Says that what was copied of a lent event may be another stream's, because this one was disposed meanwhile.</summary>
    internal void ThrowIfDisposed() => ObjectDisposedException.ThrowIf(Volatile.Read(ref _isDisposed) != 0, this);

    /// <summary>Records what is not a fault of the answer itself.</summary>
    internal void Record(Quirk quirk) => _decoder.Record(quirk);

    /// <summary>Gives the whole answer what only the response's head told.</summary>
    internal ChatReply Describe(ChatReply reply) => reply with { Cost = CostOf(reply.Usage, reply.Model), Quirks = Quirks, RateLimits = RateLimits, RequestId = RequestId, Provider = Provider, Attempts = _notes?.Earlier?.Failed ?? [] };

    private async IAsyncEnumerator<StreamUpdate> ReadUpdatesAsync(CancellationToken cancellationToken)
    {
        ClaimEnumeration();
        await using (ConfigureAwait(false))
        {
            while (await ReadAsync(cancellationToken).ConfigureAwait(false))
            {
                var update = Current.ToUpdate();
                ThrowIfDisposed();
                yield return update;
            }
        }
    }

    private async ValueTask DisposeBodyAsync()
    {
        try
        {
            await _body.DisposeAsync().ConfigureAwait(false);
        }
        catch (Exception)
        {
            // What became of the answer is known already, and the buffers are still to be given back.
        }
    }

    private Cost? CostOf(Usage? usage, string? answered) => Client?.CostOf(usage, answered, AskedModel!, _answer is null ? null : ResponseHead.Cost(_answer.Headers));

    // Never false, and asked before the stack is left. A stream that was cancelled while it waited has lost its body, and what that says is no reason.
    private bool HasKept(Exception e)
    {
        if (Volatile.Read(ref _isDisposed) == 0)
        {
            Notes.Failure ??= e is OperationCanceledException ? Enrich(Cancelled()) : e;
            if (TelemetrySwitch.IsSupported)
                Telemetry?.StreamFailed(e, Facts(), _isCommitted);
        }
        return true;
    }

    private LlmException Cancelled() =>
        new(LlmErrorKind.ConnectionLost, "A read of this stream was cancelled while it waited, and the stream cannot go on.") { Phase = Phase };

    private LlmPhase Phase => _isCommitted ? LlmPhase.Streaming : LlmPhase.AwaitFirstEvent;

    private bool TryReadDecoded(out bool isEnded)
    {
        try
        {
            bool hasRead = _decoder.TryRead();
            isEnded = !hasRead && _decoder.IsEnded;
            if (hasRead)
                CountEvent();
            else if (isEnded)
                End();
            return hasRead;
        }
        catch (LlmException e)
        {
            throw Enrich(e);
        }
    }

    // A read of no bytes ends once there are some to read, or at once on a stream that does not know how to wait: either way it says
    // nothing of the end. Meanwhile no buffer is held.
    private ValueTask<int> BeginRead(CancellationToken cancellationToken, out bool isProbe)
    {
        isProbe = false;
        try
        {
            var token = Join(cancellationToken);
            BeginWait();
            // A disposal that came before the wait was seen has not ended it.
            ObjectDisposedException.ThrowIf(Volatile.Read(ref _isDisposed) != 0, this);
            if (_answer is not null && _decoder.IsIdle)
            {
                _decoder.ReleaseIfIdle();
                var probe = _body.ReadAsync(Memory<byte>.Empty, token);
                isProbe = !probe.IsCompletedSuccessfully;
                if (isProbe)
                    return probe;
                _ = probe.Result;
            }
            return _body.ReadAsync(_decoder.GetMemory(SmallestRead), token);
        }
        catch (Exception e)
        {
            return ValueTask.FromException<int>(e);
        }
    }

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    private async ValueTask<bool> ReadMoreAsync(ValueTask<int> read, bool isProbe, CancellationToken cancellationToken)
    {
        try
        {
            while (true)
            {
                try
                {
                    int count = await read.ConfigureAwait(false);
                    if (isProbe)
                        count = await _body.ReadAsync(_decoder.GetMemory(SmallestRead), Join(cancellationToken)).ConfigureAwait(false);
                    if (TryTake(count, cancellationToken, out bool isEnded))
                        return true;
                    if (isEnded)
                        return false;
                }
                catch (Exception e) when (_opening is not null && !_isCommitted && _isDisposed == 0 && Translate(e, cancellationToken) is LlmException failure && MayReopen(failure))
                {
                    await ReopenAsync(failure, cancellationToken).ConfigureAwait(false);
                }
                read = BeginRead(cancellationToken, out isProbe);
            }
        }
        // What the transport itself says does not know yet whom it was asked for.
        catch (Exception e) when (e is not LlmException { Provider: not null } || Client is null)
        {
            var failure = Translate(e, cancellationToken);
            HasKept(failure);
            throw failure;
        }
        catch (Exception e) when (!HasKept(e))
        {
            throw;
        }
        finally
        {
            EndReading();
        }
    }

    // No fence: DisposeAsync has one for both.
    private void EndReading()
    {
        Volatile.Write(ref _isReading, 0);
        if (Volatile.Read(ref _isDisposed) != 0)
            ReturnBuffersUnlessRead();
    }

    private void ReturnBuffersUnlessRead()
    {
        if (Interlocked.Exchange(ref _isReading, 1) == 0 && Interlocked.Exchange(ref _isDisposed, Returned) == Disposed)
            ReturnBuffers();
    }

    private bool TryTake(int count, CancellationToken cancellationToken, out bool isEnded)
    {
        _answer?.Watchdog.EndWait();
        ObjectDisposedException.ThrowIf(_isDisposed != 0, this);
        if (count == 0)
        {
            // A body that heeds no token is closed in its place, and may then say that it has ended.
            if (cancellationToken.IsCancellationRequested || _token.IsCancellationRequested)
                throw Translate(new OperationCanceledException(), cancellationToken);
            if (!_hasBytes && _answer is not null)
                throw Enrich(LlmClient.EmptyAnswer());
            _decoder.Complete();
        }
        else
        {
            _hasBytes = true;
            if (_opening is { IsUncertain: true } opening)
                Recognize(opening, count);
            _decoder.Advance(count);
            if (_answer is not null)
                _answer.BytesRead += count;
        }
        bool hasRead = TryReadDecoded(out isEnded);
        if (TelemetrySwitch.IsSupported && hasRead && _notes is { Telemetry: { } telemetry })
            telemetry.ChunkCame();
        return hasRead;
    }

    // Only white space can have come before, which says nothing to either decoder.
    private void Recognize(StreamOpening opening, int count)
    {
        // The room that the read has filled; it was not advanced yet.
        var bytes = _decoder.GetSpan(count)[..count];
        if (opening.Recognize(bytes) is not { } decoder)
            return;
        // The caller has been told of the connection already.
        decoder.TryRead();
        bytes.CopyTo(decoder.GetSpan(count));
        _decoder.Dispose();
        _decoder = decoder;
    }

    // What was handed on cannot be taken back: from here on nothing is sent again. Connected is the decoder's own.
    private void CountEvent()
    {
        _eventCount++;
        // The closing events come once the wire's own end was seen.
        if (IsGathered || (_isCommitted && !_decoder.IsEnded))
            return;
        var kind = _decoder.Current.Kind;
        if (kind == StreamEventKind.Connected)
            return;
        if (kind is StreamEventKind.Stop or StreamEventKind.Done)
            NoteEnd();
        if (_isCommitted)
            return;
        _isCommitted = true;
        if (_opening is null)
            return;
        if (_opening.Earlier is { } earlier)
            Notes.Earlier = earlier;
        _opening.Commit();
        // It holds the request, which nothing needs any more.
        _opening = null;
    }

    private void NoteEnd()
    {
        var e = _decoder.Current;
        if (e.Kind == StreamEventKind.Done)
        {
            Notes.Id = e.Id;
            Notes.Model = e.Name;
        }
        else if (e.Choice == 0)
        {
            Notes.StopReason = e.StopReason;
            Notes.RawStopReason = e.RawStopReason;
        }
    }

    private bool MayReopen(LlmException failure) => _opening is { } opening && !_isCommitted && (failure.IsRetryable || opening.MayMoveOn(failure)) && _isDisposed == 0;

    private async ValueTask ReopenAsync(LlmException failure, CancellationToken cancellationToken)
    {
        var broken = _answer!;
        broken.Dispose();
        _isReopening = true;
        var answer = await _opening!.ReopenAsync(failure, broken.BytesRead, cancellationToken).ConfigureAwait(false);
        Telemetry = _opening.Telemetry;
        StreamDecoder decoder;
        try
        {
            decoder = _opening.CreateDecoder(answer);
        }
        catch
        {
            answer.Dispose();
            throw;
        }
        // The caller has been told of the connection already.
        decoder.TryRead();
        _decoder.Dispose();
        _decoder = decoder;
        _body = answer.Body;
        _hasBytes = false;
        _eventsAtLastWait = _eventCount = 1;
        (Client, AskedModel, Secrets) = (_opening.Client, _opening.Model, _opening.Secrets);
        Take(answer);
        Interlocked.MemoryBarrier();
        if (_isDisposed == 0)
            return;
        answer.Dispose();
        throw new ObjectDisposedException(nameof(ChatStream));
    }

    private void Take(HttpAnswer answer)
    {
        _answer = answer;
        _isReopening = false;
        _token = answer.Watchdog.Token;
        _joined?.Dispose();
        _joined = null;
    }

    // The loop gives every read the same token: the two are joined once, not for each read.
    private CancellationToken Join(CancellationToken cancellationToken)
    {
        if (!cancellationToken.CanBeCanceled || cancellationToken == _token)
            return _token;
        if (!_token.CanBeCanceled)
            return cancellationToken;
        if (_joined is null || _joinedWith != cancellationToken)
        {
            _joined?.Dispose();
            _joined = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, _token);
            _joinedWith = cancellationToken;
        }
        return _joined.Token;
    }

    private void ReturnBuffers()
    {
        // Nobody reads any more, and nothing of the answer is given back yet.
        try
        {
            if (TelemetrySwitch.IsSupported && Telemetry is { } telemetry)
                Leave(telemetry);
        }
        finally
        {
            _answer?.Dispose();
            _opening?.Dispose();
            _joined?.Dispose();
            _decoder.Dispose();
        }
    }

    private void End()
    {
        if (TelemetrySwitch.IsSupported)
            Telemetry?.StreamDone(Facts());
        EndBody();
    }

    private void Leave(CallTelemetry telemetry)
    {
        if (_decoder.IsEnded)
            telemetry.StreamDone(Facts());
        else
            telemetry.StreamLeft(Facts(), Opened.IsCancellationRequested);
    }

    private AnswerFacts Facts() => new()
    {
        Id = Id,
        Model = Model,
        FinishReasons = _notes is { StopReason: var reason } notes && (notes.RawStopReason is not null || reason != StopReason.Unknown) ? [notes.RawStopReason ?? reason.ToString()] : [],
        Usage = Usage,
        // What it costs is reckoned only for whoever is told.
        Cost = Telemetry is { IsRecorded: true } ? Cost : null,
        RequestId = RequestId,
        Quirks = Quirks,
    };

    // The answer has ended, whether or not the server closes the connection. The caller never waits for its last bytes.
    private void EndBody()
    {
        if (_isEnded)
            return;
        _isEnded = true;
        if (_answer is null)
            return;
        var rest = ReadRest();
        if (!rest.IsCompleted)
        {
            _answer.EndBehind(rest.AsTask());
            return;
        }
        if (rest.IsCompletedSuccessfully)
            _ = rest.Result;
        else
            _ = rest.AsTask().Exception;
        _answer.Dispose();
    }

    // Every read is watched, also one that comes at once: a flood of pings never makes a read wait, and brings nothing all the same.
    // The event Connected is the decoder's own and no sign of life.
    // The answer is whole: what comes of this is nobody's error.
    private ValueTask<int> ReadRest()
    {
        try
        {
            return _body.ReadAsync(Sink, _token);
        }
        catch (Exception e)
        {
            return ValueTask.FromException<int>(e);
        }
    }

    private void BeginWait()
    {
        if (_answer is null)
            return;
        _answer.Watchdog.BeginWait(hasProgressed: _eventCount != _eventsAtLastWait && _eventCount > 1);
        _eventsAtLastWait = _eventCount;
    }

    private Exception Translate(Exception e, CancellationToken cancellationToken)
    {
        if (_isDisposed != 0)
            return new ObjectDisposedException(nameof(ChatStream));
        // Some bodies say by an error of their own that they were cancelled.
        if (e is OperationCanceledException or IOException or HttpRequestException or ObjectDisposedException && cancellationToken.IsCancellationRequested)
            return new OperationCanceledException(cancellationToken);
        // What had ended the answer before this one is no reason for what ends the next attempt.
        var failure = HttpFailure.Translate(e, Phase, _isReopening ? null : _answer?.Watchdog, _answer?.CancellationToken ?? default);
        return failure is LlmException known ? Enrich(known) : failure;
    }

    private LlmException Enrich(LlmException e) =>
        e.With(hint: e is { Provider: null, Kind: LlmErrorKind.StreamTruncated or LlmErrorKind.MalformedResponse or LlmErrorKind.ProtocolViolation } ? _opening?.Hint : null,
            provider: Client?.Provider.Name, model: AskedModel, requestId: RequestId, rateLimits: RateLimits, outputCommitted: _isCommitted, usage: _decoder.Usage,
            attempts: (_opening is null ? _notes?.Earlier : _opening.EarlierOfOneService)?.With(e.Kind), redaction: Client?.Redaction(Secrets));

    internal void ClaimEnumeration()
    {
        if (_isEnumerated)
            throw new InvalidOperationException("A stream is read once. Keep what is needed of its events, with ToUpdate() or a ReplyBuilder.");
        _isEnumerated = true;
    }

    private static void ThrowConcurrent() =>
        throw new InvalidOperationException("Another read of this stream is under way; wait for it first.");
}
