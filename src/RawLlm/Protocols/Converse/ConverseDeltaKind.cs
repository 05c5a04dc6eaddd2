namespace RawLlm.Protocols;

/// <summary>What a delta of the Converse wire adds to.</summary>
internal enum ConverseDeltaKind
{
    /// <summary>Nothing.</summary>
    None,

    /// <summary><c>text</c>.</summary>
    Text,

    /// <summary><c>reasoningContent</c>.</summary>
    Reasoning,

    /// <summary><c>toolUse</c>.</summary>
    ToolUse,

    /// <summary><c>citation</c>.</summary>
    Citation,

    /// <summary>A member that is not known here, or one that is only kept.</summary>
    Other,
}
