using System.Text.Json.Serialization;

namespace RawLlm;

/// <summary>The format of the model's answer: free text, JSON or structured output by a schema.</summary>
[JsonConverter(typeof(ReplyFormatConverter))]
public sealed record ReplyFormat
{
    private ReplyFormat(ReplyFormatKind kind) => Kind = kind;

    /// <summary>The kind of format.</summary>
    public ReplyFormatKind Kind { get; }

    /// <summary>The schema's name, for <see cref="ReplyFormatKind.JsonSchema"/>.</summary>
    public string? Name { get; private init; }

    /// <summary>The JSON schema, for <see cref="ReplyFormatKind.JsonSchema"/>.</summary>
    public RawJson Schema { get; private init; }

    /// <summary>Whether the service should enforce the schema; nothing is sent if null.</summary>
    public bool? Strict { get; init; }

    /// <summary>Tells the model what the schema is for.</summary>
    public string? Description { get; init; }

    /// <summary>Free text.</summary>
    public static ReplyFormat Text { get; } = new(ReplyFormatKind.Text);

    /// <summary>Any JSON object; most services also require the word "JSON" in the prompt.</summary>
    public static ReplyFormat Json { get; } = new(ReplyFormatKind.Json);

    /// <summary>Structured output: JSON that fits a schema.</summary>
    /// <param name="name">The schema's name: letters, digits, <c>_</c> and <c>-</c>.</param>
    /// <param name="schema">The JSON schema.</param>
    /// <exception cref="ArgumentException">The name or the schema is empty.</exception>
    public static ReplyFormat JsonSchema(string name, RawJson schema)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        if (schema.IsEmpty)
            throw new ArgumentException("The schema is empty. Specify a JSON schema.", nameof(schema));
        return new(ReplyFormatKind.JsonSchema) { Name = name, Schema = schema };
    }

    /// <summary>Structured output: JSON that fits the schema of a type, which <see cref="JsonSchemaAttribute"/> generates.</summary>
    /// <typeparam name="T">The type that the answer is then read as (<see cref="TypedReplies.Read"/>).</typeparam>
    public static ReplyFormat Of<T>()
        where T : IJsonSchema<T> => T.Format;
}
