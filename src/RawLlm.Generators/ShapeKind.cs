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

    /// <summary>Any JSON value, as a <c>RawJson</c>.</summary>
    Json,

    /// <summary>Any JSON value, as a <c>JsonElement</c>.</summary>
    Element,
    List,
    Map,
    Object,
}
