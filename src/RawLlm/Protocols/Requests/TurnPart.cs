namespace RawLlm.Protocols;

/// <summary>What is left of a part of the model's where it goes back.</summary>
internal enum TurnPart
{
    /// <summary>Nothing.</summary>
    LeftOut,

    /// <summary>Nothing where it stands: it goes out in a place of its own.</summary>
    Elsewhere,

    /// <summary>A thought of the service's own, which is refused at the end of a turn.</summary>
    Thought,

    /// <summary>Anything else.</summary>
    Said,
}
