using System.Buffers;
using System.Runtime.CompilerServices;
using RawLlm.Framing;

namespace RawLlm.Protocols;

/// <summary>Decodes one streamed answer from bytes to events, without stream, task or clock: write bytes, read events.</summary>
/// <remarks>
/// Fill it through <see cref="IBufferWriter{T}"/>, call <see cref="TryRead"/> until it answers false, fill again, and call
/// <see cref="Complete"/> when the body has ended. Not thread-safe. An error is thrown only after every event that came before it
/// was read; after it, the same error comes again.
/// </remarks>
public sealed class StreamDecoder : IBufferWriter<byte>, IEventDetails, IDisposable
{
    private readonly FrameReader _frames;
    private readonly EventDecoder _decoder;
    private readonly EventBuffer _events;
    private readonly ByteWindow _window;
    private readonly int _frameBytes;
    private FramePredictor? _predictor;

    // The template that the next frame is likely to fit, while nothing else has to be looked at before; null after everything that is not a lent piece.
    private FrameTemplate? _likely;

    // The event that is lent where it stands, and takes no slot of the buffer: at this offset of the window, or unescaped in the room of the buffer,
    // or where its target keeps it.
    private const int InBuffer = -1;
    private const int InTarget = -2;
    // How much of a piece is unescaped while its end is looked for; a longer one is measured first.
    private const int MostUnescaped = 512;
    private PieceTarget? _lent;
    private int _lentStart;
    private int _lentLength;
    private int _scratchStart;

    // Frames that were found to fit before anybody asked for them, each the successor of the one before: to match several in one go takes
    // half as long as one by one. About as many as a read of 4 KiB brings, with room for the texts that had escapes.
    private const int MostAhead = 16;
    private const int MostBetween = 1024;
    private const int MostScratch = 2048;
    private FrameAhead[] _ahead = [];
    private int _aheadCount;
    private int _nextAhead;

    // What the framing and the predictor have not been told yet.
    private FrameTemplate? _lastPassed;
    private int _longestPassed;

    // Made where frames have counts: most services send them once.
    private DeferredCounts? _deferred;

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

    /// <summary>Pairs a framing with the decoder of its frames; both are disposed with this.</summary>
    public StreamDecoder(FrameReader frames, EventDecoder decoder, DecoderOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(frames);
        ArgumentNullException.ThrowIfNull(decoder);
        _frames = frames;
        _decoder = decoder;
        _events = new EventBuffer(options) { MayLend = decoder.HoldsCalls };
        _frameBytes = frames is WholeBodyReader ? Limits.ReplyBytes : Limits.EventBytes;
        _window = new ByteWindow(_frameBytes);
        if (_events.Options.Prediction && frames is not WholeBodyReader && !decoder.PredictsItself)
            _predictor = FramePredictor.Borrow();
    }

    /// <summary>The event that the last <see cref="TryRead"/> moved to, lent until the next call.</summary>
    public StreamEvent Current
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => _lent is { } target && _lentStart >= 0
            ? new StreamEvent(target.Kind, target.Choice, target.Part, _window.Lent(_lentStart, _lentLength), this)
            : Gathered();
    }

    /// <summary>True when the answer has ended: no more bytes are needed, and those that follow are not looked at.</summary>
    public bool IsEnded { get; private set; }

    /// <summary>How many frames were decoded, the end mark included.</summary>
    public long FrameCount => _readCount + PassedCount;

    /// <summary>How many of them were predicted.</summary>
    internal long PredictedCount => PassedCount + _decoder.PredictedCount;

    // Those that nobody has taken yet do not count.
    private long PassedCount => _predictedCount - (_aheadCount - _nextAhead);

    /// <summary>True once content was given: text, reasoning, a refusal, or anything of a function call.</summary>
    public bool HasContent => _events.HasContent;

    /// <summary>Deviations that were tolerated so far.</summary>
    public IReadOnlyList<Quirk> Quirks => _events.Quirks;

    /// <summary>What the answer is known to have used so far.</summary>
    public Usage? Usage
    {
        get
        {
            if (_deferred is { IsInFrame: true })
                LeaveFastPath();
            // Whoever asks is told what is known: that counts cannot be read is for the next read to say.
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

    /// <summary>Adds bytes that stay where they are: they are copied only where some of those before are still unread.</summary>
    /// <param name="bytes">Not to be changed until <see cref="TryRead"/> answers false.</param>
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

    /// <summary>Says that no more bytes will come.</summary>
    public void Complete() => _isBodyEnded = true;

    /// <summary>Moves to the next event.</summary>
    /// <returns>False when more bytes are needed, or when the answer <see cref="IsEnded"/>.</returns>
    /// <exception cref="LlmException">The service reported an error, broke the wire's rules or a bound, or the body ended before the answer was whole.</exception>
    public bool TryRead() => TryReadLikely() || TryReadAny() || EndReading();

    string? IEventDetails.Id => _lent is null ? Gathering.Id : _lent.Id;

    string? IEventDetails.Name => _lent is null ? Gathering.Name : _lent.Name;

    Usage? IEventDetails.Usage => _lent is null ? Gathering.Usage : null;

    StopReason IEventDetails.StopReason => _lent is null ? Gathering.StopReason : default;

    string? IEventDetails.RawStopReason => _lent is null ? Gathering.RawStopReason : null;

    Citation? IEventDetails.Citation => _lent is null ? Gathering.Citation : null;

    ReadOnlySpan<byte> IEventDetails.Frame => _lent is null && _joinedFrame.Length > 0 ? _joinedFrame.Span : _window.Lent(_frameStart, _frameLength);

    private IEventDetails Gathering => _events;

    private LlmLimits Limits => _events.Options.Limits;

    [MethodImpl(MethodImplOptions.NoInlining)]
    private StreamEvent Gathered()
    {
        if (_lent is not { } target)
            return _events.At(this);
        var piece = _lentStart == InBuffer ? _events.Scratch(_scratchStart, _lentLength) : target.Taken(_lentLength);
        return new StreamEvent(target.Kind, target.Choice, target.Part, piece, this);
    }

    /// <summary>Moves to the next event where that is a piece like the one before; false says nothing.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal bool TryReadLikely() => TryTakeAhead() || TryLookAhead();

    /// <summary>Moves to the next event where its frame was found to fit already and is like the one before.</summary>
    /// <remarks>Looks at no byte, and at nothing that a disposal on another thread gives back or takes away: a caller who is disposed meanwhile forgets the answer.</remarks>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal bool TryTakeAhead()
    {
        int next = _nextAhead;
        var ahead = _ahead;
        // Both, as a disposal may give the array back. A fragment of arguments is added to its call when it is taken, which is more than to look at nothing.
        if (next >= _aheadCount || next >= ahead.Length || _lentStart == InTarget || _likely is not { } template || _lastPassed != template || _lent is null)
            return false;
        Take(template, ahead[next], isNext: true);
        return true;
    }

    private bool TryTakeNext()
    {
        if (_nextAhead >= _aheadCount || _likely is not { } template)
            return false;
        var frame = _ahead[_nextAhead];
        if (template.Text is null)
            return TryTakeFragment(template, frame);
        Take(template, frame, isNext: false);
        return true;
    }

    private bool TryTakeFragment(FrameTemplate template, FrameAhead frame)
    {
        if (!template.Target!.TryTake(frame.TextLength, _events))
        {
            DropAhead();
            return false;
        }
        _nextAhead++;
        Pass(template, frame.Length, InTarget, frame.TextLength);
        return true;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void Take(FrameTemplate template, FrameAhead frame, bool isNext)
    {
        _nextAhead++;
        if (frame.IsInScratch)
            PassScratch(template, frame, isNext);
        else if (isNext)
            PassOn(template, frame.Length, _consume + frame.Start, frame.TextLength);
        else
            Pass(template, frame.Length, _consume + frame.Start, frame.TextLength);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private void PassScratch(FrameTemplate template, FrameAhead frame, bool isNext)
    {
        _scratchStart = frame.Start;
        if (isNext)
            PassOn(template, frame.Length, InBuffer, frame.TextLength);
        else
            Pass(template, frame.Length, InBuffer, frame.TextLength);
    }

    /// <summary>True when enough is there for a frame like the one before. Looks at no byte of it.</summary>
    internal bool CanLookAhead => _likely is { IsStale: false } template && _window.UnreadLength - _consume >= template.LeastLength;

    private bool TryLookAhead() => TryTakeNext() || (CanLookAhead && TryLookAhead(_likely!));

    [MethodImpl(MethodImplOptions.NoInlining)]
    private bool TryLookAhead(FrameTemplate template)
    {
        KeepDeferred(unlessOf: template);
        // A fragment that has come alone need not be found before it is taken; what is kept once more is kept when it is taken.
        if (template.Copy is null && (template.Text is not null || _window.UnreadLength - _consume >= 2 * template.LeastLength))
        {
            _nextAhead = 0;
            _aheadCount = Match(template, _window.After(_consume));
            _predictedCount += _aheadCount;
        }
        return TryTakeNext() || (template.IsPlain ? TryReadPlain(template) : TryReadLikelyInFull(template));
    }

    // Frames with counts are matched only with their like: what a template says of the counts goes when another one follows. So are fragments, which are
    // unescaped where their call keeps them.
    private int Match(FrameTemplate template, ReadOnlySpan<byte> rest)
    {
        if (_ahead.Length == 0)
            _ahead = ArrayPool<FrameAhead>.Shared.Rent(MostAhead);
        var ahead = _ahead.AsSpan(0, MostAhead);
        var target = template.Target!;
        var room = _events.Reserve(MostScratch);
        bool isText = template.Text is not null;
        var texts = isText ? room : target.Reserve(Math.Min(rest.Length, MostScratch) + JsonUnescaping.Slack);
        int written = isText ? MostBetween : 0;
        var last = default(FrameMatch);
        int length = rest.Length;
        int count = 0;
        while (count < ahead.Length && !template.IsStale && template.Copy is null && template.Target!.Pending == '\0' && (isText ? template.Text is not null : template.Target == target)
            && (!template.HasDeferred || CanDefer(template)))
        {
            int found = template.Match(rest, ahead[count..], room[..MostBetween], texts, ref written, ref last);
            if (found == 0)
                break;
            int frameLength = 0;
            foreach (var frame in ahead.Slice(count, found))
            {
                frameLength = frame.Length;
                if (frameLength > _frameBytes)
                    return count;
                _longestPassed = Math.Max(_longestPassed, frameLength - template.Excess);
                rest = rest[frameLength..];
                count++;
            }
            if (template.HasDeferred)
                Deferred.Locate(last, _consume + length - rest.Length - frameLength, frameLength);
            if (template.HasDeferred || template.Successor.HasDeferred)
                break;
            template = template.Successor;
        }
        return count;
    }

    private bool TryReadPlain(FrameTemplate template)
    {
        var unread = _window.After(_consume);
        int length = template.MatchPiece(unread);
        if (length == 0)
            return false;
        if (length < 0)
            return TryReadEscaped(template);
        return template.Text is null && TryTakeFragment(template, length);
    }

    // A fragment of arguments.
    [MethodImpl(MethodImplOptions.NoInlining)]
    private bool TryTakeFragment(FrameTemplate template, int length)
    {
        var target = template.Target!;
        int frameLength = template.FixedLength + length;
        if (target.Pending != '\0' || frameLength > _frameBytes)
            return false;
        _window.After(_consume).Slice(template.PieceStart, length).CopyTo(target.Reserve(length));
        if (!target.TryTake(length, _events))
            return false;
        PassOne(template, frameLength, InTarget, length);
        return true;
    }

    // Unescaped where its target keeps it.
    private bool TryTakeEscapedFragment(FrameTemplate template, ReadOnlySpan<byte> rest)
    {
        var target = template.Target!;
        if (target.Pending != '\0')
            return false;
        int length = JsonUnescaping.TryRead(rest, target.Reserve(Math.Min(rest.Length, MostUnescaped) + JsonUnescaping.Slack), out int written);
        if (length == JsonUnescaping.TooLong)
            return TryReadLikelyInFull(template);
        int frameLength = template.FixedLength + length;
        if (length <= 0 || !template.EndsWith(rest, length) || frameLength > _frameBytes || !target.TryTake(written, _events))
            return false;
        PassOne(template, frameLength, InTarget, written);
        return true;
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private bool TryReadEscaped(FrameTemplate template)
    {
        var rest = _window.After(_consume)[template.PieceStart..];
        if (template.Text is null)
            return TryTakeEscapedFragment(template, rest);
        int length = JsonUnescaping.TryRead(rest, _events.Reserve(Math.Min(rest.Length, MostUnescaped) + JsonUnescaping.Slack), out int written);
        if (length == JsonUnescaping.TooLong)
            return TryReadLikelyInFull(template);
        if (length <= 0)
            return false;
        if (template.Text.Pending != '\0' || !template.EndsWith(rest, length) || template.FixedLength + length > _frameBytes)
            return false;
        _scratchStart = 0;
        PassOne(template, template.FixedLength + length, InBuffer, written);
        return true;
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private bool TryReadLikelyInFull(FrameTemplate template)
    {
        var unread = _window.After(_consume);
        var match = default(FrameMatch);
        if (!template.TryMatch(unread, ref match) || match.Length > _frameBytes || (match.DeferredEnd > 0 && !CanDefer(template))
            || !template.CanKeep(match, _events) || !TryTake(template, match, _consume, unread[match.PieceStart..], out int start, out int length))
        {
            return false;
        }
        template.Keep(unread.Slice(match.PieceStart, match.PieceLength), _events);
        KeepDeferred(unlessOf: template);
        if (match.DeferredEnd > 0)
            DeferInFrame(template, match, _consume);
        PassOne(template, match.Length, start, length);
        return true;
    }

    // What is flawed, or ends in half a surrogate pair, or may mean something else is left to the target, which knows what to do then.
    private bool TryTake(FrameTemplate template, in FrameMatch match, int frameAt, ReadOnlySpan<byte> rest, out int start, out int length)
    {
        start = frameAt + match.PieceStart;
        length = match.PieceLength;
        var target = template.Target!;
        var piece = rest[..length];
        if (target.Pending != '\0' || (!match.IsEscaped && !match.IsValid && !JsonLexer.IsText(piece)))
            return false;
        if (template.Text is not null && !match.IsEscaped)
            return true;
        start = template.Text is null ? InTarget : InBuffer;
        _scratchStart = 0;
        int most = length + (match.IsEscaped ? JsonUnescaping.Slack : 0);
        var room = template.Text is null ? target.Reserve(most) : _events.Reserve(most);
        if (!match.IsEscaped)
            piece.CopyTo(room);
        else if (JsonUnescaping.TryRead(rest, room, out length) != match.PieceLength)
            return false;
        return template.Text is not null || target.TryTake(length, _events);
    }

    private void PassOne(FrameTemplate template, int frameLength, int lentStart, int lentLength)
    {
        _predictedCount++;
        _longestPassed = Math.Max(_longestPassed, frameLength - template.Excess);
        Pass(template, frameLength, lentStart, lentLength);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void Pass(FrameTemplate template, int frameLength, int lentStart, int lentLength)
    {
        if (_lastPassed != template || _lent is null)
            Follow(template);
        PassOn(template, frameLength, lentStart, lentLength);
    }

    // References are written only where they change: each write tells the collector.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void PassOn(FrameTemplate template, int frameLength, int lentStart, int lentLength)
    {
        int at = _consume;
        _consume = at + frameLength;
        _frameStart = at + template.DataStart;
        _frameLength = frameLength - template.FramingLength;
        _lentStart = lentStart;
        _lentLength = lentLength;
        if (_likely != template.Successor)
            _likely = template.Successor;
    }

    private void Follow(FrameTemplate template)
    {
        _lent = template.Target;
        if (template.HasDeferred)
            Deferred.LieInFrame(template);
        if (_lastPassed == template)
            return;
        var last = _lastPassed ?? _predictor!.Last;
        if (last!.Successor != template)
            last.Successor = template;
        _lastPassed = template;
    }

    private bool TryReadAny()
    {
        if (_likely is not null)
        {
            var unread = _window.After(_consume);
            // Nothing is there yet, or the beginning of what is likely, in which no frame can end.
            if (!_isBodyEnded && unread.Length <= _frameBytes && (unread.IsEmpty || (!_likely.IsStale && _likely.IsBegunBy(unread))))
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

    // Whoever lent the bytes may use their array again.
    private bool EndReading()
    {
        _window.LetGo();
        return false;
    }

    private bool TryReadOther(FrameTemplate likely)
    {
        foreach (var template in _predictor!.Templates)
        {
            if (template != likely && !template.IsStale && TryReadLikelyInFull(template))
                return true;
        }
        return false;
    }

    private void LeaveFastPath()
    {
        _likely = null;
        DropAhead();
        if (_lastPassed is null)
            return;
        _frames.Pass(_longestPassed);
        _predictor!.Last = _lastPassed;
        _lastPassed = null;
        _longestPassed = 0;
    }

    /// <summary>Gives back the read buffer while no byte is in it, so that a waiting stream holds none.</summary>
    public void ReleaseIfIdle()
    {
        ReleaseFrame();
        _joinedFrame.Return();
        _predictor?.Rest();
        // Texts that were freed from escapes ahead lie in its room.
        if (_nextAhead == _aheadCount)
        {
            _events.ReleaseIfEmpty();
            ReturnAhead();
        }
        _window.ReleaseIfEmpty();
    }

    /// <summary>True when no byte waits to be decoded, so that <see cref="ReleaseIfIdle"/> leaves no buffer behind.</summary>
    internal bool IsIdle => _window.UnreadLength == _consume;

    /// <summary>True when <see cref="TryRead"/> would only answer that more bytes are needed, because none is there.</summary>
    internal bool NeedsBytes => _likely is not null && !_isBodyEnded && _window.UnreadLength == _consume;

    /// <summary>Gives back all pooled buffers; a second call does nothing.</summary>
    public void Dispose()
    {
        // What was used counts also where the reader left early. A quirk of it, which strict decoding would throw, comes too late, and beside a reader on
        // another thread the counts may be gone.
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

    /// <summary>Records what is not a fault of the service's answer.</summary>
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
            try
            {
                if (!TryPredict() && !TryDecodeFrame())
                    return false;
            }
            catch (LlmException e)
            {
                _failure = e;
            }
            catch (Exception e) when (WireJson.IsUnreadable(e))
            {
                _failure = WireJson.Malformed(e, $"Event {FrameCount}", Usage);
            }
            catch (FramingException e)
            {
                _failure = _frames.LongestFrame > _frameBytes ? FrameLimit() : new LlmException(LlmErrorKind.ProtocolViolation, e.Message) { Phase = LlmPhase.Streaming };
            }
        }
        while (_lent is null && !_events.MoveNext());
        return true;
    }

    private bool TryDecodeFrame()
    {
        bool isFound = _frames.TryRead(_window.Unread, _isBodyEnded, out var frame, out int consumed);
        // Both bounds hold at the same byte of the body, however it was cut into reads. What a reader of frames forgets to measure, its window shows.
        if (Math.Max(_frames.LongestFrame, isFound ? frame.Raw.Length : _window.UnreadLength - consumed) > _frameBytes)
            throw FrameLimit();
        if (_totalBytes > Limits.StreamBytes && (!isFound || _totalBytes - _window.UnreadLength + EndOf(frame) > Limits.StreamBytes))
            throw Limit(LlmLimit.StreamBytes, "The stream is longer than LlmLimits.StreamBytes allows.");
        if (!isFound)
        {
            _window.Consume(consumed);
            if (!_isBodyEnded)
                return false;
            ReadDeferred();
            _decoder.Complete(_frames.IsCut, _events);
            IsEnded = true;
            return true;
        }
        _consume = consumed;
        if (frame.IsUnterminated)
            return DecodeLast(frame);
        LendFrame(frame);
        if (TryPredict(frame))
            return true;
        _readCount++;
        DecodeInFull(frame);
        return true;
    }

    // A frame that lies whole in the window and that a template fits: neither its end is searched for nor its JSON read.
    private bool TryPredict()
    {
        var unread = _window.Unread;
        if (_predictor is not { IsAwake: true } predictor || !_frames.CanPass || _totalBytes > Limits.StreamBytes
            || !predictor.TryMatch(unread, out var template, out var match) || match.Length - template.Excess > _frameBytes || !template.CanKeep(match, _events))
        {
            return false;
        }
        _frames.Pass(match.Length - template.Excess);
        _consume = match.Length;
        _frameStart = template.DataStart;
        _frameLength = match.Length - template.FramingLength;
        Give(template, match, unread);
        return true;
    }

    // Where the framing has to be checked all the same, only the JSON need not be read.
    private bool TryPredict(in Frame frame)
    {
        if (_predictor is not { IsAwake: true } predictor || _frames.CanPass || _frameLength == 0)
            return false;
        var bytes = Predictable(frame, out int dataStart);
        if (!predictor.TryMatch(bytes, out var template, out var match) || match.Length != bytes.Length || template.DataStart != dataStart || !template.CanKeep(match, _events))
            return false;
        Give(template, match, bytes);
        return true;
    }

    private void Give(FrameTemplate template, in FrameMatch match, ReadOnlySpan<byte> bytes)
    {
        _predictedCount++;
        // The counts of a frame hold once they are read, which an error in the piece may prevent.
        bool isBefore = match.DeferredEnd > 0 && match.DeferredEnd <= match.PieceStart;
        if (isBefore)
            Defer(template, match, bytes);
        bool isLent = TryTake(template, match, _frameStart - template.DataStart, bytes[match.PieceStart..], out _lentStart, out _lentLength);
        if (isLent)
        {
            _events.SayContent();
            _lent = template.Target;
        }
        else
        {
            template.Target!.Add(JsonText.Of(bytes.Slice(match.PieceStart, match.PieceLength), match.IsEscaped), _events);
        }
        template.Keep(bytes.Slice(match.PieceStart, match.PieceLength), _events);
        if (match.DeferredEnd > 0 && !isBefore)
            Defer(template, match, bytes);
        if (isLent && _frames.CanPass)
            _likely = template.Successor;
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
            _predictor!.Forget();
    }

    private void Learn(in Frame frame)
    {
        if (!_frames.CanPass)
        {
            var bytes = Predictable(frame, out int dataStart);
            _predictor!.Learn(bytes, dataStart, frame.Data.Length, excess: 0, _events.Options);
            return;
        }
        // The framing goes on behind the line feed that ends a frame; where it has not come yet, there is nothing to learn.
        var unread = _window.Unread[.._consume];
        if (unread[^1] == (byte)'\n' && unread.Overlaps(frame.Raw, out int start))
            _predictor!.Learn(unread[start..], _frameStart - start, frame.Data.Length, unread.Length - start - frame.Raw.Length, _events.Options);
    }

    private ReadOnlySpan<byte> Predictable(in Frame frame, out int dataStart)
    {
        frame.Raw.Overlaps(frame.Data, out int start);
        dataStart = start - _frames.PreludeBytes;
        return frame.Raw[_frames.PreludeBytes..(start + frame.Data.Length)];
    }

    private DeferredCounts Deferred => _deferred ??= new DeferredCounts();

    private bool CanDefer(FrameTemplate template) => _deferred?.Template is not { } last || last == template;

    // Of counts that replace each other only the last are read, unless another template says other ones.
    private void Defer(FrameTemplate template, in FrameMatch match, ReadOnlySpan<byte> bytes)
    {
        if (!CanDefer(template))
            ReadDeferred();
        if (_frames.CanPass)
            DeferInFrame(template, match, frameAt: 0);
        else
            Deferred.Keep(template, bytes[match.DeferredStart..match.DeferredEnd]);
    }

    private void DeferInFrame(FrameTemplate template, in FrameMatch match, int frameAt)
    {
        Deferred.Locate(match, frameAt, match.Length);
        Deferred.LieInFrame(template);
    }

    // The frame that is lent goes, its counts are still wanted.
    private void KeepDeferred(FrameTemplate? unlessOf = null)
    {
        if (_deferred is { IsInFrame: true } deferred && deferred.Template != unlessOf)
            deferred.Keep(_window, _frameStart - deferred.Template!.DataStart, _consume);
    }

    private void ReadDeferred()
    {
        KeepDeferred();
        if (_deferred is not { Template: not null } deferred)
            return;
        deferred.Clear();
        _decoder.ReadDeferred(deferred.Kept, _events);
    }

    private LlmException? TryReadDeferred(LlmException? failure)
    {
        try
        {
            ReadDeferred();
        }
        catch (LlmException e)
        {
            failure ??= e;
        }
        catch (Exception e) when (WireJson.IsUnreadable(e) || e is ArgumentException or IndexOutOfRangeException)
        {
            failure ??= WireJson.Malformed(e, $"Event {FrameCount}");
        }
        return failure;
    }

    // Some services forget the last blank line. What they sent is taken when it is whole in itself; a piece of an event never is.
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

    // Data of one line lies in the window. Data of several lines was joined by the framing, which owns that buffer: it is copied.
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
        KeepDeferred();
        if (_consume > 0)
        {
            _window.Consume(_consume);
            _consume = 0;
        }
        // What the frames ahead hold lies elsewhere from here on.
        _deferred?.ForgetPlace();
        _lent = null;
        _frameStart = _frameLength = 0;
        _joinedFrame.Clear();
    }

    // Those that nobody took will be read again.
    private void DropAhead()
    {
        _predictedCount = PassedCount;
        _nextAhead = _aheadCount = 0;
    }

    private void ReturnAhead()
    {
        var ahead = _ahead;
        _ahead = [];
        DropAhead();
        if (ahead.Length > 0)
            ArrayPool<FrameAhead>.Shared.Return(ahead);
    }

    private int EndOf(in Frame frame) => _window.Unread.Overlaps(frame.Raw, out int start) ? start + frame.Raw.Length : frame.Raw.Length;

    private LlmException FrameLimit() => _frames is WholeBodyReader
        ? Limit(LlmLimit.ReplyBytes, "The answer is longer than LlmLimits.ReplyBytes allows.")
        : Limit(LlmLimit.EventBytes, "An event is longer than LlmLimits.EventBytes allows.");

    private static LlmException Limit(LlmLimit limit, string message) =>
        new(LlmErrorKind.LimitExceeded, message) { Limit = limit, Phase = LlmPhase.Streaming };

    private static void Rethrow(LlmException failure) => System.Runtime.ExceptionServices.ExceptionDispatchInfo.Throw(failure);
}
