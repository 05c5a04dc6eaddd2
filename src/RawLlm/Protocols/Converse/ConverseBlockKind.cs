namespace RawLlm.Protocols;

/// <summary>The kinds of content blocks that the decoder distinguishes on the Converse wire.</summary>
internal enum ConverseBlockKind
{
    /// <summary>Text with its citations.</summary>
    Text,

    /// <summary>Readable reasoning.</summary>
    Reasoning,

    /// <summary>Reasoning that only the service can read.</summary>
    Redacted,

    /// <summary>A call of a tool that the caller runs.</summary>
    ToolCall,

    /// <summary>Any other block, such as what the service's own tools did: kept whole.</summary>
    Raw,
}
