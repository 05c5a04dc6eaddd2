namespace RawLlm.Protocols;

/// <summary>
/// The families of Anthropic's models, according to their names. The families of one version do not all support the same features.
/// </summary>
internal enum ClaudeFamily
{
    /// <summary>A name without a family, such as claude-2.1.</summary>
    Unknown,

    /// <summary>The smallest.</summary>
    Haiku,

    /// <summary>The middle one.</summary>
    Sonnet,

    /// <summary>The large one.</summary>
    Opus,

    /// <summary>Above Opus.</summary>
    Fable,

    /// <summary>Above Opus, with limited availability.</summary>
    Mythos,
}
