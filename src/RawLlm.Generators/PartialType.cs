using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace RawLlm.Generators;

/// <summary>A type that another part is written of.</summary>
internal static class PartialType
{
    /// <summary>Why no part can be added, each with the name of the type that is meant.</summary>
    public static IEnumerable<(string Name, string Flaw)> Flaws(INamedTypeSymbol type)
    {
        for (var at = type; at is not null; at = at.ContainingType)
        {
            if (at.Arity > 0)
                yield return (at.Name, "it is generic");
            if (IsFileLocal(at))
                yield return (at.Name, "it is local to its file");
            if (!HasModifier(at, SyntaxKind.PartialKeyword))
                yield return (at.Name, "it is not partial");
        }
    }

    /// <summary>The type's declaration and those around it, the outermost first, as in <c>partial class Outer</c>.</summary>
    public static List<string> Declarations(INamedTypeSymbol type)
    {
        var declarations = new List<string>();
        for (var at = type; at is not null; at = at.ContainingType)
        {
            string kind = at.TypeKind switch
            {
                TypeKind.Interface => "interface",
                TypeKind.Struct => at.IsRecord ? "record struct" : "struct",
                _ => at.IsRecord ? "record" : "class",
            };
            declarations.Insert(0, $"partial {kind} @{at.Name}");
        }
        return declarations;
    }

    /// <summary>The type's namespace in C#; empty for none.</summary>
    public static string NamespaceOf(INamedTypeSymbol type) => type.ContainingNamespace.IsGlobalNamespace ? "" : type.ContainingNamespace.ToDisplayString(Names.Qualified);

    /// <summary>True for a type that only its own file can name.</summary>
    public static bool IsFileLocal(INamedTypeSymbol type) =>
        type.DeclaringSyntaxReferences.Any(reference => reference.GetSyntax() is BaseTypeDeclarationSyntax syntax && syntax.Modifiers.Any(modifier => modifier.ValueText == "file"));

    private static bool HasModifier(INamedTypeSymbol type, SyntaxKind kind) =>
        type.DeclaringSyntaxReferences.Any(reference => reference.GetSyntax() is TypeDeclarationSyntax syntax && syntax.Modifiers.Any(kind));
}
