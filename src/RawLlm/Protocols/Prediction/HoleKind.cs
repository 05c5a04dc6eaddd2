namespace RawLlm.Protocols;

/// <summary>The values that a hole of a template may have.</summary>
internal enum HoleKind : byte
{
    /// <summary>The piece that the event returns: the body of a JSON string, not empty.</summary>
    Piece,

    /// <summary>A repetition of the piece, byte for byte.</summary>
    Echo,

    /// <summary>The body of a JSON string.</summary>
    Text,

    /// <summary>A JSON number.</summary>
    Number,

    /// <summary>A JSON number that is a count: only digits, at most fifteen.</summary>
    Count,

    /// <summary>A JSON array that contains only numbers, including its brackets.</summary>
    Numbers,

    /// <summary>Spaces between two tokens, or none.</summary>
    Spaces,

    /// <summary>Empty: the place where the deferred part begins.</summary>
    DeferredStart,

    /// <summary>Empty: the place where the deferred part ends.</summary>
    DeferredEnd,
}
