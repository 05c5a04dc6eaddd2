using System.Buffers;
using System.Runtime.CompilerServices;

namespace RawLlm.Protocols;

// The fast path for pieces like the one before, which make up most of a stream. Part of this type because a separate object would cost
// every event an indirection.
public sealed partial class StreamDecoder
{
    // The template that the next frame probably fits; null after anything other than a lent piece, because then other checks come first.
    private FrameTemplate? _likely;

    // The event that is lent in place and takes no slot of the buffer: at this offset of the window, unescaped in the buffer's room, or in
    // its target.
    private const int InBuffer = -1;
    private const int InTarget = -2;

    // How much of a piece is unescaped while searching for its end. A longer piece is measured first.
    private const int MaxUnescaped = 512;
    private PieceTarget? _lent;
    private int _lentStart;
    private int _lentLength;
    private int _scratchStart;

    // Frames that were matched ahead, each with its template: matching several at once takes half as long as one by one. About as many as a
    // read of 4 KiB brings, with room for the texts that had escapes.
    private const int MaxAhead = 16;

    // Lent bytes are all available, and no cancellation can occur between them: 32 at once take a tenth less time.
    private const int MaxAheadInLent = 32;
    private const int MaxBetween = 1024;
    private const int MaxScratch = 2048;
    private FrameAhead[] _ahead = [];
    private int _aheadCount;
    private int _nextAhead;
    private int _storedAhead;

    // Not reported to the framing and the predictor yet.
    private FrameTemplate? _lastPassed;
    private int _longestPassed;

    /// <summary>Moves to the next event if it is a piece like the one before. False does not mean that there is no event.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal bool TryReadLikely() => TryTakeAhead() || TryLookAhead();

    /// <summary>Moves to the next event if its frame was matched already and is like the one before.</summary>
    /// <remarks>Reads no bytes, and nothing that a disposal on another thread returns or clears. A caller that is disposed meanwhile
    /// discards the result.</remarks>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal bool TryTakeAhead()
    {
        int next = _nextAhead;
        var ahead = _ahead;
        // Both checks, because a disposal may return the array. A fragment of arguments is added to its call when it is taken, so it cannot
        // take this path.
        if (next >= _aheadCount || next >= ahead.Length || _lentStart == InTarget || _lastPassed is not { } template || _lent is null)
            return false;
        var frame = ahead[next];
        if (frame.Template != template.Number)
            return TryTakeTurn(frame);
        Take(template, frame, isNext: true);
        return true;
    }

    // The next frame belongs to another choice. Nothing is learned from it: that it follows the last one was recorded when it was matched.
    private bool TryTakeTurn(FrameAhead frame)
    {
        if (_predictor?.At(frame.Template) is not { Text: { } text, HasDeferred: false } template)
            return false;
        _lent = text;
        _lastPassed = template;
        Take(template, frame, isNext: true);
        return true;
    }

    private bool TryTakeNext()
    {
        if (_nextAhead >= _aheadCount || _likely is null)
            return false;
        var frame = _ahead[_nextAhead];
        var template = _predictor!.At(frame.Template)!;
        if (template.Text is null)
            return TryTakeFragment(template, frame);
        Take(template, frame, isNext: false);
        return true;
    }

    private bool TryTakeFragment(FrameTemplate template, FrameAhead frame)
    {
        if (!template.Target!.TryAppend(frame.TextLength, _events))
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
            Move(template, frame.Length, _consume + frame.Start, frame.TextLength);
        else
            Pass(template, frame.Length, _consume + frame.Start, frame.TextLength);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private void PassScratch(FrameTemplate template, FrameAhead frame, bool isNext)
    {
        _scratchStart = frame.Start;
        if (isNext)
            Move(template, frame.Length, InBuffer, frame.TextLength);
        else
            Pass(template, frame.Length, InBuffer, frame.TextLength);
    }

    /// <summary>Whether there are enough bytes for a frame like the one before. Reads none of them.</summary>
    internal bool CanLookAhead => _likely is { IsStale: false } template && _window.UnreadLength - _consume >= template.MinLength;

    private bool TryLookAhead() => TryTakeNext() || (CanLookAhead && TryLookAhead(_likely!));

    [MethodImpl(MethodImplOptions.NoInlining)]
    private bool TryLookAhead(FrameTemplate template)
    {
        StoreDeferred(unlessOf: template);
        // A frame that arrived alone is not matched ahead (this reduced a read that brings one frame from 71 to 56 ns). A piece that is
        // kept a second time is kept when it is taken.
        if (template.Copy is null && _window.UnreadLength - _consume >= 2 * template.MinLength)
        {
            _nextAhead = _storedAhead = 0;
            _aheadCount = Match(template, _window.After(_consume));
            _predictedCount += _aheadCount;
        }
        return TryTakeNext() || (template.IsPlain ? TryReadPlain(template) : TryReadLikelyInFull(template));
    }

    // Matches frames ahead, and sets the template that probably follows them. Frames with counts are matched only with frames of the same
    // template, because the place of the counts is lost when another one follows. Fragments are matched only with those of the same call,
    // because they are unescaped where the call keeps them.
    private int Match(FrameTemplate template, ReadOnlySpan<byte> rest)
    {
        if (_ahead.Length == 0)
            _ahead = ArrayPool<FrameAhead>.Shared.Rent(MaxAheadInLent);
        var ahead = _ahead.AsSpan(0, _window.IsLent ? MaxAheadInLent : MaxAhead);
        var templates = _predictor!.Templates;
        var target = template.Target!;
        var room = _events.Reserve(MaxScratch);
        bool isText = template.Text is not null;
        var texts = isText ? room : target.Reserve(Math.Min(rest.Length, MaxScratch) + JsonUnescaping.Slack);
        int written = isText ? MaxBetween : 0;
        var deferred = default(FrameMatch);
        int length = rest.Length;
        int count = 0;
        int maxLength = FrameBytes;
        while (
            count < ahead.Length
            && !rest.IsEmpty
            && !template.IsStale
            && template.Copy is null
            && template.Target!.Pending == '\0'
            && (isText ? template.Text is not null : template.Target == target)
            && (!template.HasDeferred || CanDefer(template))
        )
        {
            int found =
                template.Successor != template && FrameTurns.Admits(template)
                    ? MatchTurns(templates, template, rest, ahead[count..], room, ref written)
                    : template.Match(rest, ahead[count..], room[..MaxBetween], texts, ref written, ref deferred);
            if (found == 0)
                break;
            int fitting = 0;
            int frameLength = 0;
            int passed = 0;
            int longest = _longestPassed;
            foreach (var frame in ahead.Slice(count, found))
            {
                int bytes = frame.Length - template.Excess;
                if (bytes > maxLength)
                    break;
                frameLength = frame.Length;
                passed += frameLength;
                longest = Math.Max(longest, bytes);
                fitting++;
            }
            // The place of the counts is known for the last frame only.
            if (fitting < found && (fitting == 0 || template.HasDeferred))
                return count;
            _longestPassed = longest;
            var counted = template.Text?.Counted;
            if (counted is not null)
                Count(counted, rest, ahead.Slice(count, fitting), room);
            rest = rest[passed..];
            count += fitting;
            if (fitting < found)
                return count;
            if (template.HasDeferred)
                Deferred.Locate(deferred, _consume + length - rest.Length - frameLength, frameLength);
            bool wasDeferred = template.HasDeferred;
            _likely = template = templates[ahead[count - 1].Template].Successor;
            // The count is taken back if these frames are not taken, which is possible for one run only.
            if (wasDeferred || template.HasDeferred || counted is not null)
                break;
        }
        return count;
    }

    private static int MatchTurns(
        ReadOnlySpan<FrameTemplate> templates,
        FrameTemplate template,
        ReadOnlySpan<byte> rest,
        Span<FrameAhead> frames,
        Span<byte> room,
        ref int written
    )
    {
        var turns = new FrameTurns(templates, room[..MaxBetween], stackalloc int[FramePredictor.MaxTemplates]);
        return turns.Match(template, rest, frames, room, ref written);
    }

    private static void Count(TextCount counted, ReadOnlySpan<byte> rest, ReadOnlySpan<FrameAhead> frames, ReadOnlySpan<byte> room)
    {
        long length = 0;
        int end = 0;
        foreach (var frame in frames)
        {
            length += frame.TextLength;
            end += frame.Length;
        }
        var last = frames[^1];
        counted.Add(length, (last.IsInScratch ? room[last.Start..] : rest[(end - last.Length + last.Start)..])[..last.TextLength]);
    }

    private bool TryReadPlain(FrameTemplate template)
    {
        var unread = _window.After(_consume);
        int length = template.MatchPiece(unread);
        if (length == 0)
            return false;
        if (length < 0)
            return TryReadEscaped(template);
        if (template.Text is not { } text)
            return TryTakeFragment(template, length);
        if (text.Pending != '\0' || template.FixedLength + length > FrameBytes)
            return false;
        text.Counted?.Add(length, unread.Slice(template.PieceStart, length));
        PassOne(template, template.FixedLength + length, _consume + template.PieceStart, length);
        return true;
    }

    // A fragment of arguments.
    [MethodImpl(MethodImplOptions.NoInlining)]
    private bool TryTakeFragment(FrameTemplate template, int length)
    {
        var target = template.Target!;
        int frameLength = template.FixedLength + length;
        if (target.Pending != '\0' || frameLength > FrameBytes)
            return false;
        _window.After(_consume).Slice(template.PieceStart, length).CopyTo(target.Reserve(length));
        if (!target.TryAppend(length, _events))
            return false;
        PassOne(template, frameLength, InTarget, length);
        return true;
    }

    // Unescapes the fragment where its target keeps it.
    private bool TryTakeEscapedFragment(FrameTemplate template, ReadOnlySpan<byte> rest)
    {
        var target = template.Target!;
        if (target.Pending != '\0')
            return false;
        int length = JsonUnescaping.TryRead(
            rest,
            target.Reserve(Math.Min(rest.Length, MaxUnescaped) + JsonUnescaping.Slack),
            out int written
        );
        if (length == JsonUnescaping.TooLong)
            return TryReadLikelyInFull(template);
        int frameLength = template.FixedLength + length;
        if (length <= 0 || !template.EndsWith(rest, length) || frameLength > FrameBytes || !target.TryAppend(written, _events))
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
        int length = JsonUnescaping.TryRead(
            rest,
            _events.Reserve(Math.Min(rest.Length, MaxUnescaped) + JsonUnescaping.Slack),
            out int written
        );
        if (length == JsonUnescaping.TooLong)
            return TryReadLikelyInFull(template);
        if (length <= 0)
            return false;
        if (template.Text.Pending != '\0' || !template.EndsWith(rest, length) || template.FixedLength + length > FrameBytes)
            return false;
        _scratchStart = 0;
        template.Text.Counted?.Add(written, _events.Scratch(0, written));
        PassOne(template, template.FixedLength + length, InBuffer, written);
        return true;
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private bool TryReadLikelyInFull(FrameTemplate template)
    {
        var unread = _window.After(_consume);
        var match = default(FrameMatch);
        if (!template.TryMatch(unread, ref match) || match.Length > FrameBytes)
            return false;
        if (template.IsTextAlone && match.IsValid)
            return TryPassText(template, match, unread);
        if (
            (match.DeferredEnd > 0 && !CanDefer(template))
            || !template.CanAppendCopy(match, _events)
            || !TryTake(template, match, _consume, unread[match.PieceStart..], out int start, out int length)
        )
        {
            return false;
        }
        template.AppendCopy(unread.Slice(match.PieceStart, match.PieceLength), _events);
        StoreDeferred(unlessOf: template);
        if (match.DeferredEnd > 0)
            DeferInFrame(template, match, _consume);
        PassOne(template, match.Length, start, length);
        return true;
    }

    private bool TryPassText(FrameTemplate template, in FrameMatch match, ReadOnlySpan<byte> unread)
    {
        var text = template.Text!;
        if (text.Pending != '\0')
            return false;
        text.Counted?.Add(match.PieceLength, unread.Slice(match.PieceStart, match.PieceLength));
        StoreDeferred();
        PassOne(template, match.Length, _consume + match.PieceStart, match.PieceLength);
        return true;
    }

    // A piece that is invalid, contains or follows half a surrogate pair, or may mean something else is left to the target, which handles
    // these cases.
    private bool TryTake(FrameTemplate template, in FrameMatch match, int frameAt, ReadOnlySpan<byte> rest, out int start, out int length)
    {
        start = frameAt + match.PieceStart;
        length = match.PieceLength;
        var target = template.Target!;
        var piece = rest[..length];
        if (target.Pending != '\0' || (!match.IsEscaped && !match.IsValid && !JsonLexer.IsText(piece)))
            return false;
        if (template.Text is not null && !match.IsEscaped)
        {
            template.Text.Counted?.Add(length, piece);
            return true;
        }
        start = template.Text is null ? InTarget : InBuffer;
        _scratchStart = 0;
        int maxLength = length + (match.IsEscaped ? JsonUnescaping.Slack : 0);
        var room = template.Text is null ? target.Reserve(maxLength) : _events.Reserve(maxLength);
        if (!match.IsEscaped)
            piece.CopyTo(room);
        else if (JsonUnescaping.TryRead(rest, room, out length) != match.PieceLength)
            return false;
        if (template.Text is null)
            return target.TryAppend(length, _events);
        template.Text.Counted?.Add(length, room[..length]);
        return true;
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

    // References are written only if they change, because each write costs a GC write barrier.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void PassOn(FrameTemplate template, int frameLength, int lentStart, int lentLength)
    {
        Move(template, frameLength, lentStart, lentLength);
        if (_nextAhead == _aheadCount && _likely != template.Successor)
            _likely = template.Successor;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void Move(FrameTemplate template, int frameLength, int lentStart, int lentLength)
    {
        int at = _consume;
        _consume = at + frameLength;
        _frameStart = at + template.DataStart;
        _frameLength = frameLength - template.FramingLength;
        _lentStart = lentStart;
        _lentLength = lentLength;
    }

    private void Follow(FrameTemplate template)
    {
        _lent = template.Target;
        if (template.HasDeferred)
            Deferred.MarkInFrame(template);
        if (_lastPassed == template)
            return;
        var last = _lastPassed ?? _predictor!.Last;
        if (last!.Successor != template)
            last.Successor = template;
        _lastPassed = template;
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
        DropAhead();
        _likely = null;
        if (_lastPassed is null)
            return;
        _frames.Pass(_longestPassed);
        _predictor!.Last = _lastPassed;
        _lastPassed = null;
        _longestPassed = 0;
    }

    // Frames that were not taken will be read again. Their text was counted when they were matched.
    private void DropAhead()
    {
        if (_nextAhead < _aheadCount)
        {
            var template = _predictor!.At(_ahead[_nextAhead].Template)!;
            if (template.Text?.Counted is { } counted)
            {
                long length = 0;
                foreach (var frame in _ahead.AsSpan(_nextAhead.._aheadCount))
                    length += frame.TextLength;
                counted.Uncount(length, LastTaken());
            }
            _likely = template;
        }
        ForgetAhead();
    }

    // The bytes of taken frames are released while other frames are still waiting: keeps what is known of the last taken one.
    private void StoreLastTaken()
    {
        if (_predictor!.At(_ahead[_nextAhead].Template)!.Text?.Counted is { } counted)
            counted.StoreEnd(LastTaken());
        _storedAhead = _nextAhead;
    }

    private ReadOnlySpan<byte> LastTaken()
    {
        if (_nextAhead == _storedAhead)
            return default;
        var taken = _ahead[_nextAhead - 1];
        return taken.IsInScratch
            ? _events.Scratch(taken.Start, taken.TextLength)
            : _window.After(_consume - taken.Length).Slice(taken.Start, taken.TextLength);
    }

    private void ForgetAhead()
    {
        _predictedCount = PassedCount;
        _nextAhead = _aheadCount = _storedAhead = 0;
    }

    private void ReturnAhead()
    {
        var ahead = _ahead;
        _ahead = [];
        ForgetAhead();
        if (ahead.Length > 0)
            ArrayPool<FrameAhead>.Shared.Return(ahead);
    }
}
