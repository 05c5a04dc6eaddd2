namespace RawLlm.Protocols;

/// <summary>What a content block of the Converse wire is to the decoder.</summary>
internal enum ConverseBlockKind
{
    /// <summary>Text, with the sources that it cites.</summary>
    Text,

    /// <summary>Thoughts that can be read.</summary>
    Reasoning,

    /// <summary>Thoughts that only the service can read.</summary>
    Redacted,

    /// <summary>A function that the caller runs.</summary>
    ToolCall,

    /// <summary>Everything else, such as what the service's own tools did: kept whole.</summary>
    Raw,
}
