namespace RawLlm;

/// <summary>Has a JSON schema, and what reads an answer by it, written for a type at compile time; the type has to be partial, and implements <see cref="IJsonSchema{TSelf}"/> from then on.</summary>
/// <remarks>docs/typed-answers.md says which types its members may have.</remarks>
/// <param name="description">Tells the model what the value is; null says nothing.</param>
[AttributeUsage(AttributeTargets.Class | AttributeTargets.Struct, Inherited = false)]
public sealed class JsonSchemaAttribute(string? description = null) : Attribute
{
    /// <summary>Tells the model what the value is; null says nothing.</summary>
    public string? Description => description;

    /// <summary>The schema's name for the service; null for the type's own.</summary>
    public string? Name { get; init; }
}
