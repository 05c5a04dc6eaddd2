using System.Text.Json;

namespace RawLlm;

/// <summary>
/// Shared by the converters of stored values. A value that is not as expected is a <see cref="JsonException"/> that names it.
/// </summary>
internal static class StoredJson
{
    public static string Text(ref Utf8JsonReader reader, string name)
    {
        reader.Read();
        if (reader.TokenType != JsonTokenType.String)
            throw new JsonException($"'{name}' is not a string.");
        try
        {
            return reader.GetString()!;
        }
        catch (InvalidOperationException e)
        {
            throw new JsonException($"'{name}' contains bytes or escapes that are not valid text.", e);
        }
    }

    public static bool Flag(ref Utf8JsonReader reader)
    {
        reader.Read();
        return reader.TokenType is JsonTokenType.True or JsonTokenType.False
            ? reader.GetBoolean()
            : throw new JsonException("Expected true or false.");
    }

    public static RawJson Raw(ref Utf8JsonReader reader)
    {
        reader.Read();
        return RawJsonConverter.ReadValue(ref reader);
    }

    public static void Skip(ref Utf8JsonReader reader)
    {
        reader.Read();
        reader.Skip();
    }

    public static void Expect(ref Utf8JsonReader reader, JsonTokenType type, string what)
    {
        if (reader.TokenType != type)
            throw new JsonException($"{what} must be a JSON {(type == JsonTokenType.StartArray ? "array" : "object")}.");
    }

    public static T Needed<T>(T? value, string name)
        where T : class => value ?? throw new JsonException($"'{name}' is missing.");

    public static void WriteIfAny(Utf8JsonWriter writer, ReadOnlySpan<byte> name, string? value)
    {
        if (value is not null)
            writer.WriteString(name, value);
    }
}
