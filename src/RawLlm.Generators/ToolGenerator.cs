using System.Text;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Microsoft.CodeAnalysis.Text;

namespace RawLlm.Generators;

/// <summary>Creates tools from methods marked <c>[Tool]</c>: a property <c>Tools</c> for each partial type that has such methods.</summary>
[Generator(LanguageNames.CSharp)]
public sealed class ToolGenerator : IIncrementalGenerator
{
    internal const string AttributeName = "RawLlm.ToolAttribute";
    internal const string MethodsStep = "Methods";
    internal const string TypesStep = "Types";

    /// <inheritdoc/>
    public void Initialize(IncrementalGeneratorInitializationContext context)
    {
        var methods = context
            .SyntaxProvider.ForAttributeWithMetadataName(
                AttributeName,
                static (node, _) => node is MethodDeclarationSyntax,
                ToolMethodReader.Read
            )
            .WithTrackingName(MethodsStep);
        var types = methods
            .Collect()
            .SelectMany(
                static (all, _) =>
                    all.GroupBy(method => method.Type, StringComparer.Ordinal).Select(type => new EquatableArray<ToolMethod>([.. type]))
            )
            .WithTrackingName(TypesStep);
        context.RegisterSourceOutput(types, Write);
    }

    private static void Write(SourceProductionContext context, EquatableArray<ToolMethod> methods)
    {
        var names = new HashSet<string>(StringComparer.Ordinal);
        var whole = new List<ToolMethod>();
        foreach (var method in methods)
        {
            foreach (var finding in method.Findings)
                context.ReportDiagnostic(finding.ToDiagnostic());
            if (!names.Add(method.Name))
                context.ReportDiagnostic(method.Place!.ToDiagnostic());
            else if (method.Lambda.Length > 0)
                whole.Add(method);
        }
        if (whole.Count > 0)
        {
            context.AddSource(
                Names.ForMethod("", methods[0].Type) + ".Tools.g.cs",
                SourceText.From(ToolSource.Write(whole), Encoding.UTF8)
            );
        }
    }
}
