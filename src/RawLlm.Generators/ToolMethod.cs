namespace RawLlm.Generators;

/// <summary>A marked method and the code that is generated for it. Holds no part of a compilation.</summary>
internal sealed record ToolMethod
{
    /// <summary>The full name of its type.</summary>
    public string Type { get; init; } = "";

    /// <summary>The namespace of the type; empty for none.</summary>
    public string Namespace { get; init; } = "";

    /// <summary>
    /// The declarations of the containing types and of the type, the outermost first, such as <c>partial class Outer</c>.
    /// </summary>
    public EquatableArray<string> Declarations { get; init; }

    /// <summary>The tool's name for the model.</summary>
    public string Name { get; init; } = "";

    public bool IsStatic { get; init; }

    /// <summary>Whether the type is a record, whose equality an additional field would change.</summary>
    public bool IsRecord { get; init; }

    /// <summary>Whether a base type has a member <c>Tools</c> or will get one.</summary>
    public bool HidesTools { get; init; }

    /// <summary>The expression for the tools of the nearest base type that has tools; empty if none has.</summary>
    public string Inherited { get; init; } = "";

    /// <summary>The expression that creates the definition; empty if there are errors.</summary>
    public string Definition { get; init; } = "";

    public bool NeedsApproval { get; init; }

    /// <summary>The tool's own timeout; 0 for none.</summary>
    public int TimeoutSeconds { get; init; }

    /// <summary>The lambda that runs a call.</summary>
    public string Lambda { get; init; } = "";

    /// <summary>The methods that read and write types; several tools may share them.</summary>
    public EquatableArray<string> Methods { get; init; }

    public EquatableArray<Finding> Findings { get; init; }

    /// <summary>The diagnostic for a duplicate name, in case one is found later.</summary>
    public Finding? Place { get; init; }
}
