using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace RawLlm.Extensions.AI;

/// <summary>The keywords that a strict schema must not contain; attributes of parameters such as <c>[MaxLength]</c> and
/// <c>[Base64String]</c> produce them.</summary>
/// <remarks>
/// OpenAI accepts <c>pattern</c>, the bounds of numbers and arrays, and these formats
/// (developers.openai.com/api/docs/guides/structured-outputs, 2026), and answers 400 to the rest. Refused keywords are added to the
/// description as text, as in Microsoft's adapter.
/// </remarks>
internal static class StrictKeywords
{
    private static readonly string[] Refused =
    [
        "minLength",
        "maxLength",
        "contentEncoding",
        "contentMediaType",
        "not",
        "patternProperties",
        "propertyNames",
        "minProperties",
        "maxProperties",
        "unevaluatedProperties",
        "uniqueItems",
        "contains",
        "minContains",
        "maxContains",
        "unevaluatedItems",
    ];

    private static readonly HashSet<string> Formats = new(StringComparer.Ordinal)
    {
        "date-time",
        "time",
        "date",
        "duration",
        "email",
        "hostname",
        "ipv4",
        "ipv6",
        "uuid",
    };

    /// <summary>Moves these keywords of one schema into its description.</summary>
    public static JsonNode Move(JsonNode node)
    {
        if (node is not JsonObject schema)
            return node;
        StringBuilder? words = null;
        foreach (string name in Refused)
            Move(schema, name, ref words);
        if (
            schema["format"] is { } format
            && !(format.GetValueKind() == JsonValueKind.String && Formats.Contains(format.GetValue<string>()))
        )
        {
            Move(schema, "format", ref words);
        }

        if (words is null)
            return node;
        string? text =
            schema["description"] is { } description && description.GetValueKind() == JsonValueKind.String
                ? description.GetValue<string>() + "\n"
                : null;
        schema["description"] = text + words;
        return node;
    }

    private static void Move(JsonObject schema, string name, ref StringBuilder? words)
    {
        if (!schema.Remove(name, out var value) || value is null)
            return;
        words = words is null ? new StringBuilder() : words.Append('\n');
        words.Append(name).Append(": ").Append(value.ToJsonString());
    }
}
