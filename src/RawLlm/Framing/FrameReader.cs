using System.Diagnostics.CodeAnalysis;

namespace RawLlm.Framing;

/// <summary>Finds the frames in a stream of bytes; holds no bytes beyond what joining a frame takes, and knows neither stream nor clock. Not thread-safe.</summary>
[Experimental("RLLM903")]
public abstract class FrameReader : IDisposable
{
    /// <summary>True once the input has ended inside a frame that was not given out.</summary>
    public bool IsCut { get; protected set; }

    /// <summary>How many bytes the longest frame has taken so far; one that has not ended yet counts, and one that turned out to give nothing.</summary>
    /// <remarks>A bound on it is passed at the same byte of the input, however that was cut into pieces.</remarks>
    public int LongestFrame { get; private set; }

    /// <summary>Looks for the next frame.</summary>
    /// <param name="unread">All bytes that were not consumed yet: what the last call left, and what has come since.</param>
    /// <param name="isFinal">True when no more bytes will come.</param>
    /// <param name="frame">The frame; its spans are valid until the next call, and as long as <paramref name="unread"/> stays.</param>
    /// <param name="consumed">How many bytes are done with, whatever the answer.</param>
    /// <returns>False when more bytes are needed or, if <paramref name="isFinal"/>, when there are no more frames.</returns>
    /// <exception cref="FramingException">The bytes break the framing's rules; nothing more can be read.</exception>
    public abstract bool TryRead(ReadOnlySpan<byte> unread, bool isFinal, out Frame frame, out int consumed);

    /// <summary>Looks for the next frame as <see cref="TryRead"/> does, and leaves what stands before its data to <see cref="ReadHead"/>.</summary>
    /// <remarks>Whoever knows the bytes of a frame knows what they say, and need not have them read.</remarks>
    internal virtual bool TryFind(ReadOnlySpan<byte> unread, bool isFinal, out Frame frame, out int consumed) => TryRead(unread, isFinal, out frame, out consumed);

    /// <summary>Reads what stands before the data of a frame that was found.</summary>
    /// <exception cref="FramingException">The bytes break the framing's rules; nothing more can be read.</exception>
    internal virtual Frame ReadHead(scoped in Frame found) => found;

    /// <summary>True when the next frame begins with the first unread byte, and may be found by other means (<see cref="Pass"/>).</summary>
    internal bool CanPass { get; private protected set; }

    /// <summary>How many bytes at the start of every frame differ from frame to frame, whatever it holds.</summary>
    internal virtual int PreludeBytes => 0;

    /// <summary>The next frame was found by other means: the reader goes on behind it.</summary>
    /// <param name="length">How long it was, as <see cref="LongestFrame"/> counts.</param>
    internal virtual void Pass(int length) => Measure(length);

    /// <summary>Gives back what the reader holds.</summary>
    public virtual void Dispose()
    {
    }

    /// <summary>Keeps <see cref="LongestFrame"/>.</summary>
    /// <param name="bytes">What one frame has taken so far, or will take where the framing says so beforehand.</param>
    protected void Measure(int bytes)
    {
        if (bytes > LongestFrame)
            LongestFrame = bytes;
    }
}
