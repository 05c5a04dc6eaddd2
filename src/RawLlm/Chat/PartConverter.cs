using System.Text.Json;
using System.Text.Json.Serialization;

namespace RawLlm;

/// <summary>Writes a <see cref="Part"/> as JSON and reads it again, in the form in which it stands in a <see cref="Message"/>. Thread-safe.</summary>
/// <typeparam name="T">The kind of part, or <see cref="Part"/> for all of them.</typeparam>
/// <remarks>Each kind has one of its own: without it a part that stands outside a message would be written as what all parts share, and lose what it says.</remarks>
public sealed class PartConverter<T> : JsonConverter<T>
    where T : Part
{
    /// <inheritdoc/>
    public override T Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        var part = MessageConverter.ReadPart(ref reader);
        return part as T ?? throw new JsonException($"A {part.GetType().Name} stands where a {typeof(T).Name} is wanted.");
    }

    /// <inheritdoc/>
    public override void Write(Utf8JsonWriter writer, T value, JsonSerializerOptions options)
    {
        ArgumentNullException.ThrowIfNull(writer);
        MessageConverter.WritePart(writer, value);
    }
}
