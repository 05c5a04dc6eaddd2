using RawLlm.Framing;
using RawLlm.Protocols;

namespace RawLlm;

/// <summary>Hands all bytes on to the decoder of the answer behind a seam; the frames themselves are empty.</summary>
internal sealed class SeamReader(StreamDecoder inner) : FrameReader
{
    private bool _hasBegun;

    public override bool TryRead(ReadOnlySpan<byte> unread, bool isFinal, out Frame frame, out int consumed)
    {
        frame = default;
        consumed = unread.Length;
        // The first one needs no byte: the seam itself, and what was decoded before.
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
