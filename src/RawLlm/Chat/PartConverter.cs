using System.Text.Json;
using System.Text.Json.Serialization;

namespace RawLlm;

/// <summary>
/// Writes a <see cref="Part"/> as JSON and reads it again, in the same format as inside a <see cref="Message"/>. Thread-safe.
/// </summary>
/// <typeparam name="T">The type of part, or <see cref="Part"/> for all of them.</typeparam>
/// <remarks>
/// Each type of part has its own converter: without one, a part outside a message
/// would be written with the members of <see cref="Part"/> only, and lose its content.
/// </remarks>
public sealed class PartConverter<T> : JsonConverter<T>
    where T : Part
{
    /// <inheritdoc/>
    public override T Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        var part = MessageConverter.ReadPart(ref reader);
        return part as T ?? throw new JsonException($"Expected a {typeof(T).Name}, but found a {part.GetType().Name}.");
    }

    /// <inheritdoc/>
    public override void Write(Utf8JsonWriter writer, T value, JsonSerializerOptions options)
    {
        ArgumentNullException.ThrowIfNull(writer);
        MessageConverter.WritePart(writer, value);
    }
}
