using System.Diagnostics.CodeAnalysis;

namespace RawLlm.Framing;

/// <summary>
/// Finds the frames in a stream of bytes. It buffers only what joining a frame requires, and knows neither I/O nor time. Not thread-safe.
/// </summary>
[Experimental("RLLM903")]
public abstract class FrameReader : IDisposable
{
    /// <summary>Whether the input ended inside a frame that was not returned.</summary>
    public bool IsCut { get; protected set; }

    /// <summary>
    /// The length of the longest frame so far, in bytes. A frame that has not ended yet counts, and so does one that contained nothing to
    /// return.
    /// </summary>
    /// <remarks>This value exceeds a limit at the same byte of the input, regardless of how the input was split.</remarks>
    public int LongestFrame { get; private set; }

    /// <summary>Reads the next frame.</summary>
    /// <param name="unread">All bytes that are not consumed yet: those that the last call left, and those that have arrived since.</param>
    /// <param name="isFinal">True if no more bytes will arrive.</param>
    /// <param name="frame">The frame; its spans are valid until the next call, and only as long as <paramref name="unread"/> is.</param>
    /// <param name="consumed">The number of bytes that are no longer needed, whatever the result.</param>
    /// <returns>False if more bytes are needed or, if <paramref name="isFinal"/> is true, if there are no more frames.</returns>
    /// <exception cref="FramingException">The bytes break the framing's rules; nothing more can be read.</exception>
    public abstract bool TryRead(ReadOnlySpan<byte> unread, bool isFinal, out Frame frame, out int consumed);

    /// <summary>
    /// Finds the next frame as <see cref="TryRead"/> does, but leaves the part before its data to <see cref="ReadHead"/>.
    /// </summary>
    /// <remarks>A caller that recognizes the bytes of a frame already knows what they mean and does not have to read them.</remarks>
    internal virtual bool TryFind(ReadOnlySpan<byte> unread, bool isFinal, out Frame frame, out int consumed) =>
        TryRead(unread, isFinal, out frame, out consumed);

    /// <summary>Reads the part before the data of a frame that was found.</summary>
    /// <exception cref="FramingException">The bytes break the framing's rules; nothing more can be read.</exception>
    internal virtual Frame ReadHead(scoped in Frame found) => found;

    /// <summary>
    /// Whether the next frame begins at the first unread byte, so that it may be found by other means (<see cref="Pass"/>).
    /// </summary>
    internal bool CanPass { get; private protected set; }

    /// <summary>The number of bytes at the start of every frame that vary from frame to frame, whatever the frame contains.</summary>
    internal virtual int PreludeBytes => 0;

    /// <summary>Skips the next frame, which was found by other means.</summary>
    /// <param name="length">The length of the frame, as <see cref="LongestFrame"/> counts.</param>
    internal virtual void Pass(int length) => Measure(length);

    /// <summary>Releases the reader's buffers.</summary>
    public virtual void Dispose() { }

    /// <summary>Updates <see cref="LongestFrame"/>.</summary>
    /// <param name="bytes">The length of a frame so far, or its whole length if the framing specifies it in advance.</param>
    protected void Measure(int bytes)
    {
        if (bytes > LongestFrame)
            LongestFrame = bytes;
    }
}
