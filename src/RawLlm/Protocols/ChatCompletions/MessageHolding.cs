namespace RawLlm.Protocols;

/// <summary>What of a message is sent on chat completions, where results of functions are messages of their own.</summary>
[Flags]
internal enum MessageHolding
{
    Nothing = 0,

    /// <summary>Results of functions.</summary>
    Results = 1,

    /// <summary>Anything else.</summary>
    Else = 2,
}
