namespace RawLlm;

/// <summary>A type for structured output: the schema that the model must follow, and the reader of its answer.</summary>
/// <remarks>
/// <see cref="JsonSchemaAttribute"/> generates the implementation at compile time. A manual
/// one needs a schema and a reader, such as System.Text.Json with source-generated metadata.
/// </remarks>
/// <typeparam name="TSelf">The type itself.</typeparam>
public interface IJsonSchema<TSelf>
    where TSelf : IJsonSchema<TSelf>
{
    /// <summary>The format to request from the service: always a <see cref="ReplyFormatKind.JsonSchema"/>.</summary>
    static abstract ReplyFormat Format { get; }

    /// <summary>Reads a value.</summary>
    /// <param name="utf8">The JSON, as the model wrote it.</param>
    /// <param name="quirks">Receives the tolerated deviations from the schema; null if they are not needed.</param>
    /// <exception cref="ArgumentException">
    /// The text is not JSON or does not fit the type. The message of a <see cref="ToolArgumentException"/>,
    /// which is passed on, names the member and contains nothing of the answer.
    /// </exception>
    static abstract TSelf Read(ReadOnlySpan<byte> utf8, ICollection<Quirk>? quirks);
}
