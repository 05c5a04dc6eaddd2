using System.Text;
using Microsoft.CodeAnalysis.CSharp;

namespace RawLlm.Generators;

/// <summary>Generates the code that reads arguments and answers.</summary>
/// <param name="holder">The type that contains the methods.</param>
/// <param name="isStrict">Whether the schema requires all members, so that a missing one is a deviation.</param>
internal sealed class ReadingText(string holder, bool isStrict)
{
    private readonly SortedDictionary<string, string> _methods = new(StringComparer.Ordinal);

    /// <summary>The methods that the expressions call.</summary>
    public IEnumerable<string> Methods => _methods.Values;

    /// <summary>Returns the expression that reads a member of <paramref name="from"/>.</summary>
    public string Member(string from, Member member)
    {
        string argument = $"{from}.{Given(member)}({SymbolDisplay.FormatLiteral(member.Name, true)})";
        return member.IsOptional
                ? $"{argument} is {{ IsMissing: false }} {Local(member)} ? {Cast(member)}{Value(member.Shape, Local(member))} : {member.Fallback}"
            : member.IsNullable ? Nullable(member.Shape, argument)
            : Value(member.Shape, argument);
    }

    private string Given(Member member) => member.IsOptional && !isStrict ? "OptionalMember" : "Member";

    private static string Local(Member member) => "given" + Names.ForMethod("", member.Source);

    private static string Cast(Member member) => member.IsNullable && member.Shape.IsValueType ? $"({member.Shape.Type}?)" : "";

    private string Nullable(Shape shape, string argument) =>
        $"{argument}.ReadNullable{(shape.IsValueType ? "Value" : "")}(static value => {Value(shape, "value")})";

    /// <summary>Returns the expression that reads the value of another expression.</summary>
    public string Value(Shape shape, string argument) =>
        shape.Kind switch
        {
            ShapeKind.Text => $"{argument}.ReadText()",
            ShapeKind.Boolean => $"{argument}.ReadBoolean()",
            ShapeKind.Integer or ShapeKind.Number => $"{argument}.ReadNumber<{shape.Type}>()",
            ShapeKind.DateTime => $"{argument}.ReadDateTime()",
            ShapeKind.DateTimeOffset => $"{argument}.ReadDateTimeOffset()",
            ShapeKind.DateOnly => $"{argument}.ReadDateOnly()",
            ShapeKind.TimeOnly => $"{argument}.ReadTimeOnly()",
            ShapeKind.Guid => $"{argument}.ReadGuid()",
            ShapeKind.Uri => $"{argument}.ReadUri()",
            ShapeKind.Json => $"{argument}.ReadJson()",
            ShapeKind.Element => $"{argument}.ReadElement()",
            ShapeKind.List => List(shape, argument),
            // The type of the values is named, because dictionaries of them do not convert to each other, unlike arrays.
            ShapeKind.Map => $"{argument}.ReadMap<{shape.Item!.Type}{(shape.IsItemNullable ? "?" : "")}>(static item => {Item(shape)})",
            ShapeKind.Choice => $"{holder}.{Choice(shape)}({argument})",
            _ => $"{holder}.{Object(shape)}({argument})",
        };

    private string List(Shape shape, string argument)
    {
        string items = $"{argument}.ReadList(static item => {Item(shape)})";
        return shape.IsListType ? $"new {shape.Type}({items})" : items;
    }

    private string Item(Shape shape) => shape.IsItemNullable ? Nullable(shape.Item!, "item") : Value(shape.Item!, "item");

    private string Choice(Shape shape)
    {
        string name = Names.ForMethod("Read", shape.Type);
        if (_methods.ContainsKey(name))
            return name;
        var text = new StringBuilder($"internal static {shape.Type} {name}(global::RawLlm.ToolArgument argument) => argument.ReadChoice(");
        text.Append(string.Join(", ", shape.Choices.Select(choice => SymbolDisplay.FormatLiteral(choice.Name, true))))
            .Append(") switch\n{\n");
        for (int i = 0; i < shape.Choices.Count; i++)
        {
            text.Append("    ")
                .Append(i == shape.Choices.Count - 1 ? "_" : i.ToString(System.Globalization.CultureInfo.InvariantCulture))
                .Append(" => ")
                .Append(shape.Choices[i].Value)
                .Append(",\n");
        }

        _methods.Add(name, text.Append("};\n").ToString());
        return name;
    }

    private string Object(Shape shape)
    {
        string name = Names.ForMethod("Read", shape.Type);
        if (_methods.ContainsKey(name))
            return name;
        _methods.Add(name, "");
        var text = new StringBuilder(
            $"internal static {shape.Type} {name}(global::RawLlm.ToolArgument argument)\n{{\n    var members = argument.ReadObject();\n    var made = new {shape.Type}("
        );
        text.Append(
                string.Join(
                    ", ",
                    shape
                        .Members.Where(member => member.Place == MemberPlace.Constructor)
                        .Select(member => $"\n        @{member.Source}: {Member("members", member)}")
                )
            )
            .Append(')');
        if (shape.Members.Any(member => member.Place == MemberPlace.Initializer))
        {
            text.Append("\n    {\n");
            foreach (var member in shape.Members.Where(member => member.Place == MemberPlace.Initializer))
                text.Append($"        @{member.Source} = {Member("members", member)},\n");
            text.Append("    }");
        }
        text.Append(";\n");
        foreach (var member in shape.Members.Where(member => member.Place == MemberPlace.Assignment))
        {
            if (member.IsOptional)
            {
                text.Append(
                    $"    if (members.{Given(member)}({SymbolDisplay.FormatLiteral(member.Name, true)}) is {{ IsMissing: false }} {Local(member)})\n        made.@{member.Source} = {Value(member.Shape, Local(member))};\n"
                );
            }
            else
                text.Append($"    made.@{member.Source} = {Member("members", member)};\n");
        }
        _methods[name] = text.Append("    return made;\n}\n").ToString();
        return name;
    }
}
