namespace RawLlm.Protocols;

/// <summary>The events of the Converse wire.</summary>
internal enum ConverseEventKind
{
    /// <summary>An unknown type: new ones may be added to the wire at any time.</summary>
    Other,

    /// <summary><c>messageStart</c>.</summary>
    MessageStart,

    /// <summary><c>contentBlockStart</c>, which text blocks do not have.</summary>
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
