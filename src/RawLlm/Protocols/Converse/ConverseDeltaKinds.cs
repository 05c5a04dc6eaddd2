namespace RawLlm.Protocols;

/// <summary>What a delta of the Converse wire adds to: one of these where the wire's rule is kept, which has a union there.</summary>
[Flags]
internal enum ConverseDeltaKinds
{
    /// <summary>Nothing.</summary>
    None = 0,

    /// <summary><c>text</c>.</summary>
    Text = 1,

    /// <summary><c>reasoningContent</c>.</summary>
    Reasoning = 2,

    /// <summary><c>toolUse</c>.</summary>
    ToolUse = 4,

    /// <summary><c>citation</c>.</summary>
    Citation = 8,

    /// <summary>A member that is not known here, or one that is only kept.</summary>
    Other = 16,
}
