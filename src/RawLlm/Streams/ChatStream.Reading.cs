using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using System.Runtime.ExceptionServices;
using RawLlm.Protocols;
using RawLlm.Telemetry;
using RawLlm.Transport;

namespace RawLlm;

// How a read proceeds, from events that are already decoded to bytes that it waits for, and what ends the stream.
public sealed partial class ChatStream
{
    private const int SmallestRead = 4096;

    // Receives bytes after the end of an answer. Nothing reads them, so all streams can share the array, even with an abandoned read.
    private static readonly byte[] Sink = new byte[1024];

    // Takes a frame that is already known to match. No byte of it is read, so no buffer has to be protected from a disposal on another
    // thread.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal bool TryTakeAhead()
    {
        if ((_isReading | _isDisposed) != 0 || !_decoder.TryTakeAhead())
            return false;
        _eventCount++;
        return Volatile.Read(ref _isDisposed) == 0;
    }

    // The usual case, a text like the one before, without the interlocked exchange, which costs as much as all the rest: DisposeAsync
    // ensures the order.
    [MethodImpl(MethodImplOptions.NoInlining)]
    private bool TryReadLikely(CancellationToken cancellationToken)
    {
        // ReadNextAsync handles a token that was canceled.
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
            if (_rareState is { Failure: { } failure })
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
                if (TryProcessRead(count, cancellationToken, out isEnded))
                    return new(true);
            }
            return new(false);
        }
        catch (Exception e) when (hasBegun && ((isRead && _opening is not null && !_isCommitted) || MayGoOn(e, cancellationToken)))
        {
            isAsync = true;
            return ReadMoreAsync(ValueTask.FromException<int>(e), isProbe: false, cancellationToken);
        }
        catch (Exception e) when (hasBegun && RecordFailure(e))
        {
            throw;
        }
        finally
        {
            if (!isAsync)
                EndReading();
        }
    }

    // Only ReadAsync can ask again, before the first event, and only it throws: the decoder reports its error again to the next read.
    [MethodImpl(MethodImplOptions.NoInlining)]
    private bool TryReadArrived()
    {
        if (_decoder.CanLookAhead && TryReadLikely(CancellationToken.None))
            return true;
        ObjectDisposedException.ThrowIf(_isDisposed != 0, this);
        if (Interlocked.Exchange(ref _isReading, 1) != 0)
        {
            ObjectDisposedException.ThrowIf(Volatile.Read(ref _isDisposed) != 0, this);
            ThrowConcurrent();
        }
        try
        {
            return _isCommitted
                && _rareState is not { Failure: not null }
                && !Opened.IsCancellationRequested
                && !_decoder.NeedsBytes
                && TryReadDecoded(out _);
        }
        catch (LlmException)
        {
            return false;
        }
        finally
        {
            EndReading();
        }
    }

    // Events that were held until the end of an answer that broke off come before the error.
    private bool TryReadLeft()
    {
        if (!_decoder.TryReadLeft())
            return false;
        CountEvent();
        return true;
    }

    // Returns false, so that a filter can call it before the stack unwinds, and never catches anything. A stream that was canceled while it
    // waited has lost its body, whose own errors would not explain that.
    private bool RecordFailure(Exception e)
    {
        if (Volatile.Read(ref _isDisposed) == 0)
        {
            RareState.Failure ??= e is OperationCanceledException ? Enrich(Cancelled()) : e;
            // Before the first event, and while a seam is attempted, the chain records this itself.
            if (e is LlmException { RetryAfter: { } asked, IsOfRequestCredential: false })
                _rareState!.Health?.BackOff(asked);
            if (TelemetrySwitch.IsSupported)
                Telemetry?.StreamFailed(e, Facts(), _isCommitted);
        }
        return false;
    }

    private LlmException Cancelled() =>
        new(LlmErrorKind.ConnectionLost, "A read of this stream was canceled while it waited, so the stream cannot continue.")
        {
            Phase = Phase,
        };

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
            throw Enrich(e, Client?.Errors.RetainBody(_decoder.FailedFrame));
        }
    }

    // A read of no bytes completes once there are bytes to read, or at once on a stream that cannot wait for them. Either way it says
    // nothing about the end of the body. No buffer is held meanwhile.
    private ValueTask<int> BeginRead(CancellationToken cancellationToken, out bool isProbe)
    {
        isProbe = false;
        try
        {
            var token = Join(cancellationToken);
            BeginWait();
            // A disposal that did not see the wait yet has not ended it.
            ObjectDisposedException.ThrowIf(Volatile.Read(ref _isDisposed) != 0, this);
            if (_answer is not null && _decoder.IsIdle)
            {
                var probe = _body.ReadAsync(Memory<byte>.Empty, token);
                isProbe = !probe.IsCompletedSuccessfully;
                if (isProbe)
                {
                    // Only now: if bytes have already arrived, there is no wait, and the buffers would be needed again at once.
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
                    if (TryProcessRead(count, cancellationToken, out bool isEnded))
                        return true;
                    if (isEnded)
                        return false;
                }
                catch (Exception e)
                    when (_opening is not null
                        && !_isCommitted
                        && _isDisposed == 0
                        && Translate(e, cancellationToken) is LlmException failure
                        && MayReopen(failure)
                    )
                {
                    await ReopenAsync(failure, cancellationToken).ConfigureAwait(false);
                }
                catch (Exception e) when (MayGoOn(e, cancellationToken))
                {
                    var broken = (LlmException)Translate(e, cancellationToken);
                    await _rareState!.Seams!.GoOnOrEndAsync(this, broken, cancellationToken).ConfigureAwait(false);
                    return true;
                }
                read = BeginRead(cancellationToken, out isProbe);
            }
        }
        // The transport's own exceptions do not name the provider yet.
        catch (Exception e) when (e is not LlmException { Provider: not null } || Client is null)
        {
            var failure = IsCallersOwn(e, cancellationToken) ? e : Translate(e, cancellationToken);
            // A caller that cancels wants no more events.
            if (failure is LlmException && _isDisposed == 0)
                _decoder.Abort();
            RecordFailure(failure);
            if (failure is LlmException && TryReadLeft())
                return true;
            ExceptionDispatchInfo.Throw(failure);
            throw;
        }
        catch (Exception e) when (RecordFailure(e))
        {
            throw;
        }
        finally
        {
            EndReading();
        }
    }

    // No fence: the one in DisposeAsync serves both.
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

    private bool TryProcessRead(int count, CancellationToken cancellationToken, out bool isEnded)
    {
        _answer?.Watchdog.EndWait();
        ObjectDisposedException.ThrowIf(_isDisposed != 0, this);
        if (count == 0)
        {
            // A body that ignores the token is closed instead, and may then report that it has ended.
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
        if (TelemetrySwitch.IsSupported && hasRead && _rareState is { Telemetry: { } telemetry })
            telemetry.ChunkCame();
        return hasRead;
    }

    // Only white space can precede these bytes; of that, only a byte order mark matters to a decoder.
    private void Recognize(StreamOpening opening, int count)
    {
        // The memory that the read has filled; Advance has not been called for it yet.
        var bytes = _decoder.GetSpan(count)[..count];
        if (opening.Recognize(bytes) is not { } decoder)
            return;
        // Skips Connected, which the caller has already seen.
        decoder.TryRead();
        var mark = opening.Mark;
        mark.CopyTo(decoder.GetSpan(mark.Length));
        decoder.Advance(mark.Length);
        bytes.CopyTo(decoder.GetSpan(count));
        _decoder.Dispose();
        _decoder = decoder;
    }

    // Delivered events cannot be taken back: from here on nothing is sent again. Connected comes from the decoder itself.
    private void CountEvent()
    {
        _eventCount++;
        // The closing events come after the wire's own end, or after an error that ends the answer.
        if (IsGathered || (_isCommitted && !_decoder.IsClosing))
            return;
        var kind = _decoder.Current.Kind;
        if (kind == StreamEventKind.Connected)
            return;
        if (kind is StreamEventKind.Stop or StreamEventKind.Done)
            RecordEnd();
        if (_isCommitted)
            return;
        _isCommitted = true;
        if (_opening is null)
            return;
        if (_opening.Earlier is { } earlier)
            RareState.Earlier = earlier;
        if (_opening.Health is { } health)
            RareState.Health = health;
        _opening.Commit();
        // The opening holds the request, which is no longer needed.
        _opening = null;
    }

    private void RecordEnd()
    {
        var e = _decoder.Current;
        if (e.Kind == StreamEventKind.Done)
        {
            RareState.Id = e.Id;
            RareState.Model = e.Name;
        }
        else if (e.Choice == 0)
        {
            RareState.StopReason = e.StopReason;
            RareState.RawStopReason = e.RawStopReason;
            RareState.StopMessage = e.StopMessage;
            RareState.StopSequence = e.StopSequence;
        }
    }

    // In a fallback chain, also after an error that ends the call: the chain has all attempts and knows which error says most.
    private bool MayReopen(LlmException failure) =>
        _opening is { } opening
        && !_isCommitted
        && (failure.IsRetryable || opening.IsOfSeveral || opening.LearnsFromRefusals)
        && _isDisposed == 0;

    private async ValueTask ReopenAsync(LlmException failure, CancellationToken cancellationToken)
    {
        var broken = _answer!;
        broken.Dispose();
        _isReopening = true;
        var answer = await _opening!.ReopenAsync(failure, broken, cancellationToken).ConfigureAwait(false);
        var decoder = _opening.TakeReopened();
        Telemetry = _opening.Telemetry;
        // Skips Connected, which the caller has already seen.
        decoder.TryRead();
        _decoder.Dispose();
        _decoder = decoder;
        _body = _rareState?.Seams?.ObserveBody(answer, _opening.Client, _opening.MediaType) ?? answer.Body;
        _hasBytes = false;
        _eventsAtLastWait = _eventCount = 1;
        (Client, RequestedModel, Secrets) = (_opening.Client, _opening.Model, _opening.Secrets);
        UsesRequestCredential = _opening.UsesRequestCredential;
        SetAnswer(answer);
        Interlocked.MemoryBarrier();
        if (_isDisposed == 0)
            return;
        answer.Dispose();
        throw new ObjectDisposedException(nameof(ChatStream));
    }

    private void SetAnswer(HttpAnswer answer)
    {
        _answer = answer;
        _isReopening = false;
        _token = answer.Watchdog.Token;
        _joined?.Dispose();
        _joined = null;
    }

    // A loop passes the same token to every read, so the two tokens are linked once, not for each read.
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
        // No read is in progress, and nothing of the answer has been released yet.
        try
        {
            if (TelemetrySwitch.IsSupported && Telemetry is { } telemetry)
                RecordDisposal(telemetry);
        }
        finally
        {
            EndAnswer();
            _opening?.Dispose();
            _joined?.Dispose();
            _decoder.Dispose();
        }
    }

    // For a complete answer, the end of the body is still read, even if the reader left before it saw the end.
    private void EndAnswer()
    {
        if (_answer is not { } answer)
            return;
        if (!_isEnded && _decoder.IsEnded && _rareState?.Failure is null)
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

    private void RecordDisposal(CallTelemetry telemetry)
    {
        if (_decoder.IsEnded)
            telemetry.StreamDone(Facts());
        else
            telemetry.StreamLeft(Facts(), Opened.IsCancellationRequested);
    }

    private AnswerFacts Facts() =>
        new()
        {
            Id = Id,
            Model = Model,
            FinishReasons =
                _rareState is { StopReason: var reason } notes && (notes.RawStopReason is not null || reason != StopReason.Unknown)
                    ? [notes.RawStopReason ?? reason.ToString()]
                    : [],
            Usage = Usage,
            // The cost is calculated only if it is recorded.
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
            _answer.EndInBackground(rest.AsTask());
            return;
        }
        if (rest.IsCompletedSuccessfully)
            _ = rest.Result;
        else
            _ = rest.AsTask().Exception;
        _answer.Dispose();
    }

    // The answer is complete, so a failure here does not matter.
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

    // Every read is watched, even one that completes at once: during a flood of pings no read ever waits, but the answer makes no progress.
    // The event Connected comes from the decoder itself and is no sign of life.
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
        // Some bodies report their cancellation with an exception of their own.
        if (
            e is OperationCanceledException or IOException or HttpRequestException or ObjectDisposedException
            && cancellationToken.IsCancellationRequested
        )
        {
            return new OperationCanceledException(cancellationToken);
        }
        // While the stream is being reopened, the old answer's watchdog does not explain the failure of the next attempt.
        var failure = HttpFailure.Translate(e, Phase, _isReopening ? null : _answer?.Watchdog, _answer?.CancellationToken ?? default);
        return failure is LlmException known ? Enrich(known) : failure;
    }

    // When a stream is reopened, the transport's own failures are translated before they get here. Anything else was thrown by the caller's
    // credential, request or wire.
    private bool IsCallersOwn(Exception e, CancellationToken cancellationToken) =>
        _isReopening && _isDisposed == 0 && e is not LlmException && !cancellationToken.IsCancellationRequested;

    private LlmException Enrich(LlmException e, string? body = null)
    {
        var enriched = e.With(
            hint: e
                is {
                    Provider: null,
                    Kind: LlmErrorKind.StreamTruncated or LlmErrorKind.MalformedResponse or LlmErrorKind.ProtocolViolation
                }
                ? _opening?.Hint
                : null,
            provider: Client?.Provider.Name,
            model: RequestedModel,
            requestId: RequestId,
            rateLimits: RateLimits,
            outputCommitted: _isCommitted,
            usage: _decoder.Usage,
            redaction: Client?.Errors.Redaction(Secrets),
            retryAfter: _answer is null ? null : Client?.Errors.StatedWait(e, _answer),
            body: body,
            headers: Headers,
            usedRequestCredential: UsesRequestCredential,
            forbidsRetry: _answer is not null && ResponseHead.ShouldRetry(_answer.Headers) == false
        );
        return (_opening is null ? _rareState?.Earlier : _opening.EarlierOfOneService) is { } earlier
            ? enriched.With(attempts: earlier.With(enriched))
            : enriched;
    }

    [DoesNotReturn]
    internal static void ThrowConcurrent() =>
        throw new InvalidOperationException("Another read of this stream is in progress; await it first.");
}
