namespace RawLlm.Protocols;

/// <summary>Where the parts of a frame lie that a template fits; offsets from the frame's first byte.</summary>
internal ref struct FrameMatch
{
    public int Length;
    public int PieceStart;
    public int PieceLength;
    public bool IsEscaped;

    /// <summary>True when the piece is known to be valid UTF-8.</summary>
    public bool IsValid;

    public int DeferredStart;
    public int DeferredEnd;
}
