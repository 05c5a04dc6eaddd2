using System.Buffers.Text;
using System.Collections;
using System.Diagnostics.CodeAnalysis;
using System.Text;
using System.Text.Json;

namespace RawLlm;

/// <summary>The arguments of a <see cref="ToolCall"/>, read with tolerance.</summary>
/// <remarks>
/// Takes an object, or a JSON string that holds the text of one. What cannot be read gives an empty dictionary and
/// <see cref="Quirk"/>. Of a name that occurs twice the last value counts. Half of a surrogate pair, in a name or in a value at any depth, becomes
/// U+FFFD.
/// </remarks>
public sealed class ToolArguments : IReadOnlyDictionary<string, JsonElement>
{
    private const int EscapeLength = 6;

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
        bool isFlawed = false;
        try
        {
            using var document = JsonDocument.Parse(Mended(arguments, ref isFlawed));
            var root = document.RootElement;
            if (root.ValueKind == JsonValueKind.Object)
                return Fill(new ToolArguments { Quirk = isFlawed ? Of(QuirkKind.LoneSurrogate) : null }, root);
            if (root.ValueKind == JsonValueKind.String)
            {
                using var inner = JsonDocument.Parse(Mended(root.GetString()!, ref isFlawed));
                if (inner.RootElement.ValueKind == JsonValueKind.Object)
                    return Fill(new ToolArguments { Quirk = Of(isFlawed ? QuirkKind.LoneSurrogate : QuirkKind.ToolArgumentsAsText) }, inner.RootElement);
            }
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
        }
        return new ToolArguments { Quirk = Of(QuirkKind.ToolArgumentsUnreadable) };
    }

    /// <summary>The text under a name, or null when it is absent; a value that is not a string gives its JSON text.</summary>
    public string? Text(string key) =>
        !_values.TryGetValue(key, out var value) || value.ValueKind == JsonValueKind.Null ? null
        : value.ValueKind == JsonValueKind.String ? value.GetString()
        : value.GetRawText();

    /// <summary>The text under a name, which must be there; a value that is not a string gives its JSON text.</summary>
    /// <exception cref="ToolArgumentException">It is absent or null; the model is told so.</exception>
    public string RequiredText(string key) => Argument(key).ReadText();

    /// <summary>The argument of a name, to be read as a type: <c>arguments.Argument("days").ReadNumber&lt;int&gt;()</c> tells the model where it is missing or does not fit.</summary>
    public ToolArgument Argument(string key) => new ToolArgument(this).Member(key);

    /// <inheritdoc/>
    public bool ContainsKey(string key) => _values.ContainsKey(key);

    /// <inheritdoc/>
    public bool TryGetValue(string key, [MaybeNullWhen(false)] out JsonElement value) => _values.TryGetValue(key, out value);

    /// <inheritdoc/>
    public IEnumerator<KeyValuePair<string, JsonElement>> GetEnumerator() => _values.GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    private static Quirk Of(QuirkKind kind) => new(kind, "arguments");

    // JsonElement throws for half of a pair wherever it is asked for the text: names, values and what lies in them.
    internal static byte[] Mended(string json, ref bool isFlawed)
    {
        byte[] utf8 = Encoding.UTF8.GetBytes(json);
        for (int i = 0; i < json.Length && !isFlawed; i++)
        {
            if (!char.IsSurrogate(json[i]))
                continue;
            isFlawed = i + 1 == json.Length || !char.IsSurrogatePair(json[i], json[i + 1]);
            i++;
        }
        isFlawed |= MendSurrogates(utf8);
        return utf8;
    }

    /// <summary>Makes each escaped half of a surrogate pair that stands alone U+FFFD; false where there was none.</summary>
    internal static bool MendSurrogates(Span<byte> rest)
    {
        bool isFlawed = false;
        for (int at; (at = rest.IndexOf((byte)'\\')) >= 0;)
        {
            rest = rest[at..];
            char unit = Unit(rest);
            int length = unit == 0 ? Math.Min(2, rest.Length) : EscapeLength;
            if (char.IsHighSurrogate(unit) && char.IsLowSurrogate(Unit(rest[EscapeLength..])))
            {
                length += EscapeLength;
            }
            else if (char.IsSurrogate(unit))
            {
                "\\uFFFD"u8.CopyTo(rest);
                isFlawed = true;
            }
            rest = rest[length..];
        }
        return isFlawed;
    }

    // The UTF-16 unit that a \u escape stands for; 0 where there is none.
    private static char Unit(ReadOnlySpan<byte> json) =>
        json.Length >= EscapeLength && json[0] == '\\' && json[1] == 'u' && Utf8Parser.TryParse(json[2..EscapeLength], out ushort unit, out int read, 'x') && read == 4 ? (char)unit : '\0';

    private static ToolArguments Fill(ToolArguments arguments, JsonElement root)
    {
        foreach (var member in root.EnumerateObject())
            arguments._values[member.Name] = member.Value.Clone();
        return arguments;
    }
}
