namespace RawLlm.Testing;

/// <summary>The role of a frame in an answer.</summary>
internal enum FrameRole
{
    /// <summary>It opens or closes a structure.</summary>
    Frame,

    /// <summary>It contains a piece of content.</summary>
    Piece,

    /// <summary>It marks the end of the answer.</summary>
    EndMark,
}
