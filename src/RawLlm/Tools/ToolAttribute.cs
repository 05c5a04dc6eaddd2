namespace RawLlm;

/// <summary>Makes a <see cref="Tool"/> of a method, at compile time: the partial type that it stands in gets a property <c>Tools</c> with all of them.</summary>
/// <remarks>docs/tools.md says which types parameters and results may have.</remarks>
/// <param name="description">Tells the model what the function does and when to use it.</param>
[AttributeUsage(AttributeTargets.Method)]
public sealed class ToolAttribute(string description) : Attribute
{
    /// <summary>Tells the model what the function does and when to use it.</summary>
    public string Description => description;

    /// <summary>The name that the model calls; null for the method's own in snake case, without <c>Async</c> at its end.</summary>
    public string? Name { get; init; }

    /// <summary>Asks the service to hold the arguments to the schema; false, which asks for nothing.</summary>
    public bool Strict { get; init; }

    /// <summary>Lets no call run before somebody has allowed it (<see cref="Tool.NeedsApproval"/>); false, which asks nobody.</summary>
    public bool NeedsApproval { get; init; }
}
