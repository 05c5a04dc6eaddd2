namespace RawLlm.Protocols;

/// <summary>What a content block of the Messages wire is to the decoder.</summary>
internal enum BlockKind
{
    /// <summary><c>text</c>.</summary>
    Text,

    /// <summary><c>thinking</c>.</summary>
    Thinking,

    /// <summary><c>tool_use</c>: a function that the caller runs.</summary>
    ToolCall,

    /// <summary>Everything else, such as what the service's own tools did: kept whole.</summary>
    Raw,
}
