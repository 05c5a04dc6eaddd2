using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Text;
using System.Text.Json;

namespace RawLlm.Protocols;

/// <summary>Writes a JSON schema in the smaller form that older Gemini models accept (a subset of OpenAPI 3.0).</summary>
/// <remarks>
/// References are inlined, a null among the types becomes <c>nullable</c>, <c>const</c> becomes <c>enum</c>,
/// <c>oneOf</c> becomes <c>anyOf</c>, and what the form does not support is left out, each with a quirk unless the meaning is the same.
/// Source: ai.google.dev/api/caching#Schema.
/// </remarks>
internal sealed class GeminiSchema
{
    // References may be circular, which this form cannot express.
    private const int MaxReferences = 32;

    private readonly JsonElement _root;
    private readonly JsonWriter _json;
    private readonly string _place;

    private GeminiSchema(JsonElement root, string place, JsonWriter json)
    {
        _root = root;
        _place = place;
        _json = json;
    }

    public static void Write(RawJson schema, string place, JsonWriter json)
    {
        using var document = JsonDocument.Parse(schema.Utf8.ToArray(), new JsonDocumentOptions { MaxDepth = JsonValidity.MaxLevels });
        new GeminiSchema(document.RootElement, place, json).WriteSchema(document.RootElement, references: 0, isNullable: false);
    }

    // Members beside a reference apply in addition to those of the referenced schema, and replace those of the same name; the outermost
    // come first.
    private void WriteSchema(JsonElement schema, int references, bool isNullable, ReadOnlySpan<JsonElement> beside = default)
    {
        if (schema.ValueKind is JsonValueKind.True or JsonValueKind.False)
        {
            // This form has no other way to express "anything".
            _json.Wire.Note(QuirkKind.Adapted, _place);
            _json.StartObject();
            _json.EndObject();
            return;
        }
        if (schema.ValueKind != JsonValueKind.Object)
            Throw("A schema of the request is neither an object nor true or false.");
        if (schema.TryGetProperty("$ref", out var reference))
        {
            if (references >= MaxReferences)
            {
                Throw(
                    "A schema of the request refers to itself, which the older form of Gemini's schemas cannot express. Set GeminiProtocol.SupportsJsonSchema."
                );
            }

            WriteSchema(Resolve(reference), references + 1, isNullable, [.. beside, schema]);
            return;
        }
        _json.StartObject();
        for (int i = 0; i < beside.Length; i++)
        {
            foreach (var member in beside[i].EnumerateObject())
            {
                if (member.Name != "$ref" && !IsIn(member.Name, beside[..i]))
                    WriteMember(member, beside[i], references, ref isNullable);
            }
        }
        foreach (var member in schema.EnumerateObject())
        {
            if (!IsIn(member.Name, beside))
                WriteMember(member, schema, references, ref isNullable);
        }
        if (isNullable)
            _json.WriteMember("nullable"u8, true);
        _json.EndObject();
    }

    private void WriteMember(JsonProperty member, JsonElement schema, int references, ref bool isNullable)
    {
        var value = member.Value;
        switch (member.Name)
        {
            case "type":
                WriteType(value, ref isNullable);
                break;
            case "nullable":
                isNullable |= value.ValueKind == JsonValueKind.True;
                break;
            case "properties":
                _json.WriteName("properties"u8);
                _json.StartObject();
                foreach (var property in value.EnumerateObject())
                {
                    _json.WriteName(property.Name, _place);
                    WriteSchema(property.Value, references, isNullable: false);
                }
                _json.EndObject();
                break;
            case "items" when value.ValueKind != JsonValueKind.Array:
                _json.WriteName("items"u8);
                WriteSchema(value, references, isNullable: false);
                break;
            case "anyOf" or "oneOf":
                if (member.Name == "oneOf")
                    _json.Wire.Note(QuirkKind.Adapted, _place);
                WriteChoices(value, references, ref isNullable);
                break;
            case "const" when value.ValueKind == JsonValueKind.String && !schema.TryGetProperty("enum", out _):
                _json.WriteName("enum"u8);
                _json.StartArray();
                WriteRaw(value);
                _json.EndArray();
                break;
            case "enum" when value.ValueKind == JsonValueKind.Array && IsText(value, ref isNullable):
                _json.WriteName("enum"u8);
                _json.StartArray();
                foreach (var word in value.EnumerateArray())
                {
                    if (word.ValueKind == JsonValueKind.String)
                        WriteRaw(word);
                }
                _json.EndArray();
                break;
            case "format"
                when value.ValueKind == JsonValueKind.String
                    && value.GetString() is "enum" or "date-time" or "float" or "double" or "int32" or "int64":
            case "title"
            or "description"
            or "required"
            or "minItems"
            or "maxItems"
            or "minProperties"
            or "maxProperties"
            or "minLength"
            or "maxLength"
            or "pattern"
            or "minimum"
            or "maximum"
            or "example"
            or "default"
            or "propertyOrdering":
                _json.WriteName(member.Name, _place);
                WriteRaw(value);
                break;
            // Definitions are inlined where they are referenced; the other members do not restrict the values.
            case "$defs" or "definitions" or "$schema" or "$id" or "$comment" or "$anchor":
                break;
            default:
                _json.Wire.Note(QuirkKind.LeftOut, $"{_place}: {member.Name}");
                break;
        }
    }

    private void WriteType(JsonElement type, ref bool isNullable)
    {
        if (type.ValueKind == JsonValueKind.Array)
        {
            JsonElement only = default;
            int count = 0;
            foreach (var one in type.EnumerateArray())
            {
                if (one.ValueEquals("null"))
                {
                    isNullable = true;
                    continue;
                }
                only = one;
                count++;
            }
            if (count == 1)
            {
                type = only;
            }
            else
            {
                _json.Wire.Note(QuirkKind.LeftOut, $"{_place}: type");
                return;
            }
        }
        _json.WriteName("type"u8);
        WriteRaw(type);
    }

    private void WriteChoices(JsonElement choices, int references, ref bool isNullable)
    {
        _json.WriteName("anyOf"u8);
        _json.StartArray();
        foreach (var choice in choices.EnumerateArray())
        {
            if (
                choice.ValueKind == JsonValueKind.Object
                && choice.TryGetProperty("type", out var type)
                && type.ValueKind == JsonValueKind.String
                && type.ValueEquals("null")
            )
            {
                isNullable = true;
            }
            else
                WriteSchema(choice, references, isNullable: false);
        }
        _json.EndArray();
    }

    private static bool IsText(JsonElement values, ref bool isNullable)
    {
        bool hasNull = false;
        foreach (var value in values.EnumerateArray())
        {
            if (value.ValueKind == JsonValueKind.Null)
                hasNull = true;
            else if (value.ValueKind != JsonValueKind.String)
                return false;
        }
        isNullable |= hasNull;
        return true;
    }

    private static bool IsIn(string name, ReadOnlySpan<JsonElement> schemas)
    {
        foreach (var schema in schemas)
        {
            if (schema.TryGetProperty(name, out _))
                return true;
        }
        return false;
    }

    // "#/$defs/Name" and the like: a JSON pointer into the same schema.
    private JsonElement Resolve(JsonElement place)
    {
        string? reference = place.ValueKind == JsonValueKind.String ? place.GetString() : null;
        if (reference is not ['#', ..])
        {
            Throw(
                "A schema of the request refers to another document. RawLlm does not load other documents: copy the definition into the schema."
            );
        }

        var found = _root;
        foreach (string step in reference[1..].Split('/', StringSplitOptions.RemoveEmptyEntries))
        {
            string name = Uri.UnescapeDataString(step)
                .Replace("~1", "/", StringComparison.Ordinal)
                .Replace("~0", "~", StringComparison.Ordinal);
            if (
                found.ValueKind == JsonValueKind.Array
                && int.TryParse(name, NumberStyles.None, CultureInfo.InvariantCulture, out int index)
                && index < found.GetArrayLength()
            )
            {
                found = found[index];
            }
            else if (found.ValueKind != JsonValueKind.Object || !found.TryGetProperty(name, out found))
                Throw("A schema of the request refers to a definition that it does not contain. Add the definition, or correct the $ref.");
        }
        return found;
    }

    private void WriteRaw(JsonElement value) => _json.WriteRaw(Encoding.UTF8.GetBytes(value.GetRawText()));

    [DoesNotReturn]
    private static void Throw(string message) => throw new ArgumentException(message, "request");
}
