namespace RawLlm.Protocols;

/// <summary>The content that a delta of the Converse wire adds to. The wire prescribes a union, so there should be only one.</summary>
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

    /// <summary>An unknown member, or one that is only kept.</summary>
    Other = 16,
}
