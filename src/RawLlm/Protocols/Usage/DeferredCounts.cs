using RawLlm.Framing;

namespace RawLlm.Protocols;

/// <summary>An object of counts in predicted frames, read only when something asks for it. Each object replaces the one before.</summary>
internal sealed class DeferredCounts
{
    private PooledBytes _stored;
    private int _frameEnd = -1;
    private int _start;
    private int _length;

    /// <summary>The template of the frame that contained the counts; null while nothing waits to be read.</summary>
    public FrameTemplate? Template { get; private set; }

    /// <summary>Whether the counts are those of the lent frame. Most are never copied, nor even located.</summary>
    public bool IsInFrame { get; private set; }

    /// <summary>The counts, once they are kept.</summary>
    public ReadOnlySpan<byte> Stored => _stored.Span;

    /// <summary>Records that the counts are in the frame that is or will be lent.</summary>
    public void MarkInFrame(FrameTemplate template)
    {
        Template = template;
        IsInFrame = true;
    }

    /// <summary>Records the place of the counts, which applies if the lent frame begins at this offset of the window.</summary>
    public void Locate(in FrameMatch match, int frameAt, int frameLength)
    {
        _frameEnd = frameAt + frameLength;
        _start = frameAt + match.DeferredStart;
        _length = match.DeferredEnd - match.DeferredStart;
    }

    /// <summary>Forgets the recorded place in the window, which is no longer valid.</summary>
    public void ForgetPlace() => _frameEnd = -1;

    /// <summary>Keeps the counts of a frame that is not lent.</summary>
    public void Store(FrameTemplate template, ReadOnlySpan<byte> counts)
    {
        Template = template;
        Store(counts);
    }

    /// <summary>Keeps the counts of a frame that is released.</summary>
    /// <param name="window">The window that contains the frame.</param>
    /// <param name="frameAt">Where the frame begins.</param>
    /// <param name="frameEnd">Where the frame ends.</param>
    public void Store(ByteWindow window, int frameAt, int frameEnd)
    {
        IsInFrame = false;
        if (_frameEnd != frameEnd)
        {
            var match = default(FrameMatch);
            Template!.TryMatch(window.Lent(frameAt, frameEnd - frameAt), ref match);
            Locate(match, frameAt, match.Length);
        }
        Store(window.Lent(_start, _length));
    }

    /// <summary>Marks the counts as read.</summary>
    public void Clear() => Template = null;

    public void Return() => _stored.Return();

    private void Store(ReadOnlySpan<byte> counts)
    {
        _stored.Clear();
        _stored.Append(counts);
    }
}
