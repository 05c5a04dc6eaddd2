namespace RawLlm.Protocols;

/// <summary>The families of Anthropic's models, as their names tell them: of one version they do not all take the same.</summary>
internal enum ClaudeFamily
{
    /// <summary>A name that tells none, such as claude-2.1.</summary>
    Unknown,

    /// <summary>The smallest.</summary>
    Haiku,

    /// <summary>The middle one.</summary>
    Sonnet,

    /// <summary>The large one.</summary>
    Opus,

    /// <summary>Above Opus.</summary>
    Fable,

    /// <summary>Above Opus, for few.</summary>
    Mythos,
}
