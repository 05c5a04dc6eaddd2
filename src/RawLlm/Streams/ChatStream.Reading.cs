using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using System.Runtime.ExceptionServices;
using RawLlm.Protocols;
using RawLlm.Telemetry;
using RawLlm.Transport;

namespace RawLlm;

// How a read goes: from what is decoded already to bytes that are waited for, and what ends the stream.
public sealed partial class ChatStream
{
    private const int SmallestRead = 4096;

    // Takes what comes after the end. Never read, so all streams may share it, even with a read that was abandoned.
    private static readonly byte[] Sink = new byte[1024];

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
        bool isRead = false;
        try
        {
            if ((cancellationToken.IsCancellationRequested || Opened.IsCancellationRequested) && !_decoder.IsEnded)
            {
                if (TelemetrySwitch.IsSupported)
                    Telemetry?.ReadRefused();
                throw new OperationCanceledException(cancellationToken.IsCancellationRequested ? cancellationToken : Opened);
            }
            if (_notes is { Failure: { } failure })
            {
                if (TryReadLeft())
                    return new(true);
                ExceptionDispatchInfo.Throw(failure);
            }
            hasBegun = true;
            bool isEnded = false;
            if (!_decoder.NeedsBytes && TryReadDecoded(out isEnded))
                return new(true);
            isRead = true;
            while (!isEnded)
            {
                var read = BeginRead(cancellationToken, out bool isProbe);
                if (!read.IsCompletedSuccessfully || isProbe)
                {
                    isAsync = true;
                    return ReadMoreAsync(read, isProbe, cancellationToken);
                }
                int count = read.Result;
                if (count == 0)
                {
                    isAsync = true;
                    return ReadMoreAsync(new(0), isProbe: false, cancellationToken);
                }
                if (TryTake(count, cancellationToken, out isEnded))
                    return new(true);
            }
            return new(false);
        }
        catch (Exception e) when (hasBegun && ((isRead && _opening is not null && !_isCommitted) || MayGoOn(e, cancellationToken)))
        {
            isAsync = true;
            return ReadMoreAsync(ValueTask.FromException<int>(e), isProbe: false, cancellationToken);
        }
        catch (Exception e) when (hasBegun && KeepFailure(e))
        {
            throw;
        }
        finally
        {
            if (!isAsync)
                EndReading();
        }
    }

    // What waited for the end of an answer that broke off comes before the error.
    private bool TryReadLeft()
    {
        if (!_decoder.TryReadLeft())
            return false;
        CountEvent();
        return true;
    }

    // Answers false, so that a filter can call it before the stack is left, and catches nothing. A stream that was cancelled while it waited has lost its body, and
    // what that says is no reason.
    private bool KeepFailure(Exception e)
    {
        if (Volatile.Read(ref _isDisposed) == 0)
        {
            Notes.Failure ??= e is OperationCanceledException ? Enrich(Cancelled()) : e;
            // Before anything was handed on, and where a seam is tried, the chain takes note itself.
            if (e is LlmException { RetryAfter: { } asked })
                _notes!.Health?.Rest(asked);
            if (TelemetrySwitch.IsSupported)
                Telemetry?.StreamFailed(e, Facts(), _isCommitted);
        }
        return false;
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
            throw Enrich(e, Client?.Errors.Keep(_decoder.FailedFrame));
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
                var probe = _body.ReadAsync(Memory<byte>.Empty, token);
                isProbe = !probe.IsCompletedSuccessfully;
                if (isProbe)
                {
                    // Only now: where bytes have come already, nobody waits, and the buffers would be taken again at once.
                    _decoder.ReleaseIfIdle();
                    return probe;
                }
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
                catch (Exception e) when (MayGoOn(e, cancellationToken))
                {
                    await GoOnAsync((LlmException)Translate(e, cancellationToken), cancellationToken).ConfigureAwait(false);
                    return true;
                }
                read = BeginRead(cancellationToken, out isProbe);
            }
        }
        // What the transport itself says does not know yet whom it was asked for.
        catch (Exception e) when (e is not LlmException { Provider: not null } || Client is null)
        {
            var failure = IsCallersOwn(e, cancellationToken) ? e : Translate(e, cancellationToken);
            // Whoever cancels wants no more of it.
            if (failure is LlmException && _isDisposed == 0)
                _decoder.BreakOff();
            KeepFailure(failure);
            if (failure is LlmException && TryReadLeft())
                return true;
            ExceptionDispatchInfo.Throw(failure);
            throw;
        }
        catch (Exception e) when (KeepFailure(e))
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
                throw Enrich(WholeAnswer.Empty());
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

    // Only white space can have come before, of which a byte order mark alone says something to a decoder.
    private void Recognize(StreamOpening opening, int count)
    {
        // The room that the read has filled; it was not advanced yet.
        var bytes = _decoder.GetSpan(count)[..count];
        if (opening.Recognize(bytes) is not { } decoder)
            return;
        // The caller has been told of the connection already.
        decoder.TryRead();
        var mark = opening.Mark;
        mark.CopyTo(decoder.GetSpan(mark.Length));
        decoder.Advance(mark.Length);
        bytes.CopyTo(decoder.GetSpan(count));
        _decoder.Dispose();
        _decoder = decoder;
    }

    // What was handed on cannot be taken back: from here on nothing is sent again. Connected is the decoder's own.
    private void CountEvent()
    {
        _eventCount++;
        // The closing events come once the wire's own end was seen, or an error that ends the answer.
        if (IsGathered || (_isCommitted && !_decoder.IsClosing))
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
        if (_opening.Health is { } health)
            Notes.Health = health;
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
            Notes.StopMessage = e.StopMessage;
        }
    }

    // Behind several services also what ends the call: the chain has its attempts, and knows which error tells most.
    private bool MayReopen(LlmException failure) => _opening is { } opening && !_isCommitted && (failure.IsRetryable || opening.IsOfSeveral) && _isDisposed == 0;

    private async ValueTask ReopenAsync(LlmException failure, CancellationToken cancellationToken)
    {
        var broken = _answer!;
        broken.Dispose();
        _isReopening = true;
        var (answer, decoder) = await _opening!.ReopenAsync(failure, broken, cancellationToken).ConfigureAwait(false);
        Telemetry = _opening.Telemetry;
        // The caller has been told of the connection already.
        decoder.TryRead();
        _decoder.Dispose();
        _decoder = decoder;
        _body = _notes?.Seams?.Follow(answer, _opening.Client, _opening.MediaType) ?? answer.Body;
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
            EndAnswer();
            _opening?.Dispose();
            _joined?.Dispose();
            _decoder.Dispose();
        }
    }

    // Of one that is whole the end is still looked for, also where its reader left before hearing of it.
    private void EndAnswer()
    {
        if (_answer is not { } answer)
            return;
        if (!_isEnded && _decoder.IsEnded && _notes?.Failure is null)
            EndBody();
        else if (!_isEnded)
            answer.Watchdog.Cancel();
        answer.Dispose();
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
        Cost = Telemetry is { IsRecorded: true } ? OwnCost : null,
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

    // Every read is watched, also one that comes at once: a flood of pings never makes a read wait, and brings nothing all the same.
    // The event Connected is the decoder's own and no sign of life.
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

    // Where a stream is opened again the transport's own failures are translated before they come here: the rest was thrown by a credential, a request or a wire of the caller's.
    private bool IsCallersOwn(Exception e, CancellationToken cancellationToken) =>
        _isReopening && _isDisposed == 0 && e is not LlmException && !cancellationToken.IsCancellationRequested;

    private LlmException Enrich(LlmException e, string? body = null)
    {
        var enriched = e.With(hint: e is { Provider: null, Kind: LlmErrorKind.StreamTruncated or LlmErrorKind.MalformedResponse or LlmErrorKind.ProtocolViolation } ? _opening?.Hint : null,
            provider: Client?.Provider.Name, model: AskedModel, requestId: RequestId, rateLimits: RateLimits, outputCommitted: _isCommitted, usage: _decoder.Usage,
            redaction: Client?.Errors.Redaction(Secrets), retryAfter: _answer is null ? null : Client?.Errors.StatedWait(e, _answer), body: body, headers: Headers);
        return (_opening is null ? _notes?.Earlier : _opening.EarlierOfOneService) is { } earlier ? enriched.With(attempts: earlier.With(enriched)) : enriched;
    }

    [DoesNotReturn]
    internal static void ThrowConcurrent() =>
        throw new InvalidOperationException("Another read of this stream is under way; wait for it first.");
}
