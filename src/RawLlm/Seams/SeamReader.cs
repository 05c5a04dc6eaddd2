using RawLlm.Framing;
using RawLlm.Protocols;

namespace RawLlm;

/// <summary>Passes all bytes to the decoder of the answer after a seam; the frames themselves are empty.</summary>
internal sealed class SeamReader(StreamDecoder inner) : FrameReader
{
    private bool _hasBegun;

    public override bool TryRead(ReadOnlySpan<byte> unread, bool isFinal, out Frame frame, out int consumed)
    {
        frame = default;
        consumed = unread.Length;
        // The first frame needs no bytes: it is for the seam itself and for what was decoded before.
        if (unread.IsEmpty && _hasBegun)
            return false;
        _hasBegun = true;
        if (!unread.IsEmpty)
        {
            unread.CopyTo(inner.GetSpan(unread.Length));
            inner.Advance(unread.Length);
        }
        return true;
    }
}
