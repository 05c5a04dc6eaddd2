namespace RawLlm.Generators;

/// <summary>A type as it stands in JSON.</summary>
/// <param name="Kind">How.</param>
/// <param name="Type">The type's full name in C#, without a mark that it may be null.</param>
internal sealed record Shape(ShapeKind Kind, string Type)
{
    /// <summary>True where <c>T?</c> is a type of its own.</summary>
    public bool IsValueType { get; init; }

    /// <summary>What a list holds.</summary>
    public Shape? Item { get; init; }

    /// <summary>True where an item may be null.</summary>
    public bool IsItemNullable { get; init; }

    /// <summary>True for <c>List&lt;T&gt;</c> itself, and not something that an array is too.</summary>
    public bool IsListType { get; init; }

    /// <summary>The names in JSON and in C# of the values of an enum.</summary>
    public IReadOnlyList<(string Name, string Value)> Choices { get; init; } = [];

    /// <summary>What an object holds.</summary>
    public IReadOnlyList<Member> Members { get; init; } = [];

    /// <summary>What the type's own <c>[Description]</c> says.</summary>
    public string? Description { get; init; }
}
