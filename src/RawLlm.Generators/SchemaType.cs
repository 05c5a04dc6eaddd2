namespace RawLlm.Generators;

/// <summary>A marked type, as the file that is written of it. Holds no part of a compilation.</summary>
/// <param name="Type">The type's full name.</param>
/// <param name="Source">The file's text; empty where something is wrong.</param>
/// <param name="Findings">What is wrong.</param>
internal sealed record SchemaType(string Type, string Source, EquatableArray<Finding> Findings);
