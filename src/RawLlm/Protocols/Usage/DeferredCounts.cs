using RawLlm.Framing;

namespace RawLlm.Protocols;

/// <summary>An object of counts that predicted frames bring and that is read only when somebody asks for it: each replaces the one before.</summary>
internal sealed class DeferredCounts
{
    private PooledBytes _kept;
    private int _frameEnd = -1;
    private int _start;
    private int _length;

    /// <summary>The template of the frame that brought them; null while nothing waits to be read.</summary>
    public FrameTemplate? Template { get; private set; }

    /// <summary>True while they are those of the frame that is lent: most are never copied, nor even looked for.</summary>
    public bool IsInFrame { get; private set; }

    /// <summary>The counts, once they are kept.</summary>
    public ReadOnlySpan<byte> Kept => _kept.Span;

    /// <summary>The frame that is lent, or will be, brings them.</summary>
    public void LieInFrame(FrameTemplate template)
    {
        Template = template;
        IsInFrame = true;
    }

    /// <summary>Notes where they lie if the lent frame is the one that begins at this offset of the window.</summary>
    public void Locate(in FrameMatch match, int frameAt, int frameLength)
    {
        _frameEnd = frameAt + frameLength;
        _start = frameAt + match.DeferredStart;
        _length = match.DeferredEnd - match.DeferredStart;
    }

    /// <summary>What was noted of places in the window no longer holds.</summary>
    public void ForgetPlace() => _frameEnd = -1;

    /// <summary>Keeps what lies in a frame of which nothing is lent.</summary>
    public void Keep(FrameTemplate template, ReadOnlySpan<byte> counts)
    {
        Template = template;
        Keep(counts);
    }

    /// <summary>The frame goes, its counts are still wanted.</summary>
    /// <param name="window">Holds the frame.</param>
    /// <param name="frameAt">Where it begins.</param>
    /// <param name="frameEnd">Where it ends.</param>
    public void Keep(ByteWindow window, int frameAt, int frameEnd)
    {
        IsInFrame = false;
        if (_frameEnd != frameEnd)
        {
            var match = default(FrameMatch);
            Template!.TryMatch(window.Lent(frameAt, frameEnd - frameAt), ref match);
            Locate(match, frameAt, match.Length);
        }
        Keep(window.Lent(_start, _length));
    }

    /// <summary>They were read.</summary>
    public void Clear() => Template = null;

    public void Return() => _kept.Return();

    private void Keep(ReadOnlySpan<byte> counts)
    {
        _kept.Clear();
        _kept.Append(counts);
    }
}
