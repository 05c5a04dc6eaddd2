using System.Buffers;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization.Metadata;
using Microsoft.Extensions.AI;

namespace RawLlm.Extensions.AI;

/// <summary>Writes objects from callers as JSON, without using reflection itself.</summary>
internal static class JsonValues
{
    private static readonly JsonWriterOptions Compact = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <param name="value">The value.</param>
    /// <param name="what">What the value is, for the error message.</param>
    /// <param name="options">The serializer options for values other than text, numbers and JSON.</param>
    /// <exception cref="ArgumentException">The value cannot be written.</exception>
    public static RawJson Write(object? value, string what, JsonSerializerOptions options)
    {
        switch (value)
        {
            case null:
                return "null";
            case RawJson raw:
                return raw;
            case JsonElement { ValueKind: JsonValueKind.Undefined }:
                throw new ArgumentException($"{what} is a JsonElement without a value.");
        }
        try
        {
            // A writer of its own, because the usual options indent, also values stored with them, and white space costs tokens.
            var buffer = new ArrayBufferWriter<byte>();
            using (var writer = new Utf8JsonWriter(buffer, Compact))
            {
                if (value is JsonElement element)
                    element.WriteTo(writer);
                else if (value is JsonNode node)
                    node.WriteTo(writer, options);
                else
                    JsonSerializer.Serialize(writer, value, TypeOf(value, options));
            }
            return RawJson.FromUtf8(buffer.WrittenMemory);
        }
        catch (Exception e) when (e is NotSupportedException or JsonException or InvalidOperationException)
        {
            throw new ArgumentException(
                $"{what} is a {value.GetType().Name}, which cannot be written as JSON. Use a string, a number, a JsonElement or a RawJson, or register the type in LlmAdapterOptions.SerializerOptions or in the JsonSerializerOptions of the function (in a NativeAOT program with a generated JsonSerializerContext).",
                e
            );
        }
    }

    /// <summary>Returns the arguments of a call as the text of a JSON object.</summary>
    /// <exception cref="ArgumentException">A value cannot be written.</exception>
    public static string WriteArguments(string function, IDictionary<string, object?>? arguments, JsonSerializerOptions options)
    {
        if (arguments is not { Count: > 0 })
            return "{}";
        var buffer = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(buffer, Compact))
        {
            writer.WriteStartObject();
            foreach (var (name, value) in arguments)
            {
                writer.WritePropertyName(name);
                if (value is JsonElement { ValueKind: not JsonValueKind.Undefined } element)
                    element.WriteTo(writer);
                else
                {
                    writer.WriteRawValue(
                        Write(value, $"The argument '{name}' of the call to '{function}'", options).Utf8,
                        skipInputValidation: true
                    );
                }
            }
            writer.WriteEndObject();
        }
        return Encoding.UTF8.GetString(buffer.WrittenSpan);
    }

    // A caller's own context usually does not contain strings and numbers.
    private static JsonTypeInfo TypeOf(object value, JsonSerializerOptions options) =>
        options.TryGetTypeInfo(value.GetType(), out var type) ? type : AIJsonUtilities.DefaultOptions.GetTypeInfo(value.GetType());
}
