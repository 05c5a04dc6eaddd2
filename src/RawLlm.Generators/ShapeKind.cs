namespace RawLlm.Generators;

/// <summary>The kind of JSON shape of a type.</summary>
internal enum ShapeKind
{
    Text,
    Boolean,
    Integer,
    Number,
    Choice,
    DateTime,
    DateTimeOffset,
    DateOnly,
    TimeOnly,
    Guid,
    Uri,
    List,
    Map,
    Object,
}
