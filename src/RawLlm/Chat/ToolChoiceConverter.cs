using System.Text.Json;
using System.Text.Json.Serialization;

namespace RawLlm;

/// <summary>
/// Writes a <see cref="ToolChoice"/> as JSON, as in <c>{"kind":"named","name":"weather"}</c>, and reads it again. Thread-safe.
/// </summary>
public sealed class ToolChoiceConverter : JsonConverter<ToolChoice>
{
    /// <inheritdoc/>
    public override ToolChoice Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        string? kind = null;
        string? name = null;
        StoredJson.Expect(ref reader, JsonTokenType.StartObject, "A tool choice");
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            if (reader.ValueTextEquals("kind"u8))
                kind = StoredJson.Text(ref reader, "kind");
            else if (reader.ValueTextEquals("name"u8))
                name = StoredJson.Text(ref reader, "name");
            else
                StoredJson.Skip(ref reader);
        }
        return kind switch
        {
            "auto" => ToolChoice.Auto,
            "none" => ToolChoice.None,
            "required" => ToolChoice.Required,
            "named" when name is not "" => ToolChoice.Named(StoredJson.Needed(name, "name")),
            "named" => throw new JsonException("'name' is empty."),
            null => throw new JsonException("A tool choice has no kind."),
            _ => throw new JsonException($"The tool choice '{kind}' is not known."),
        };
    }

    /// <inheritdoc/>
    public override void Write(Utf8JsonWriter writer, ToolChoice value, JsonSerializerOptions options)
    {
        ArgumentNullException.ThrowIfNull(writer);
        ArgumentNullException.ThrowIfNull(value);
        writer.WriteStartObject();
        writer.WriteString(
            "kind"u8,
            value.Kind switch
            {
                ToolChoiceKind.Auto => "auto"u8,
                ToolChoiceKind.None => "none"u8,
                ToolChoiceKind.Required => "required"u8,
                _ => "named"u8,
            }
        );
        StoredJson.WriteIfAny(writer, "name"u8, value.Name);
        writer.WriteEndObject();
    }
}
