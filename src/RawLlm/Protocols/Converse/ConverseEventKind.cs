namespace RawLlm.Protocols;

/// <summary>The events of the Converse wire.</summary>
internal enum ConverseEventKind
{
    /// <summary>A type that is not known here: the wire may grow new ones at any time.</summary>
    Other,

    /// <summary><c>messageStart</c>.</summary>
    MessageStart,

    /// <summary><c>contentBlockStart</c>, which blocks of text do without.</summary>
    BlockStart,

    /// <summary><c>contentBlockDelta</c>.</summary>
    BlockDelta,

    /// <summary><c>contentBlockStop</c>.</summary>
    BlockStop,

    /// <summary><c>messageStop</c>.</summary>
    MessageStop,

    /// <summary><c>metadata</c>: the usage, after the message.</summary>
    Metadata,
}
