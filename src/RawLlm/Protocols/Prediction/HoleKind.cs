namespace RawLlm.Protocols;

/// <summary>What may stand in a hole of a template.</summary>
internal enum HoleKind : byte
{
    /// <summary>The piece that the event gives: the body of a JSON string, not empty.</summary>
    Piece,

    /// <summary>The piece once more, byte by byte.</summary>
    Echo,

    /// <summary>The body of a JSON string.</summary>
    Text,

    /// <summary>A JSON number.</summary>
    Number,

    /// <summary>A JSON number that is a count: digits alone, at most fifteen.</summary>
    Count,

    /// <summary>A JSON array that holds numbers alone, its brackets included.</summary>
    Numbers,

    /// <summary>Spaces between two tokens, or none.</summary>
    Spaces,

    /// <summary>Nothing: the place where what is read later begins.</summary>
    DeferredStart,

    /// <summary>Nothing: the place where what is read later ends.</summary>
    DeferredEnd,
}
