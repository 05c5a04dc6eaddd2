namespace RawLlm.Generators;

/// <summary>A marked method, as the text that is written of it. Holds no part of a compilation.</summary>
internal sealed record ToolMethod
{
    /// <summary>The full name of the type that it stands in.</summary>
    public string Type { get; init; } = "";

    /// <summary>The namespace of the type; empty for none.</summary>
    public string Namespace { get; init; } = "";

    /// <summary>The type's declaration and those around it, the outermost first, as in <c>partial class Outer</c>.</summary>
    public EquatableArray<string> Declarations { get; init; }

    /// <summary>The function's name for the model.</summary>
    public string Name { get; init; } = "";

    public bool IsStatic { get; init; }

    /// <summary>True for a record, whose equality a field of ours would change.</summary>
    public bool IsRecord { get; init; }

    /// <summary>True where a base type has a member <c>Tools</c>.</summary>
    public bool HidesTools { get; init; }

    /// <summary>The expression that makes the definition; empty where something is wrong.</summary>
    public string Definition { get; init; } = "";

    public bool NeedsApproval { get; init; }

    /// <summary>The lambda that runs a call.</summary>
    public string Lambda { get; init; } = "";

    /// <summary>Methods that read and write types, which other tools may share.</summary>
    public EquatableArray<string> Methods { get; init; }

    public EquatableArray<Finding> Findings { get; init; }

    /// <summary>Where the method stands, for what is found out later.</summary>
    public Finding? Place { get; init; }
}
