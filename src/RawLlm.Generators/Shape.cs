namespace RawLlm.Generators;

/// <summary>The JSON shape of a type.</summary>
/// <param name="Kind">The kind of shape.</param>
/// <param name="Type">The type's full name in C#, without a nullable annotation.</param>
internal sealed record Shape(ShapeKind Kind, string Type)
{
    /// <summary>Whether it is a value type, so that <c>T?</c> is another type.</summary>
    public bool IsValueType { get; init; }

    /// <summary>The element of a list, or the value of each member of a map.</summary>
    public Shape? Item { get; init; }

    /// <summary>Whether an element or a member's value may be null.</summary>
    public bool IsItemNullable { get; init; }

    /// <summary>Whether it is <c>List&lt;T&gt;</c> itself, to which an array cannot be assigned.</summary>
    public bool IsListType { get; init; }

    /// <summary>The values of an enum, by their names in JSON and in C#.</summary>
    public IReadOnlyList<(string Name, string Value)> Choices { get; init; } = [];

    /// <summary>The members of an object.</summary>
    public IReadOnlyList<Member> Members { get; init; } = [];

    /// <summary>The type's own <c>[Description]</c>.</summary>
    public string? Description { get; init; }
}
