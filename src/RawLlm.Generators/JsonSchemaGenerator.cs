using System.Text;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Microsoft.CodeAnalysis.Text;

namespace RawLlm.Generators;

/// <summary>
/// Implements <c>IJsonSchema</c> for types marked <c>[JsonSchema]</c>: their schema, and the code that reads an answer with it.
/// </summary>
[Generator(LanguageNames.CSharp)]
public sealed class JsonSchemaGenerator : IIncrementalGenerator
{
    internal const string AttributeName = "RawLlm.JsonSchemaAttribute";
    internal const string TypesStep = "SchemaTypes";

    /// <inheritdoc/>
    public void Initialize(IncrementalGeneratorInitializationContext context)
    {
        var types = context
            .SyntaxProvider.ForAttributeWithMetadataName(
                AttributeName,
                static (node, _) => node is TypeDeclarationSyntax,
                SchemaTypeReader.Read
            )
            .WithTrackingName(TypesStep);
        context.RegisterSourceOutput(types, Write);
    }

    private static void Write(SourceProductionContext context, SchemaType type)
    {
        foreach (var finding in type.Findings)
            context.ReportDiagnostic(finding.ToDiagnostic());
        if (type.Source.Length > 0)
            context.AddSource(Names.ForMethod("", type.Type) + ".JsonSchema.g.cs", SourceText.From(type.Source, Encoding.UTF8));
    }
}
