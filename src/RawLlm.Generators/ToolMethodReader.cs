using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace RawLlm.Generators;

/// <summary>Reads a method marked <c>[Tool]</c>.</summary>
internal static class ToolMethodReader
{
    // What the platform's timers accept: int.MaxValue milliseconds.
    private const int MaxTimeoutSeconds = int.MaxValue / 1000;

    public static ToolMethod Read(GeneratorAttributeSyntaxContext context, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        var method = (IMethodSymbol)context.TargetSymbol;
        var type = method.ContainingType;
        var attribute = context.Attributes[0];
        string description =
            attribute.ConstructorArguments.Length == 1 && attribute.ConstructorArguments[0].Value is string text ? text : "";
        string name = Named(attribute, "Name") as string ?? Names.Snake(method.Name);
        var place = (context.TargetNode as MethodDeclarationSyntax)?.Identifier.GetLocation() ?? context.TargetNode.GetLocation();
        var findings = new List<Finding>();

        CheckContainer(type, place, findings);
        if (!method.ExplicitInterfaceImplementations.IsEmpty)
            findings.Add(Finding.At(Findings.Explicit, place, method.ExplicitInterfaceImplementations[0].Name));
        if (method.IsGenericMethod)
            findings.Add(Finding.At(Findings.Generic, place, method.Name));
        if (!Names.IsForServices(name))
            findings.Add(Finding.At(Findings.Name, place, name));
        if (string.IsNullOrWhiteSpace(description))
            findings.Add(Finding.At(Findings.Description, place, method.Name, "say in [Tool(\"…\")] what it does and when to use it."));

        int timeout = Named(attribute, "TimeoutSeconds") as int? ?? 0;
        if (timeout is < 0 or > MaxTimeoutSeconds)
            findings.Add(Finding.At(Findings.Timeout, place, method.Name));

        string holder = ToolSource.ContainerNameOf(ShapeReader.NameOf(type));
        bool isStrict = Named(attribute, "Strict") is true;
        var reading = new ReadingText(holder, isStrict);
        var writing = new WritingText(holder);
        var members = new List<Member>();
        var compilation = context.SemanticModel.Compilation;
        var arguments = method.IsGenericMethod ? [] : Parameters(method, place, members, reading, isStrict, compilation, findings);
        string body = method.IsGenericMethod ? "" : Body(method, place, arguments, writing, compilation, findings);
        var read = new ToolMethod
        {
            Type = ShapeReader.NameOf(type),
            Namespace = PartialType.NamespaceOf(type),
            Declarations = new([.. PartialType.Declarations(type)]),
            Name = name,
            IsStatic = method.IsStatic,
            IsRecord = type.IsRecord,
            HidesTools = Bases(type).Any(known => known.GetMembers("Tools").Length > 0 || known.GetMembers().Any(IsTool)),
            Inherited = InheritedBy(type),
            Findings = new([.. findings]),
            Place = Finding.At(Findings.Duplicate, place, name, type.Name),
        };
        if (findings.Exists(finding => finding.IsError))
            return read;
        string schema = new SchemaText(isStrict).Write(members);
        return read with
        {
            Definition =
                $"new global::RawLlm.ToolDefinition({Quote(name)}, {(string.IsNullOrWhiteSpace(description) ? "null" : Quote(description))}, {Quote(schema)}){(isStrict ? " { Strict = true }" : "")}",
            NeedsApproval = Named(attribute, "NeedsApproval") is true,
            TimeoutSeconds = timeout,
            Lambda = body,
            Methods = new([.. reading.Methods.Concat(writing.Methods)]),
        };
    }

    private static List<string> Parameters(
        IMethodSymbol method,
        Location place,
        List<Member> members,
        ReadingText reading,
        bool isStrict,
        Compilation compilation,
        List<Finding> findings
    )
    {
        var arguments = new List<string>();
        foreach (var parameter in method.Parameters)
        {
            var at = parameter.Locations.FirstOrDefault() ?? place;
            if (parameter.RefKind != RefKind.None)
            {
                findings.Add(Finding.At(Findings.Reference, at, parameter.Name));
                continue;
            }
            if (ShapeReader.NameOf(parameter.Type) == "global::System.Threading.CancellationToken")
            {
                arguments.Add("cancellationToken");
                continue;
            }
            if (ShapeReader.NameOf(parameter.Type) == "global::RawLlm.ToolCall")
            {
                arguments.Add("call");
                continue;
            }
            var (type, isNullable) = ShapeReader.Unwrap(parameter.Type);
            var shapes = new ShapeReader(isResult: false, isStrict, compilation);
            if (shapes.Read(type) is not { } shape)
            {
                findings.Add(Finding.At(Findings.Parameter, at, parameter.Name + shapes.Place, shapes.Reason));
                continue;
            }
            foreach (
                var (limited, unheld) in shapes.IgnoredAttribute.Concat(
                    ShapeReader.IgnoredAttributesOf(parameter).Select(unheld => (parameter.Name, unheld))
                )
            )
            {
                findings.Add(Finding.At(Findings.IgnoredAttribute, at, limited, unheld, ShapeReader.AdviceFor(unheld)));
            }

            bool hasDefault = parameter.HasExplicitDefaultValue;
            var member = new Member(parameter.Name, parameter.Name, shape)
            {
                IsNullable = isNullable,
                IsOptional = isNullable || hasDefault,
                Fallback = hasDefault ? ShapeReader.Literal(parameter.Type, parameter.ExplicitDefaultValue) : "default",
                Default = ShapeReader.DefaultOf(parameter),
                Description = ShapeReader.DescriptionOf(parameter),
            };
            if (member.Description is null && shape.Description is null)
                findings.Add(Finding.At(Findings.Description, at, parameter.Name, "add [Description(\"…\")] of System.ComponentModel."));
            members.Add(member);
            arguments.Add(reading.Member("arguments", member));
        }
        return arguments;
    }

    private static string Body(
        IMethodSymbol method,
        Location place,
        List<string> arguments,
        WritingText writing,
        Compilation compilation,
        List<Finding> findings
    )
    {
        string target = method.IsStatic ? ShapeReader.NameOf(method.ContainingType) : "this";
        string call = $"{target}.@{method.Name}({string.Join(", ", arguments.Select(argument => "\n                " + argument))})";
        string taken = arguments.Exists(argument => argument is not ("cancellationToken" or "call"))
            ? "            var arguments = global::RawLlm.ToolArgument.Of(call);\n"
            : "";
        var result = method.ReturnType;
        bool isAwaited =
            result is INamedTypeSymbol { Name: "Task" or "ValueTask" } task
            && task.ContainingNamespace.ToDisplayString() == "System.Threading.Tasks";
        if (isAwaited)
        {
            call = $"await {call}.ConfigureAwait(false)";
            result = ((INamedTypeSymbol)result).TypeArguments.FirstOrDefault();
        }
        string head = isAwaited ? "async (call, cancellationToken) =>" : "(call, cancellationToken) =>";
        if (result is null || result.SpecialType == SpecialType.System_Void)
            return $"{head}\n        {{\n{taken}            {call};\n            return {Returned("global::RawLlm.ToolOutput.Of(\"Done.\")", isAwaited)};\n        }}";
        if (ShapeReader.NameOf(result) == "global::RawLlm.ToolOutput")
            return $"{head}\n        {{\n{taken}            return {Returned(call, isAwaited)};\n        }}";
        var (bare, isNullable) = ShapeReader.Unwrap(result);
        var shapes = new ShapeReader(isResult: true, isStrict: false, compilation);
        if (shapes.Read(bare) is not { } shape)
        {
            findings.Add(Finding.At(Findings.Result, place, method.Name + shapes.Place, shapes.Reason));
            return "";
        }
        return $"{head}\n        {{\n{taken}            var result = {call};\n            return {Returned(writing.Output(shape, isNullable || bare.IsReferenceType, "result"), isAwaited)};\n        }}";

        static string Returned(string output, bool isAwaited) =>
            isAwaited ? output : $"new global::System.Threading.Tasks.ValueTask<global::RawLlm.ToolOutput>({output})";
    }

    private static void CheckContainer(INamedTypeSymbol type, Location place, List<Finding> findings)
    {
        if (type.TypeKind != TypeKind.Class)
            findings.Add(Finding.At(Findings.Container, place, type.Name, "it is not a class or record"));
        if (type.Name == "Tools")
            findings.Add(Finding.At(Findings.Container, place, type.Name, "a property cannot have the name of its type"));
        if (type.GetMembers("Tools").Length > 0)
            findings.Add(Finding.At(Findings.Container, place, type.Name, "it already has a member Tools"));
        foreach (var (at, flaw) in PartialType.Flaws(type))
            findings.Add(Finding.At(Findings.Container, place, at, flaw));
    }

    private static IEnumerable<INamedTypeSymbol> Bases(INamedTypeSymbol type)
    {
        for (var at = type.BaseType; at is not null; at = at.BaseType)
            yield return at;
    }

    private static string InheritedBy(INamedTypeSymbol type)
    {
        foreach (var known in Bases(type))
        {
            if (HasStaticTools(known) is { } isStatic)
                return (isStatic ? ShapeReader.NameOf(known) : "base") + ".Tools";
        }
        return "";
    }

    // Whether the property Tools is static; null if there is none. It is static if all tools are, including those of base types. Of another
    // assembly, the compiler shows the property, but no private method.
    private static bool? HasStaticTools(INamedTypeSymbol type)
    {
        if (type.DeclaringSyntaxReferences.IsEmpty)
        {
            return type.GetMembers("Tools")
                .OfType<IPropertySymbol>()
                .FirstOrDefault(property => ShapeReader.NameOf(property.Type) == "global::RawLlm.ToolSet")
                ?.IsStatic;
        }
        var tools = type.GetMembers().Where(IsTool).ToList();
        return tools.Count == 0
            ? null
            : tools.All(tool => tool.IsStatic)
                && Bases(type).Select(HasStaticTools).FirstOrDefault(known => known is not null) is not false;
    }

    private static bool IsTool(ISymbol member) =>
        member is IMethodSymbol
        && member.GetAttributes().Any(attribute => attribute.AttributeClass?.ToDisplayString() == ToolGenerator.AttributeName);

    private static object? Named(AttributeData attribute, string name)
    {
        foreach (var argument in attribute.NamedArguments)
        {
            if (argument.Key == name)
                return argument.Value.Value;
        }
        return null;
    }

    private static string Quote(string text) => SymbolDisplay.FormatLiteral(text, true);
}
