namespace RawLlm;

/// <summary>A type that answers are read as: the schema that the model is held to, and what reads its answer.</summary>
/// <remarks>
/// <see cref="JsonSchemaAttribute"/> has it written at compile time. By hand it takes a schema and a reader, such as one of System.Text.Json with generated
/// metadata.
/// </remarks>
/// <typeparam name="TSelf">The type itself.</typeparam>
public interface IJsonSchema<TSelf>
    where TSelf : IJsonSchema<TSelf>
{
    /// <summary>What is asked of the service: always a <see cref="ReplyFormatKind.JsonSchema"/>.</summary>
    static abstract ReplyFormat Format { get; }

    /// <summary>Reads a value.</summary>
    /// <param name="utf8">JSON, as the model wrote it.</param>
    /// <param name="quirks">Takes what deviated from the schema and was tolerated; null where nobody asks.</param>
    /// <exception cref="ArgumentException">It is no JSON, or does not fit; the message of a <see cref="ToolArgumentException"/>, which is passed on, names the member and holds nothing of the answer.</exception>
    static abstract TSelf Read(ReadOnlySpan<byte> utf8, ICollection<Quirk>? quirks);
}
