namespace RawLlm.Protocols;

/// <summary>Where the parts of a frame that fits a template are; offsets are relative to the frame's first byte.</summary>
internal ref struct FrameMatch
{
    public int Length;
    public int PieceStart;
    public int PieceLength;
    public bool IsEscaped;

    /// <summary>Whether the piece is known to be valid UTF-8.</summary>
    public bool IsValid;

    public int DeferredStart;
    public int DeferredEnd;
}
