namespace RawLlm.Protocols;

/// <summary>A frame that was found to fit its template, and where the text of its piece lies.</summary>
/// <param name="Start">Where the text begins: from the frame's first byte, or in the scratch where it was freed from escapes.</param>
/// <param name="TextLength">How long it is.</param>
/// <param name="SignedLength">How long the frame is; below zero where the text lies in the scratch.</param>
internal readonly record struct FrameAhead(ushort Start, ushort TextLength, int SignedLength)
{
    /// <summary>The largest start or length of a piece.</summary>
    public const int Longest = ushort.MaxValue;

    public bool IsInScratch => SignedLength < 0;

    public int Length => Math.Abs(SignedLength);
}
