namespace RawLlm.Protocols;

/// <summary>The kinds of content blocks that the decoder distinguishes on the Messages wire.</summary>
internal enum BlockKind
{
    /// <summary><c>text</c>.</summary>
    Text,

    /// <summary><c>thinking</c>.</summary>
    Thinking,

    /// <summary><c>tool_use</c>: a call of a tool that the caller runs.</summary>
    ToolCall,

    /// <summary>Any other block, such as what the service's own tools did: kept whole.</summary>
    Raw,
}
