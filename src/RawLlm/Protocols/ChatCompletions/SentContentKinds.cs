namespace RawLlm.Protocols;

/// <summary>The kinds of content in a message that are sent on chat completions, where tool results are separate messages.</summary>
[Flags]
internal enum SentContentKinds
{
    Nothing = 0,

    /// <summary>Tool results.</summary>
    Results = 1,

    /// <summary>Anything else.</summary>
    Else = 2,
}
