using System.Buffers;
using System.Runtime.CompilerServices;
using RawLlm.Framing;

namespace RawLlm.Protocols;

/// <summary>Decodes one streamed answer from bytes to events, without streams, tasks or a clock: write bytes, read events.</summary>
/// <remarks>
/// Write bytes through <see cref="IBufferWriter{T}"/>, call <see cref="TryRead"/> until it returns false, write again, and call
/// <see cref="Complete"/> when the body has ended. Not thread-safe. An error is thrown only after every event before it has been read;
/// further calls throw the same error.
/// </remarks>
public sealed partial class StreamDecoder : IBufferWriter<byte>, IEventDetails, IDisposable
{
    private readonly FrameReader _frames;
    private readonly EventDecoder _decoder;
    private readonly EventBuffer _events;
    private readonly ByteWindow _window;
    private FramePredictor? _predictor;

    private LlmException? _failure;
    private PooledBytes _joinedFrame;
    private long _totalBytes;
    private long _readCount;
    private long _predictedCount;
    private int _consume;
    private int _frameStart;
    private int _frameLength;
    private bool _isConnected;
    private bool _isBodyEnded;

    /// <summary>Creates a decoder from a framing and the decoder of its frames; both are disposed with it.</summary>
    public StreamDecoder(FrameReader frames, EventDecoder decoder, DecoderOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(frames);
        ArgumentNullException.ThrowIfNull(decoder);
        _frames = frames;
        _decoder = decoder;
        _events = new EventBuffer(options) { MayLend = decoder.RetainsCallBytes };
        _window = new ByteWindow(frames is WholeBodyReader ? Limits.ReplyBytes : Limits.EventBytes);
        if (_events.Options.Prediction && frames is not WholeBodyReader && !decoder.PredictsItself)
            _predictor = FramePredictor.Borrow();
    }

    /// <summary>The event that the last <see cref="TryRead"/> moved to, lent until the next call.</summary>
    public StreamEvent Current
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get =>
            _lent is { } target && _lentStart >= 0
                ? new StreamEvent(target.Kind, target.Choice, target.Part, _window.Lent(_lentStart, _lentLength), this)
                : Gathered();
    }

    /// <summary>Whether the answer has ended: no more bytes are needed, and bytes that follow are ignored.</summary>
    public bool IsEnded { get; private set; }

    /// <inheritdoc cref="EventDecoder.AnswerId"/>
    internal string? AnswerId => _decoder.AnswerId;

    /// <inheritdoc cref="EventDecoder.AnswerModel"/>
    internal string? AnswerModel => _decoder.AnswerModel;

    /// <summary>Whether decoding is over: events found before are still returned, then the end or the error.</summary>
    internal bool IsClosing => IsEnded || _failure is not null;

    /// <summary>The number of decoded frames, including the end mark.</summary>
    public long FrameCount => _readCount + PassedCount;

    /// <summary>The number of frames that were predicted.</summary>
    internal long PredictedCount => PassedCount + _decoder.PredictedCount;

    // Read from the window, so that a waiting stream holds the limit only once.
    private int FrameBytes => _window.Ceiling;

    // Frames that were matched but not taken yet do not count.
    private long PassedCount => _predictedCount - (_aheadCount - _nextAhead);

    /// <summary>Whether any content has been returned: text, reasoning, a refusal, an image, audio, or any part of a tool call.</summary>
    public bool HasContent => _events.HasContent;

    /// <summary>The deviations tolerated so far.</summary>
    public IReadOnlyList<Quirk> Quirks => _events.Quirks;

    /// <summary>The usage of the answer as far as it is known.</summary>
    public Usage? Usage
    {
        get
        {
            if (_deferred is { IsInFrame: true })
                LeaveFastPath();
            // Returns what is known; unreadable counts fail the next read.
            _failure = TryReadDeferred(_failure);
            return _decoder.Usage;
        }
    }

    /// <inheritdoc/>
    public void Advance(int count)
    {
        _window.Advance(count);
        _totalBytes += count;
        if (_totalBytes > Limits.StreamBytes)
            LeaveFastPath();
    }

    /// <summary>Adds bytes without copying them, unless earlier bytes are still unread.</summary>
    /// <param name="bytes">The bytes; they must not change until <see cref="TryRead"/> returns false.</param>
    public void Append(ReadOnlyMemory<byte> bytes)
    {
        ReleaseFrame();
        _window.Append(bytes);
        _totalBytes += bytes.Length;
        if (_totalBytes > Limits.StreamBytes)
            LeaveFastPath();
    }

    /// <inheritdoc/>
    public Memory<byte> GetMemory(int sizeHint = 0)
    {
        ReleaseFrame();
        return _window.GetMemory(sizeHint);
    }

    /// <inheritdoc/>
    public Span<byte> GetSpan(int sizeHint = 0)
    {
        ReleaseFrame();
        return _window.GetSpan(sizeHint);
    }

    /// <summary>Marks the end of the body: no more bytes will come.</summary>
    public void Complete() => _isBodyEnded = true;

    /// <summary>
    /// Handles a lost connection: adds what was held back until the answer's end and is valid without it, for <see cref="TryReadLeft"/>. A
    /// second call adds nothing.
    /// </summary>
    internal void Abort()
    {
        LeaveFastPath();
        ReleaseFrame();
        AbortDecoder();
    }

    /// <summary>Moves to the next event that was already decoded. Reads no bytes.</summary>
    internal bool TryReadLeft()
    {
        _lent = null;
        return _events.MoveNext();
    }

    /// <summary>Moves to the next event.</summary>
    /// <returns>False if more bytes are needed, or if the answer has ended (<see cref="IsEnded"/>).</returns>
    /// <exception cref="LlmException">The service reported an error, violated the wire format or a limit, or the body ended before the
    /// answer was complete.</exception>
    public bool TryRead() => TryReadLikely() || TryReadAny() || EndReading();

    string? IEventDetails.Id => _lent is null ? Gathering.Id : _lent.Id;

    string? IEventDetails.Name => _lent is null ? Gathering.Name : _lent.Name;

    Usage? IEventDetails.Usage => _lent is null ? Gathering.Usage : null;

    StopReason IEventDetails.StopReason => _lent is null ? Gathering.StopReason : default;

    string? IEventDetails.RawStopReason => _lent is null ? Gathering.RawStopReason : null;

    string? IEventDetails.StopMessage => _lent is null ? Gathering.StopMessage : null;

    string? IEventDetails.StopSequence => _lent is null ? Gathering.StopSequence : null;

    Citation? IEventDetails.Citation => _lent is null ? Gathering.Citation : null;

    LogProbs? IEventDetails.LogProbs => _lent is null ? Gathering.LogProbs : null;

    string? IEventDetails.Origin => _lent is null ? Gathering.Origin : null;

    StreamSwitch? IEventDetails.Switch => _lent is null ? Gathering.Switch : null;

    ReadOnlySpan<byte> IEventDetails.Frame =>
        _lent is null && _joinedFrame.Length > 0 ? _joinedFrame.Span : _window.Lent(_frameStart, _frameLength);

    private IEventDetails Gathering => _events;

    private LlmLimits Limits => _events.Options.Limits;

    [MethodImpl(MethodImplOptions.NoInlining)]
    private StreamEvent Gathered()
    {
        if (_lent is not { } target)
            return _events.At(this);
        var piece = _lentStart == InBuffer ? _events.Scratch(_scratchStart, _lentLength) : target.LastPiece(_lentLength);
        return new StreamEvent(target.Kind, target.Choice, target.Part, piece, this);
    }

    private bool TryReadAny()
    {
        if (_likely is not null)
        {
            var unread = _window.After(_consume);
            // There are no bytes yet, or only the beginning of the likely frame, in which no frame can end.
            if (
                !_isBodyEnded
                && unread.Length <= Math.Min(FrameBytes, MaxSeenAgain)
                && (unread.IsEmpty || (!_likely.IsStale && _likely.IsBegunBy(unread)))
            )
            {
                ReleaseFrame();
                return false;
            }
            if (TryReadOther(_likely))
                return true;
            LeaveFastPath();
        }
        _lent = null;
        if (!_isConnected)
        {
            _isConnected = true;
            _events.Add(StreamEventKind.Connected);
        }
        return _events.MoveNext() || TryDecode();
    }

    // From here on, the caller may reuse the array of lent bytes.
    private bool EndReading()
    {
        _window.Release();
        return false;
    }

    /// <summary>Returns the read buffer to its pool if it is empty, so that a waiting stream holds none.</summary>
    public void ReleaseIfIdle()
    {
        ReleaseFrame();
        _joinedFrame.Return();
        _predictor?.ReleaseTrace();
        // The event buffer's room may hold texts that were unescaped ahead.
        if (_nextAhead == _aheadCount)
        {
            _events.ReleaseIfEmpty();
            ReturnAhead();
        }
        _window.ReleaseIfEmpty();
    }

    /// <summary>Whether no bytes are waiting to be decoded, so that <see cref="ReleaseIfIdle"/> leaves no buffer behind.</summary>
    internal bool IsIdle => _window.UnreadLength == _consume;

    /// <summary>Whether <see cref="TryRead"/> would only report that more bytes are needed, because there are none.</summary>
    internal bool NeedsBytes => _likely is not null && !_isBodyEnded && _window.UnreadLength == _consume;

    /// <summary>Returns all pooled buffers; a second call does nothing.</summary>
    public void Dispose()
    {
        // Usage counts even if the reader left early. Errors are dropped: a quirk that strict decoding would throw comes too late, and with
        // a reader on another thread the counts may be gone.
        TryReadDeferred(null);
        _frameStart = _frameLength = _consume = 0;
        ReturnAhead();
        _joinedFrame.Return();
        _deferred?.Return();
        _likely = _lastPassed = null;
        _lent = null;
        _predictor?.Return();
        _predictor = null;
        _window.Dispose();
        _frames.Dispose();
        _decoder.Dispose();
        _events.Dispose();
    }

    /// <summary>
    /// The data of the event with which the service ended the stream, or the body that it sent instead of a stream; empty if the failure
    /// comes from neither.
    /// </summary>
    internal ReadOnlySpan<byte> FailedFrame =>
        _failure is { Kind: LlmErrorKind.StreamError } || (_failure is not null && _frames is WholeBodyReader)
            ? ((IEventDetails)this).Frame
            : default;

    /// <summary>Whether the stop reason is known.</summary>
    internal bool IsStopped => _decoder.IsStopped;

    /// <summary>Records a quirk that is not a fault of the service's answer.</summary>
    internal void Record(Quirk quirk) => _events.Record(quirk);

    private bool TryDecode()
    {
        do
        {
            if (_failure is not null)
                Rethrow(_failure);
            if (IsEnded)
                return false;
            ReleaseFrame();
            bool hadContent = _events.HasContent;
            try
            {
                if (!TryPredict() && !TryDecodeFrame())
                    return false;
            }
            catch (LlmException e)
            {
                Fail(e);
            }
            catch (Exception e) when (WireJson.IsUnreadable(e))
            {
                // An event that is not valid to its end is not returned in part.
                _events.DropPending(hadContent);
                Fail(WireJson.Malformed(e, $"Event {FrameCount}", ((IEventDetails)this).Frame, Usage, Limits));
            }
            catch (FramingException e)
            {
                Fail(
                    _frames.LongestFrame > FrameBytes
                        ? FrameLimit()
                        : new LlmException(LlmErrorKind.ProtocolViolation, e.Message) { Phase = LlmPhase.Streaming }
                );
            }
        } while (_lent is null && !_events.MoveNext());
        return true;
    }

    private void Fail(LlmException failure)
    {
        _failure = failure;
        AbortDecoder();
    }

    private void AbortDecoder()
    {
        // An answer that broke off before any content is requested again; returning something now would prevent that.
        if (!_events.HasContent)
            return;
        try
        {
            _decoder.Abort(_events);
        }
        catch (Exception e) when (e is LlmException || WireJson.IsUnreadable(e))
        {
            // Exceeds a limit, or deviates in strict decoding: the error that broke the answer off is reported anyway.
        }
    }

    private bool TryDecodeFrame()
    {
        bool isFound = _frames.TryFind(_window.Unread, _isBodyEnded, out var frame, out int consumed);
        // Both limits apply at the same byte of the body, however it was split into reads. The window shows what a frame reader fails to
        // measure.
        if (Math.Max(_frames.LongestFrame, isFound ? frame.Raw.Length : _window.UnreadLength - consumed) > FrameBytes)
            throw FrameLimit();
        if (_totalBytes > Limits.StreamBytes && (!isFound || _totalBytes - _window.UnreadLength + EndOf(frame) > Limits.StreamBytes))
            throw AnswerErrors.LimitExceeded(LlmLimit.StreamBytes, "The stream is longer than LlmLimits.StreamBytes allows.");
        if (!isFound)
        {
            _window.Consume(consumed);
            _isFramed = _window.UnreadLength > MaxSeenAgain;
            if (!_isBodyEnded)
            {
                // Do not wait for an event that may never come.
                if (_window.UnreadLength == 0 && _decoder.Unexplained is { } failure)
                    Rethrow(failure);
                return false;
            }
            ReadDeferred();
            _decoder.Complete(_frames.IsCut, _events);
            IsEnded = true;
            return true;
        }
        _consume = consumed;
        _isFramed = false;
        if (frame.IsUnterminated)
            return DecodeLast(frame);
        LendFrame(frame);
        if (TryPredict(frame))
            return true;
        frame = _frames.ReadHead(frame);
        _readCount++;
        DecodeInFull(frame);
        return true;
    }

    private void DecodeInFull(in Frame frame)
    {
        ReadDeferred();
        var trace = _events.Trace = _predictor?.Begin(_frameLength > 0 ? _window.UnreadMemory.Slice(_frameStart, _frameLength) : default);
        try
        {
            IsEnded = !_decoder.Decode(frame, _events);
        }
        finally
        {
            _events.Trace = null;
        }
        if (trace is null)
            return;
        if (trace.IsUsable && _events.Pending == 1)
            Learn(frame);
        else
            _predictor!.MarkStale();
    }

    // Some services omit the last blank line. Their last event is accepted if it is complete in itself; a part of an event never is.
    private bool DecodeLast(in Frame frame)
    {
        bool isWhole = !_events.Options.Strict && _decoder.IsWhole(frame.Data);
        if (isWhole)
        {
            _readCount++;
            LendFrame(frame);
            _events.Note(QuirkKind.UnterminatedEvent, "end of body");
            ReadDeferred();
            IsEnded = !_decoder.Decode(frame, _events);
        }
        if (!IsEnded)
        {
            ReadDeferred();
            _decoder.Complete(isCut: !isWhole, _events);
            IsEnded = true;
        }
        return true;
    }

    // Data of one line is in the window. Data of several lines was joined by the framing in its own buffer, so it is copied.
    private void LendFrame(in Frame frame)
    {
        if (_window.Unread.Overlaps(frame.Data, out int start))
        {
            _frameStart = start;
            _frameLength = frame.Data.Length;
        }
        else if (!frame.Data.IsEmpty)
        {
            _joinedFrame.Append(frame.Data);
        }
    }

    private void ReleaseFrame()
    {
        StoreDeferred();
        if (_nextAhead < _aheadCount)
            StoreLastTaken();
        if (_consume > 0)
        {
            _window.Consume(_consume);
            _consume = 0;
        }
        // Offsets of counts in the frames ahead are no longer valid.
        _deferred?.ForgetPlace();
        _lent = null;
        _frameStart = _frameLength = 0;
        _joinedFrame.Clear();
    }

    private int EndOf(in Frame frame) => _window.Unread.Overlaps(frame.Raw, out int start) ? start + frame.Raw.Length : frame.Raw.Length;

    private LlmException FrameLimit() =>
        _frames is WholeBodyReader
            ? AnswerErrors.LimitExceeded(LlmLimit.ReplyBytes, "The answer is longer than LlmLimits.ReplyBytes allows.")
            : AnswerErrors.LimitExceeded(LlmLimit.EventBytes, "An event is longer than LlmLimits.EventBytes allows.");

    private static void Rethrow(LlmException failure) => System.Runtime.ExceptionServices.ExceptionDispatchInfo.Throw(failure);
}
