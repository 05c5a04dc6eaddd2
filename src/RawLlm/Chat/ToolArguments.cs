using System.Collections;
using System.Diagnostics.CodeAnalysis;
using System.Text.Json;

namespace RawLlm;

/// <summary>The arguments of a <see cref="ToolCall"/>, read with tolerance.</summary>
/// <remarks>
/// Takes an object, or a JSON string that holds the text of one. What cannot be read gives an empty dictionary and
/// <see cref="Quirk"/>. Of a name that occurs twice the last value counts.
/// </remarks>
public sealed class ToolArguments : IReadOnlyDictionary<string, JsonElement>
{
    private readonly Dictionary<string, JsonElement> _values = new(StringComparer.Ordinal);

    private ToolArguments()
    {
    }

    /// <summary>What was odd about the text, when something was.</summary>
    public Quirk? Quirk { get; private init; }

    /// <inheritdoc/>
    public JsonElement this[string key] => _values[key];

    /// <inheritdoc/>
    public IEnumerable<string> Keys => _values.Keys;

    /// <inheritdoc/>
    public IEnumerable<JsonElement> Values => _values.Values;

    /// <inheritdoc/>
    public int Count => _values.Count;

    /// <summary>Reads the text of arguments; never throws for what it holds.</summary>
    public static ToolArguments Read(string arguments)
    {
        if (string.IsNullOrWhiteSpace(arguments))
            return new ToolArguments();
        try
        {
            using var document = JsonDocument.Parse(arguments);
            var root = document.RootElement;
            if (root.ValueKind == JsonValueKind.Object)
                return Fill(new ToolArguments(), root);
            if (root.ValueKind == JsonValueKind.String)
            {
                using var inner = JsonDocument.Parse(root.GetString()!);
                if (inner.RootElement.ValueKind == JsonValueKind.Object)
                    return Fill(new ToolArguments { Quirk = new Quirk(QuirkKind.ToolArgumentsAsText, "arguments") }, inner.RootElement);
            }
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
        }
        return new ToolArguments { Quirk = new Quirk(QuirkKind.ToolArgumentsUnreadable, "arguments") };
    }

    /// <summary>The text under a name, or null when it is absent; a value that is not a string gives its JSON text.</summary>
    public string? Text(string key) =>
        !_values.TryGetValue(key, out var value) || value.ValueKind == JsonValueKind.Null ? null
        : value.ValueKind == JsonValueKind.String ? value.GetString()
        : value.GetRawText();

    /// <inheritdoc/>
    public bool ContainsKey(string key) => _values.ContainsKey(key);

    /// <inheritdoc/>
    public bool TryGetValue(string key, [MaybeNullWhen(false)] out JsonElement value) => _values.TryGetValue(key, out value);

    /// <inheritdoc/>
    public IEnumerator<KeyValuePair<string, JsonElement>> GetEnumerator() => _values.GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    private static ToolArguments Fill(ToolArguments arguments, JsonElement root)
    {
        foreach (var member in root.EnumerateObject())
            arguments._values[member.Name] = member.Value.Clone();
        return arguments;
    }
}
