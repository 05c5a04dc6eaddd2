using System.Diagnostics.CodeAnalysis;

namespace RawLlm.Framing;

/// <summary>Reads a whole body as one frame.</summary>
[Experimental("RLLM903")]
public sealed class WholeBodyReader : FrameReader
{
    private bool _isRead;

    /// <inheritdoc/>
    public override bool TryRead(ReadOnlySpan<byte> unread, bool isFinal, out Frame frame, out int consumed)
    {
        if (!isFinal || _isRead)
        {
            frame = default;
            consumed = 0;
            return false;
        }
        _isRead = true;
        frame = new Frame(unread, unread);
        consumed = unread.Length;
        return true;
    }
}
