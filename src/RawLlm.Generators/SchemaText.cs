using System.Globalization;
using System.Text;

namespace RawLlm.Generators;

/// <summary>Writes the JSON schema of a tool's parameters or of an answer.</summary>
/// <param name="isStrict">Whether all members are required; an optional member may then be null.</param>
internal sealed class SchemaText(bool isStrict)
{
    private readonly StringBuilder _text = new();

    public string Write(IReadOnlyList<Member> members, string? description = null)
    {
        WriteObject(members, description, mayBeNull: false);
        return _text.ToString();
    }

    private void Write(Shape shape, string? description, bool mayBeNull, object? fallback = null)
    {
        description ??= shape.Description;
        // OpenAI's strict mode (2026) refuses the keyword.
        if (isStrict && fallback is not null)
            description = WithDefault(description, fallback);
        if (shape.Kind == ShapeKind.Object)
        {
            WriteObject(shape.Members, description, mayBeNull);
            return;
        }
        if (shape.Kind is ShapeKind.Json or ShapeKind.Element)
        {
            WriteAny(description);
            return;
        }
        string type = shape.Kind switch
        {
            ShapeKind.Boolean => "boolean",
            ShapeKind.Integer => "integer",
            ShapeKind.Number => "number",
            ShapeKind.List => "array",
            ShapeKind.Map => "object",
            _ => "string",
        };
        WriteHead(type, description, mayBeNull);
        switch (shape.Kind)
        {
            case ShapeKind.Choice:
                _text.Append(",\"enum\":[");
                for (int i = 0; i < shape.Choices.Count; i++)
                    WriteString(i == 0 ? "" : ",", shape.Choices[i].Name);
                _text.Append(mayBeNull ? ",null]" : "]");
                break;
            case ShapeKind.List:
                _text.Append(",\"items\":");
                Write(shape.Item!, description: null, shape.IsItemNullable);
                break;
            case ShapeKind.Map:
                _text.Append(",\"additionalProperties\":");
                Write(shape.Item!, description: null, shape.IsItemNullable);
                break;
            case ShapeKind.DateTime or ShapeKind.DateTimeOffset:
                _text.Append(",\"format\":\"date-time\"");
                break;
            case ShapeKind.DateOnly:
                _text.Append(",\"format\":\"date\"");
                break;
            case ShapeKind.TimeOnly:
                _text.Append(",\"format\":\"time\"");
                break;
            case ShapeKind.Guid:
                _text.Append(",\"format\":\"uuid\"");
                break;
            // OpenAI's strict mode (2026) accepts the formats above, but refuses this one.
            case ShapeKind.Uri when !isStrict:
                _text.Append(",\"format\":\"uri\"");
                break;
        }
        if (fallback is not null && !isStrict)
            _text.Append(",\"default\":").Append(Json(fallback, isEscaped: true));
        _text.Append('}');
    }

    private static string WithDefault(string? description, object value)
    {
        string note = $"Default: {Json(value, isEscaped: false)}.";
        string before = description?.TrimEnd() ?? "";
        return before.Length == 0 ? note
            : before[before.Length - 1] is '.' or '!' or '?' or ':' or ';' or '。' or '！' or '？' ? $"{before} {note}"
            : $"{before}. {note}";
    }

    private static string Json(object value, bool isEscaped) =>
        value switch
        {
            string text => Quoted(text, isEscaped),
            bool isTrue => isTrue ? "true" : "false",
            // The constant of an initializer is not yet converted to the property's type.
            char letter => ((int)letter).ToString(CultureInfo.InvariantCulture),
            float number => number.ToString("R", CultureInfo.InvariantCulture),
            double number => number.ToString("R", CultureInfo.InvariantCulture),
            _ => Convert.ToString(value, CultureInfo.InvariantCulture)!,
        };

    // Without a type, which allows every value, including null.
    private void WriteAny(string? description)
    {
        _text.Append('{');
        if (description is not null)
        {
            WriteString("", "description");
            WriteString(":", description);
        }
        _text.Append('}');
    }

    private void WriteObject(IReadOnlyList<Member> members, string? description, bool mayBeNull)
    {
        WriteHead("object", description, mayBeNull);
        _text.Append(",\"properties\":{");
        for (int i = 0; i < members.Count; i++)
        {
            WriteString(i == 0 ? "" : ",", members[i].Name);
            _text.Append(':');
            bool acceptsNull = members[i].IsOptional ? isStrict : members[i].IsNullable;
            Write(members[i].Shape, members[i].Description, acceptsNull, members[i].Default);
        }
        _text.Append('}');
        string separator = ",\"required\":[";
        foreach (var member in members)
        {
            if (member.IsOptional && !isStrict)
                continue;
            WriteString(separator, member.Name);
            separator = ",";
        }
        if (separator == ",")
            _text.Append(']');
        _text.Append(",\"additionalProperties\":false}");
    }

    private void WriteHead(string type, string? description, bool mayBeNull)
    {
        _text.Append(mayBeNull ? $$"""{"type":["{{type}}","null"]""" : $$"""{"type":"{{type}}" """.TrimEnd());
        if (description is not null)
        {
            _text.Append(",\"description\":");
            WriteString("", description);
        }
    }

    private void WriteString(string before, string text) => _text.Append(before).Append(Quoted(text, isEscaped: true));

    // Half of a surrogate pair cannot be encoded, but it can be escaped.
    private static string Quoted(string text, bool isEscaped)
    {
        var quoted = new StringBuilder("\"");
        foreach (char letter in text)
        {
            if (letter is '"' or '\\')
                quoted.Append('\\').Append(letter);
            else if (letter < ' ' || (isEscaped && char.IsSurrogate(letter)))
                quoted.Append("\\u").Append(((int)letter).ToString("x4", CultureInfo.InvariantCulture));
            else
                quoted.Append(letter);
        }
        return quoted.Append('"').ToString();
    }
}
