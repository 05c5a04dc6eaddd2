namespace RawLlm.Protocols;

/// <summary>The kinds of items in a Responses answer, as far as they matter here.</summary>
internal enum OutputItemKind
{
    /// <summary>Not known yet.</summary>
    Unknown,
    Message,
    Reasoning,
    FunctionCall,
    CustomCall,

    /// <summary>A message of the request, repeated.</summary>
    Echo,

    /// <summary>Kept whole: items of tools that the service runs, and whatever the wire adds.</summary>
    Opaque,
}
