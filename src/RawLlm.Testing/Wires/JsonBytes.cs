using System.Buffers;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace RawLlm.Testing;

/// <summary>Writes JSON as services do, without escaping multibyte characters.</summary>
internal static class JsonBytes
{
    private static readonly JsonWriterOptions Options = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>Returns an object with the members that are written.</summary>
    public static byte[] Object(Action<Utf8JsonWriter> members)
    {
        var bytes = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(bytes, Options))
        {
            json.WriteStartObject();
            members(json);
            json.WriteEndObject();
        }
        return bytes.WrittenSpan.ToArray();
    }

    public static void WriteObject(this Utf8JsonWriter json, string name, Action<Utf8JsonWriter> members)
    {
        json.WriteStartObject(name);
        members(json);
        json.WriteEndObject();
    }

    public static void WriteElement(this Utf8JsonWriter json, Action<Utf8JsonWriter> members)
    {
        json.WriteStartObject();
        members(json);
        json.WriteEndObject();
    }

    /// <summary>
    /// Writes text unescaped: <c>Utf8JsonWriter</c> escapes characters outside the Basic Multilingual Plane, such as emoji.
    /// </summary>
    public static void WriteText(this Utf8JsonWriter json, string name, string text)
    {
        json.WritePropertyName(name);
        var quoted = new StringBuilder(text.Length + 2).Append('"');
        foreach (char c in text)
        {
            switch (c)
            {
                case '"' or '\\':
                    quoted.Append('\\').Append(c);
                    break;
                case '\n':
                    quoted.Append("\\n");
                    break;
                case < ' ':
                    quoted.Append("\\u").Append(((int)c).ToString("x4", System.Globalization.CultureInfo.InvariantCulture));
                    break;
                default:
                    quoted.Append(c);
                    break;
            }
        }
        json.WriteRawValue(Encoding.UTF8.GetBytes(quoted.Append('"').ToString()), skipInputValidation: true);
    }

    public static void WriteCount(this Utf8JsonWriter json, string name, long? count)
    {
        if (count is { } number)
            json.WriteNumber(name, number);
    }

    /// <summary>Writes arguments as an object.</summary>
    /// <exception cref="InvalidOperationException">The arguments are not a JSON object.</exception>
    public static void WriteArguments(this Utf8JsonWriter json, string name, ToolCall call, string wire)
    {
        try
        {
            using var document = JsonDocument.Parse(call.Arguments);
            if (document.RootElement.ValueKind == JsonValueKind.Object)
            {
                json.WritePropertyName(name);
                json.WriteRawValue(call.Arguments, skipInputValidation: true);
                return;
            }
        }
        catch (JsonException)
        {
            // Reported below.
        }
        throw new InvalidOperationException(
            $"The scripted arguments of {call.Name} are not a JSON object, and {wire} carries nothing else."
        );
    }
}
