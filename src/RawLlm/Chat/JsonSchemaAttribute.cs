namespace RawLlm;

/// <summary>
/// Generates a JSON schema and a reader for a type at compile time. The type must be partial; it then implements
/// <see cref="IJsonSchema{TSelf}"/>.
/// </summary>
/// <remarks>docs/typed-answers.md lists the types that its members may have.</remarks>
/// <param name="description">Tells the model what the value is; null for no description.</param>
[AttributeUsage(AttributeTargets.Class | AttributeTargets.Struct, Inherited = false)]
public sealed class JsonSchemaAttribute(string? description = null) : Attribute
{
    /// <summary>Tells the model what the value is; null for no description.</summary>
    public string? Description => description;

    /// <summary>The schema's name for the service; null for the name of the type.</summary>
    public string? Name { get; init; }

    /// <summary>Whether to ask the service to enforce the schema, which then has the form that OpenAI's strict mode accepts. The default is
    /// true.</summary>
    /// <remarks>With false, members may also be dictionaries, <see cref="RawJson"/> and JsonElement, members that may be null or have a
    /// default are not required, and the schema is sent without <c>strict</c>.</remarks>
    public bool Strict { get; init; } = true;
}
