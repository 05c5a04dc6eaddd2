using System.Buffers.Text;
using System.Collections;
using System.Diagnostics.CodeAnalysis;
using System.Text;
using System.Text.Json;

namespace RawLlm;

/// <summary>The arguments of a <see cref="ToolCall"/>, parsed tolerantly.</summary>
/// <remarks>
/// Accepts an object, or a JSON string that contains the text of one. Arguments that cannot be read give an empty dictionary and a
/// <see cref="Quirk"/>. If a name occurs twice, the last value counts. Half of a surrogate pair, in a name or in a value at any depth,
/// becomes U+FFFD.
/// </remarks>
public sealed class ToolArguments : IReadOnlyDictionary<string, JsonElement>
{
    private const int EscapeLength = 6;

    private readonly Dictionary<string, JsonElement> _values = new(StringComparer.Ordinal);

    private ToolArguments() { }

    /// <summary>The deviation in the arguments' text; null if there is none.</summary>
    public Quirk? Quirk { get; private init; }

    /// <inheritdoc/>
    public JsonElement this[string key] => _values[key];

    /// <inheritdoc/>
    public IEnumerable<string> Keys => _values.Keys;

    /// <inheritdoc/>
    public IEnumerable<JsonElement> Values => _values.Values;

    /// <inheritdoc/>
    public int Count => _values.Count;

    /// <summary>Reads the text of arguments; never throws because of its content.</summary>
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
                {
                    return Fill(
                        new ToolArguments { Quirk = Of(isFlawed ? QuirkKind.LoneSurrogate : QuirkKind.ToolArgumentsAsText) },
                        inner.RootElement
                    );
                }
            }
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException) { }
        return new ToolArguments { Quirk = Of(QuirkKind.ToolArgumentsUnreadable) };
    }

    /// <summary>Returns an argument as text, or null if it is absent or null; for a value that is not a string, its JSON text.</summary>
    public string? Text(string key) =>
        !_values.TryGetValue(key, out var value) || value.ValueKind == JsonValueKind.Null ? null
        : value.ValueKind == JsonValueKind.String ? value.GetString()
        : value.GetRawText();

    /// <summary>Returns a required argument as text; for a value that is not a string, its JSON text.</summary>
    /// <exception cref="ToolArgumentException">The argument is absent or null, which is reported to the model.</exception>
    public string RequiredText(string key) => Argument(key).ReadText();

    /// <summary>
    /// Returns an argument to read as a type: <c>arguments.Argument("days").ReadNumber&lt;int&gt;()</c>
    /// reports to the model if it is missing or does not fit.
    /// </summary>
    public ToolArgument Argument(string key) => new ToolArgument(this).Member(key);

    /// <inheritdoc/>
    public bool ContainsKey(string key) => _values.ContainsKey(key);

    /// <inheritdoc/>
    public bool TryGetValue(string key, [MaybeNullWhen(false)] out JsonElement value) => _values.TryGetValue(key, out value);

    /// <inheritdoc/>
    public IEnumerator<KeyValuePair<string, JsonElement>> GetEnumerator() => _values.GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    private static Quirk Of(QuirkKind kind) => new(kind, "arguments");

    // JsonElement throws for half of a surrogate pair wherever its text is requested: in names, values and nested values.
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

    /// <summary>Replaces each escaped half of a surrogate pair that stands alone with U+FFFD; returns false if there was none.</summary>
    internal static bool MendSurrogates(Span<byte> rest)
    {
        bool isFlawed = false;
        for (int at; (at = rest.IndexOf((byte)'\\')) >= 0; )
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

    // The UTF-16 code unit of a \u escape; 0 if there is none.
    private static char Unit(ReadOnlySpan<byte> json) =>
        json.Length >= EscapeLength
        && json[0] == '\\'
        && json[1] == 'u'
        && Utf8Parser.TryParse(json[2..EscapeLength], out ushort unit, out int read, 'x')
        && read == 4
            ? (char)unit
            : '\0';

    private static ToolArguments Fill(ToolArguments arguments, JsonElement root)
    {
        foreach (var member in root.EnumerateObject())
            arguments._values[member.Name] = member.Value.Clone();
        return arguments;
    }
}
