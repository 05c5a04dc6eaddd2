namespace RawLlm;

/// <summary>The kinds of <see cref="ToolChoice"/>.</summary>
public enum ToolChoiceKind
{
    /// <summary>The model decides.</summary>
    Auto,

    /// <summary>The model calls no tool.</summary>
    None,

    /// <summary>The model calls at least one tool.</summary>
    Required,

    /// <summary>The model calls the named tool.</summary>
    Named,
}
