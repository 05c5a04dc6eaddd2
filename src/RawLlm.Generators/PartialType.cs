using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace RawLlm.Generators;

/// <summary>A type to which the generators add a partial declaration.</summary>
internal static class PartialType
{
    /// <summary>Returns the reasons why no part can be added, each with the name of the type it applies to.</summary>
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

    /// <summary>
    /// Returns the declarations of the containing types and of the type, the outermost first, such as <c>partial class Outer</c>.
    /// </summary>
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

    /// <summary>Returns the type's namespace; empty for none.</summary>
    public static string NamespaceOf(INamedTypeSymbol type) =>
        type.ContainingNamespace.IsGlobalNamespace ? "" : type.ContainingNamespace.ToDisplayString(Names.Qualified);

    /// <summary>Returns whether a type is visible only in its own file.</summary>
    public static bool IsFileLocal(INamedTypeSymbol type) =>
        type.DeclaringSyntaxReferences.Any(reference =>
            reference.GetSyntax() is BaseTypeDeclarationSyntax syntax && syntax.Modifiers.Any(modifier => modifier.ValueText == "file")
        );

    private static bool HasModifier(INamedTypeSymbol type, SyntaxKind kind) =>
        type.DeclaringSyntaxReferences.Any(reference =>
            reference.GetSyntax() is TypeDeclarationSyntax syntax && syntax.Modifiers.Any(kind)
        );
}
