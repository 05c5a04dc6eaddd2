using System.Text.Json.Serialization;

namespace RawLlm;

/// <summary>The form in which the model answers.</summary>
[JsonConverter(typeof(ReplyFormatConverter))]
public sealed record ReplyFormat
{
    private ReplyFormat(ReplyFormatKind kind) => Kind = kind;

    /// <summary>Which form.</summary>
    public ReplyFormatKind Kind { get; }

    /// <summary>The schema's name, for <see cref="ReplyFormatKind.JsonSchema"/>.</summary>
    public string? Name { get; private init; }

    /// <summary>The JSON schema, for <see cref="ReplyFormatKind.JsonSchema"/>.</summary>
    public RawJson Schema { get; private init; }

    /// <summary>Asks the service to hold the answer to the schema; nothing is sent when null.</summary>
    public bool? Strict { get; init; }

    /// <summary>Tells the model what the schema is for.</summary>
    public string? Description { get; init; }

    /// <summary>Free text.</summary>
    public static ReplyFormat Text { get; } = new(ReplyFormatKind.Text);

    /// <summary>Some JSON object; most services want the word "JSON" in the prompt as well.</summary>
    public static ReplyFormat Json { get; } = new(ReplyFormatKind.Json);

    /// <summary>JSON that fits a schema.</summary>
    /// <param name="name">Letters, digits, <c>_</c> and <c>-</c>.</param>
    /// <param name="schema">The JSON schema.</param>
    /// <exception cref="ArgumentException">The name or the schema is empty.</exception>
    public static ReplyFormat JsonSchema(string name, RawJson schema)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        if (schema.IsEmpty)
            throw new ArgumentException("A JSON schema is needed.", nameof(schema));
        return new(ReplyFormatKind.JsonSchema) { Name = name, Schema = schema };
    }

    /// <summary>JSON that fits the schema of a type, which <see cref="JsonSchemaAttribute"/> has written for it.</summary>
    /// <typeparam name="T">The type that the answer is then read as (<see cref="TypedReplies.Read"/>).</typeparam>
    public static ReplyFormat Of<T>()
        where T : IJsonSchema<T> => T.Format;
}
