using RawLlm.Framing;

namespace RawLlm.Protocols;

// Prediction: matching frames, learning from frames that were read in full, and counts that are read later.
public sealed partial class StreamDecoder
{
    // How much of an incomplete frame is matched again with each read. For a longer one the framing searches for the end, because it
    // remembers how far it got: otherwise a frame of 4 MiB in reads of 64 bytes took 30 s.
    private const int MaxSeenAgain = 4096;
    private bool _isFramed;

    // Created only if frames have counts: most services send them once.
    private DeferredCounts? _deferred;

    // Handles a frame that is complete in the window and fits a template: its end is not searched for and its JSON is not parsed.
    private bool TryPredict()
    {
        var unread = _window.Unread;
        if (
            _isFramed
            || _predictor is not { IsAwake: true } predictor
            || !_frames.CanPass
            || _totalBytes > Limits.StreamBytes
            || !predictor.TryMatch(unread, out var template, out var match)
            || match.Length - template.Excess > FrameBytes
            || !template.CanAppendCopy(match, _events)
        )
        {
            return false;
        }
        _frames.Pass(match.Length - template.Excess);
        _consume = match.Length;
        _frameStart = template.DataStart;
        _frameLength = match.Length - template.FramingLength;
        EmitPredicted(template, match, unread);
        return true;
    }

    // If the framing has to be checked anyway, only the JSON parsing is saved.
    private bool TryPredict(in Frame frame)
    {
        if (_predictor is not { IsAwake: true } predictor || _frames.CanPass || _frameLength == 0)
            return false;
        var bytes = Predictable(frame, out int dataStart);
        if (
            !predictor.TryMatch(bytes, out var template, out var match)
            || match.Length != bytes.Length
            || template.DataStart != dataStart
            || !template.CanAppendCopy(match, _events)
        )
        {
            return false;
        }

        EmitPredicted(template, match, bytes);
        return true;
    }

    private void EmitPredicted(FrameTemplate template, in FrameMatch match, ReadOnlySpan<byte> bytes)
    {
        _predictedCount++;
        // As in a full read: counts before the piece hold even if the piece fails, counts after it do not.
        bool isBefore = match.DeferredEnd > 0 && (template.CountsFirst || match.DeferredEnd <= match.PieceStart);
        if (isBefore)
            Defer(template, match, bytes);
        bool isLent = TryTake(
            template,
            match,
            _frameStart - template.DataStart,
            bytes[match.PieceStart..],
            out _lentStart,
            out _lentLength
        );
        if (isLent)
        {
            _events.MarkHasContent();
            _lent = template.Target;
        }
        else
        {
            template.Target!.Add(JsonText.Of(bytes.Slice(match.PieceStart, match.PieceLength), match.IsEscaped), _events);
        }
        template.AppendCopy(bytes.Slice(match.PieceStart, match.PieceLength), _events);
        if (match.DeferredEnd > 0 && !isBefore)
            Defer(template, match, bytes);
        if (isLent && _frames.CanPass)
            _likely = template.Successor;
    }

    private void Learn(in Frame frame)
    {
        if (!_frames.CanPass)
        {
            var bytes = Predictable(frame, out int dataStart);
            _predictor!.Learn(bytes, dataStart, frame.Data.Length, excess: 0, _events.Options);
            return;
        }
        // The framing continues after the line feed that ends a frame. If that has not arrived yet, there is nothing to learn.
        var unread = _window.Unread[.._consume];
        if (unread[^1] == (byte)'\n' && unread.Overlaps(frame.Raw, out int start))
        {
            _predictor!.Learn(
                unread[start..],
                _frameStart - start,
                frame.Data.Length,
                unread.Length - start - frame.Raw.Length,
                _events.Options
            );
        }
    }

    private ReadOnlySpan<byte> Predictable(in Frame frame, out int dataStart)
    {
        frame.Raw.Overlaps(frame.Data, out int start);
        dataStart = start - _frames.PreludeBytes;
        return frame.Raw[_frames.PreludeBytes..(start + frame.Data.Length)];
    }

    private DeferredCounts Deferred => _deferred ??= new DeferredCounts();

    private bool CanDefer(FrameTemplate template) => _deferred?.Template is not { } last || last == template;

    // Of counts that replace each other only the last are read, unless they belong to another template.
    private void Defer(FrameTemplate template, in FrameMatch match, ReadOnlySpan<byte> bytes)
    {
        if (!CanDefer(template))
            ReadDeferred();
        if (_frames.CanPass)
            DeferInFrame(template, match, frameAt: 0);
        else
            Deferred.Store(template, bytes[match.DeferredStart..match.DeferredEnd]);
    }

    private void DeferInFrame(FrameTemplate template, in FrameMatch match, int frameAt)
    {
        Deferred.Locate(match, frameAt, match.Length);
        Deferred.MarkInFrame(template);
    }

    // The lent frame is released, but its counts are still needed.
    private void StoreDeferred(FrameTemplate? unlessOf = null)
    {
        if (_deferred is { IsInFrame: true } deferred && deferred.Template != unlessOf)
            deferred.Store(_window, _frameStart - deferred.Template!.DataStart, _consume);
    }

    private void ReadDeferred()
    {
        StoreDeferred();
        if (_deferred is not { Template: not null } deferred)
            return;
        deferred.Clear();
        _decoder.ReadDeferred(deferred.Stored, _events);
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
}
