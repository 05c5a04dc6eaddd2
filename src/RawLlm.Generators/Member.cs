namespace RawLlm.Generators;

/// <summary>A member of an object, or a parameter of a tool.</summary>
/// <param name="Name">The name in JSON.</param>
/// <param name="Source">The name in C#.</param>
/// <param name="Shape">The JSON shape of its type.</param>
internal sealed record Member(string Name, string Source, Shape Shape)
{
    public MemberPlace Place { get; init; }

    /// <summary>Whether it may be null.</summary>
    public bool IsNullable { get; init; }

    /// <summary>Whether it may be omitted.</summary>
    public bool IsOptional { get; init; }

    /// <summary>The value if it is omitted, for the model; null if it is not known, or if JSON cannot express it.</summary>
    public object? Default { get; init; }

    /// <summary>The C# expression for its value if it is omitted.</summary>
    public string Fallback { get; init; } = "default!";

    public string? Description { get; init; }
}
