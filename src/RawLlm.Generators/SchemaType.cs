namespace RawLlm.Generators;

/// <summary>A marked type and the file that is generated for it. Holds no part of a compilation.</summary>
/// <param name="Type">The type's full name.</param>
/// <param name="Source">The file's text; empty if there are errors.</param>
/// <param name="Findings">The diagnostics.</param>
internal sealed record SchemaType(string Type, string Source, EquatableArray<Finding> Findings);
