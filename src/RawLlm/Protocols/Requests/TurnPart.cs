namespace RawLlm.Protocols;

/// <summary>What is left of a part of the model's where it goes back.</summary>
internal enum TurnPart
{
    /// <summary>Nothing.</summary>
    LeftOut,

    /// <summary>A thought of the service's own, which is refused at the end of a turn.</summary>
    Thought,

    /// <summary>Anything else.</summary>
    Said,
}
