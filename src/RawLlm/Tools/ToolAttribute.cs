namespace RawLlm;

/// <summary>
/// Turns a method into a <see cref="Tool"/> at compile time: the containing partial type gets a <c>Tools</c> property with all of its
/// tools.
/// </summary>
/// <remarks>docs/tools.md lists the supported parameter and result types.</remarks>
/// <param name="description">Tells the model what the tool does and when to use it.</param>
[AttributeUsage(AttributeTargets.Method)]
public sealed class ToolAttribute(string description) : Attribute
{
    /// <summary>Tells the model what the tool does and when to use it.</summary>
    public string Description => description;

    /// <summary>The name that the model calls; null for the method's name in snake case, without a trailing <c>Async</c>.</summary>
    public string? Name { get; init; }

    /// <summary>Whether to ask the service to hold the arguments to the schema. The default is false, which does not ask for it.</summary>
    public bool Strict { get; init; }

    /// <summary>Whether each call must be approved before it runs (<see cref="Tool.NeedsApproval"/>). The default is false.</summary>
    public bool NeedsApproval { get; init; }

    /// <summary>How many seconds a loop lets one call run (<see cref="Tool.Timeout"/>). The default is 0, for
    /// <see cref="ToolLoopOptions.CallTimeout"/>.</summary>
    public int TimeoutSeconds { get; init; }
}
