namespace RawLlm.Generators;

/// <summary>A member of an object, or a parameter of a function.</summary>
/// <param name="Name">Its name in JSON.</param>
/// <param name="Source">Its name in C#.</param>
/// <param name="Shape">How its type stands in JSON.</param>
internal sealed record Member(string Name, string Source, Shape Shape)
{
    public MemberPlace Place { get; init; }

    /// <summary>True where it may be null.</summary>
    public bool IsNullable { get; init; }

    /// <summary>True where it need not be given.</summary>
    public bool IsOptional { get; init; }

    /// <summary>What it is where it is not given, in C#.</summary>
    public string Fallback { get; init; } = "default!";

    public string? Description { get; init; }
}
