using System.Text;
using Microsoft.CodeAnalysis.CSharp;

namespace RawLlm.Generators;

/// <summary>Generates the code that writes results for the model.</summary>
/// <param name="holder">The type that contains the methods.</param>
internal sealed class WritingText(string holder)
{
    private const string Invariant = "global::System.Globalization.CultureInfo.InvariantCulture";

    private readonly SortedDictionary<string, string> _methods = new(StringComparer.Ordinal);

    /// <summary>The methods that the expressions call.</summary>
    public IEnumerable<string> Methods => _methods.Values;

    /// <summary>Returns the expression that creates a <c>ToolOutput</c> from a result.</summary>
    public string Output(Shape shape, bool isNullable, string value)
    {
        if (shape.Kind is ShapeKind.List or ShapeKind.Map or ShapeKind.Object)
            return $"{holder}.{Wrapped(shape, isNullable)}({value})";
        if (shape.Kind is ShapeKind.Json or ShapeKind.Element)
            return $"global::RawLlm.ToolOutput.Json({Raw(shape, isNullable ? value + ".GetValueOrDefault()" : value)})";
        if (shape.Kind == ShapeKind.Text)
            return $"global::RawLlm.ToolOutput.Of({value})";
        string name = Names.ForMethod("Say", shape.Type + (isNullable ? "?" : ""));
        if (!_methods.ContainsKey(name))
        {
            string bare = isNullable && shape.IsValueType ? "value.Value" : "value";
            string text = isNullable ? $"value is null ? \"null\" : {Text(shape, bare)}" : Text(shape, bare);
            _methods.Add(
                name,
                $"internal static global::RawLlm.ToolOutput {name}({shape.Type}{(isNullable ? "?" : "")} value) => global::RawLlm.ToolOutput.Of({text});\n"
            );
        }
        return $"{holder}.{name}({value})";
    }

    private string Wrapped(Shape shape, bool isNullable)
    {
        string name = Names.ForMethod("Say", shape.Type + (isNullable ? "?" : ""));
        if (!_methods.ContainsKey(name))
        {
            _methods.Add(
                name,
                $"internal static global::RawLlm.ToolOutput {name}({shape.Type}{(isNullable ? "?" : "")} value) => global::RawLlm.ToolOutput.Json(writer =>\n{{\n{Write(shape, "value", isNullable, 1)}}});\n"
            );
        }

        return name;
    }

    // Without a value, both types are written as null.
    private static string Raw(Shape shape, string value) =>
        shape.Kind == ShapeKind.Element ? $"global::RawLlm.RawJson.FromElement({value})" : value;

    private string Text(Shape shape, string value) =>
        shape.Kind switch
        {
            ShapeKind.Boolean => $"{value} ? \"true\" : \"false\"",
            ShapeKind.Integer or ShapeKind.Number => $"{value}.ToString({Invariant})",
            ShapeKind.Choice => $"{holder}.{Choice(shape)}({value})",
            ShapeKind.Guid => $"{value}.ToString()",
            ShapeKind.Uri => $"{value}.OriginalString",
            _ => $"{value}.ToString(\"O\", {Invariant})",
        };

    private string Write(Shape shape, string value, bool isNullable, int depth)
    {
        string margin = new(' ', depth * 4);
        // WriteStringValue accepts null.
        if (isNullable && shape.Kind != ShapeKind.Text)
        {
            string bare = shape.IsValueType ? value + ".Value" : value;
            return $"{margin}if ({value} is null)\n{margin}    writer.WriteNullValue();\n{margin}else\n{margin}{{\n{Write(shape, bare, false, depth + 1)}{margin}}}\n";
        }
        string item = "item" + depth;
        return shape.Kind switch
        {
            ShapeKind.Boolean => $"{margin}writer.WriteBooleanValue({value});\n",
            // A value that JSON has no number for is written as a string.
            ShapeKind.Number when shape.Type is "float" or "double" =>
                $"{margin}if ({shape.Type}.IsFinite({value}))\n{margin}    writer.WriteNumberValue({value});\n{margin}else\n{margin}    writer.WriteStringValue({value}.ToString({Invariant}));\n",
            ShapeKind.Integer or ShapeKind.Number => $"{margin}writer.WriteNumberValue({value});\n",
            ShapeKind.Json or ShapeKind.Element => $"{margin}{Raw(shape, value)}.WriteTo(writer);\n",
            ShapeKind.Text => $"{margin}writer.WriteStringValue({value});\n",
            ShapeKind.List =>
                $"{margin}writer.WriteStartArray();\n{margin}foreach (var {item} in {value})\n{margin}{{\n{Write(shape.Item!, item, shape.IsItemNullable, depth + 1)}{margin}}}\n{margin}writer.WriteEndArray();\n",
            ShapeKind.Map =>
                $"{margin}writer.WriteStartObject();\n{margin}foreach (var {item} in {value})\n{margin}{{\n{margin}    writer.WritePropertyName({item}.Key);\n{Write(shape.Item!, item + ".Value", shape.IsItemNullable, depth + 1)}{margin}}}\n{margin}writer.WriteEndObject();\n",
            ShapeKind.Object => $"{margin}{holder}.{Object(shape)}(writer, {value});\n",
            _ => $"{margin}writer.WriteStringValue({Text(shape, value)});\n",
        };
    }

    private string Choice(Shape shape)
    {
        string name = Names.ForMethod("NameOf", shape.Type);
        if (_methods.ContainsKey(name))
            return name;
        var text = new StringBuilder($"internal static string {name}({shape.Type} value)\n{{\n");
        // Not a switch, because two names may have the same value.
        foreach (var (choice, value) in shape.Choices)
            text.Append($"    if (value == {value})\n        return {SymbolDisplay.FormatLiteral(choice, true)};\n");
        _methods.Add(name, text.Append("    return value.ToString();\n}\n").ToString());
        return name;
    }

    private string Object(Shape shape)
    {
        string name = Names.ForMethod("Write", shape.Type);
        if (_methods.ContainsKey(name))
            return name;
        _methods.Add(name, "");
        var text = new StringBuilder(
            $"internal static void {name}(global::System.Text.Json.Utf8JsonWriter writer, {shape.Type} value)\n{{\n    writer.WriteStartObject();\n"
        );
        foreach (var member in shape.Members)
        {
            text.Append($"    writer.WritePropertyName({SymbolDisplay.FormatLiteral(member.Name, true)});\n")
                .Append(Write(member.Shape, "value.@" + member.Source, member.IsNullable, 1));
        }

        _methods[name] = text.Append("    writer.WriteEndObject();\n}\n").ToString();
        return name;
    }
}
