namespace RawLlm;

/// <summary>The kinds of <see cref="ToolChoice"/>.</summary>
public enum ToolChoiceKind
{
    /// <summary>The model decides.</summary>
    Auto,

    /// <summary>No function is called.</summary>
    None,

    /// <summary>At least one function is called.</summary>
    Required,

    /// <summary>The named function is called.</summary>
    Named,
}
