namespace RawLlm.Generators;

/// <summary>How a type stands in JSON.</summary>
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
    Object,
}
