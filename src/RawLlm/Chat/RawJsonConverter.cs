using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace RawLlm;

/// <summary>
/// Writes a <see cref="RawJson"/> as the JSON value that it is, and keeps the bytes of a value that it reads. An empty one is <c>null</c>.
/// </summary>
public sealed class RawJsonConverter : JsonConverter<RawJson>
{
    /// <inheritdoc/>
    public override bool HandleNull => true;

    /// <inheritdoc/>
    public override RawJson Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        reader.TokenType == JsonTokenType.Null ? default : ReadValue(ref reader);

    /// <inheritdoc/>
    public override void Write(Utf8JsonWriter writer, RawJson value, JsonSerializerOptions options)
    {
        ArgumentNullException.ThrowIfNull(writer);
        value.WriteTo(writer);
    }

    internal static RawJson ReadValue(ref Utf8JsonReader reader)
    {
        using var value = JsonDocument.ParseValue(ref reader);
        try
        {
            return RawJson.FromChecked(Encoding.UTF8.GetBytes(value.RootElement.GetRawText()));
        }
        catch (InvalidOperationException e)
        {
            throw new JsonException("A value contains bytes that are not UTF-8.", e);
        }
    }
}
