namespace RawLlm.Protocols;

/// <summary>What remains of a part of the model when it is sent back.</summary>
internal enum TurnPart
{
    /// <summary>Nothing.</summary>
    LeftOut,

    /// <summary>Nothing at this position: it is sent in a place of its own.</summary>
    Elsewhere,

    /// <summary>The service's own reasoning, which is rejected at the end of a turn.</summary>
    Thought,

    /// <summary>Anything else.</summary>
    Sent,
}
