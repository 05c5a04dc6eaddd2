using System.Text.Json;
using System.Text.Json.Serialization;

namespace RawLlm;

/// <summary>
/// Writes a <see cref="ReplyFormat"/> as JSON, as in <c>{"kind":"json_schema","name":"city","schema":{…}}</c>, and reads it again.
/// Thread-safe.
/// </summary>
public sealed class ReplyFormatConverter : JsonConverter<ReplyFormat>
{
    /// <inheritdoc/>
    public override ReplyFormat Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        string? kind = null;
        string? name = null;
        string? description = null;
        bool? strict = null;
        RawJson schema = default;
        StoredJson.Expect(ref reader, JsonTokenType.StartObject, "A reply format");
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            if (reader.ValueTextEquals("kind"u8))
                kind = StoredJson.Text(ref reader, "kind");
            else if (reader.ValueTextEquals("name"u8))
                name = StoredJson.Text(ref reader, "name");
            else if (reader.ValueTextEquals("description"u8))
                description = StoredJson.Text(ref reader, "description");
            else if (reader.ValueTextEquals("strict"u8))
                strict = StoredJson.Flag(ref reader);
            else if (reader.ValueTextEquals("schema"u8))
                schema = StoredJson.Raw(ref reader);
            else
                StoredJson.Skip(ref reader);
        }
        var format = kind switch
        {
            "text" => ReplyFormat.Text,
            "json" => ReplyFormat.Json,
            "json_schema" when name is not "" && !schema.IsEmpty => ReplyFormat.JsonSchema(StoredJson.Needed(name, "name"), schema),
            "json_schema" => throw new JsonException("A reply format has no name or no schema."),
            null => throw new JsonException("A reply format has no kind."),
            _ => throw new JsonException($"The reply format '{kind}' is not known."),
        };
        return format with { Strict = strict, Description = description };
    }

    /// <inheritdoc/>
    public override void Write(Utf8JsonWriter writer, ReplyFormat value, JsonSerializerOptions options)
    {
        ArgumentNullException.ThrowIfNull(writer);
        ArgumentNullException.ThrowIfNull(value);
        writer.WriteStartObject();
        writer.WriteString(
            "kind"u8,
            value.Kind switch
            {
                ReplyFormatKind.Text => "text"u8,
                ReplyFormatKind.Json => "json"u8,
                _ => "json_schema"u8,
            }
        );
        StoredJson.WriteIfAny(writer, "name"u8, value.Name);
        if (!value.Schema.IsEmpty)
        {
            writer.WritePropertyName("schema"u8);
            writer.WriteRawValue(value.Schema.Utf8, skipInputValidation: true);
        }
        if (value.Strict is { } strict)
            writer.WriteBoolean("strict"u8, strict);
        StoredJson.WriteIfAny(writer, "description"u8, value.Description);
        writer.WriteEndObject();
    }
}
