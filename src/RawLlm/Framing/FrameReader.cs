namespace RawLlm.Framing;

/// <summary>Finds the frames in a stream of bytes; holds no bytes beyond what joining a frame takes, and knows neither stream nor clock.</summary>
public abstract class FrameReader : IDisposable
{
    /// <summary>True once the input has ended inside a frame that was not given out.</summary>
    public bool IsCut { get; protected set; }

    /// <summary>Looks for the next frame.</summary>
    /// <param name="unread">All bytes that were not consumed yet: what the last call left, and what has come since.</param>
    /// <param name="isFinal">True when no more bytes will come.</param>
    /// <param name="frame">The frame; its spans are valid until the next call, and as long as <paramref name="unread"/> stays.</param>
    /// <param name="consumed">How many bytes are done with, whatever the answer.</param>
    /// <returns>False when more bytes are needed or, if <paramref name="isFinal"/>, when there are no more frames.</returns>
    /// <exception cref="FramingException">The bytes break the framing's rules.</exception>
    public abstract bool TryRead(ReadOnlySpan<byte> unread, bool isFinal, out Frame frame, out int consumed);

    /// <summary>Gives back what the reader holds.</summary>
    public virtual void Dispose()
    {
    }
}
