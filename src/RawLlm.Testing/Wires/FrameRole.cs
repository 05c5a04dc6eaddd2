namespace RawLlm.Testing;

/// <summary>What a frame is to an answer.</summary>
internal enum FrameRole
{
    /// <summary>It opens or closes something.</summary>
    Frame,

    /// <summary>It holds a piece of content.</summary>
    Piece,

    /// <summary>It says that the answer has ended.</summary>
    EndMark,
}
