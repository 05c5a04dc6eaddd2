namespace RawLlm.Protocols;

/// <summary>The kinds of items of an answer on the Responses wire, as far as they matter here.</summary>
internal enum OutputItemKind
{
    /// <summary>Not told yet.</summary>
    Unknown,
    Message,
    Reasoning,
    FunctionCall,
    CustomCall,

    /// <summary>What was said to the model, shown once more.</summary>
    Echo,

    /// <summary>Kept whole: what belongs to tools that the service runs, and whatever the wire grows.</summary>
    Opaque,
}
