using System.Reflection;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;

namespace RawLlm.Generators.Tests;

/// <summary>Sources compiled in memory with the generators.</summary>
internal sealed class Compiled
{
    private const string Usings = """
        using System; using System.Collections.Generic; using System.ComponentModel; using System.Threading; using System.Threading.Tasks; using RawLlm;

        """;

    private static readonly MetadataReference[] References = [.. ((string)AppContext.GetData("TRUSTED_PLATFORM_ASSEMBLIES")!)
        .Split(Path.PathSeparator).Where(file => !Path.GetFileName(file).StartsWith("Microsoft.CodeAnalysis", StringComparison.Ordinal)).Select(file => MetadataReference.CreateFromFile(file))];

    private readonly Compilation _output;

    private Compiled(Compilation output, IReadOnlyList<Diagnostic> found)
    {
        _output = output;
        Found = found;
    }

    /// <summary>What the generator reported.</summary>
    public IReadOnlyList<Diagnostic> Found { get; }

    /// <summary>The numbers of what the generator reported, and where, without what is told for information.</summary>
    public IEnumerable<string> Numbers => Found.Where(found => found.Severity == DiagnosticSeverity.Error).Select(found => found.Id);

    /// <summary>What the compiler refuses, in the source and in what was written for it.</summary>
    public IEnumerable<Diagnostic> Errors => _output.GetDiagnostics().Where(found => found.Severity == DiagnosticSeverity.Error);

    public static CSharpCompilation Compile(string source) => CSharpCompilation.Create("Made",
        [CSharpSyntaxTree.ParseText(Usings + source, new CSharpParseOptions(LanguageVersion.CSharp13), path: "Source.cs")], References,
        new CSharpCompilationOptions(OutputKind.DynamicallyLinkedLibrary, nullableContextOptions: NullableContextOptions.Enable));

    public static GeneratorDriver Driver() => CSharpGeneratorDriver.Create([new ToolGenerator().AsSourceGenerator(), new JsonSchemaGenerator().AsSourceGenerator()],
        parseOptions: new CSharpParseOptions(LanguageVersion.CSharp13), driverOptions: new GeneratorDriverOptions(IncrementalGeneratorOutputKind.None, trackIncrementalGeneratorSteps: true));

    public static Compiled Of(string source)
    {
        Driver().RunGeneratorsAndUpdateCompilation(Compile(source), out var output, out var found);
        return new(output, found);
    }

    /// <summary>The set that the class <c>Mine</c> gives; an instance of it is made without arguments.</summary>
    public ToolSet Tools()
    {
        var mine = Assembly().GetType("Mine")!;
        var property = mine.GetProperty("Tools")!;
        return (ToolSet)property.GetValue(property.GetMethod!.IsStatic ? null : Activator.CreateInstance(mine))!;
    }

    public Assembly Assembly()
    {
        var stream = new MemoryStream();
        var result = _output.Emit(stream);
        Assert.True(result.Success, string.Join('\n', result.Diagnostics.Where(d => d.Severity == DiagnosticSeverity.Error)) + "\n" + string.Join('\n', _output.SyntaxTrees.Skip(1)));
        Assert.Empty(result.Diagnostics.Where(d => d.Severity == DiagnosticSeverity.Warning && d.Location.SourceTree?.FilePath != "Source.cs"));
        return System.Reflection.Assembly.Load(stream.ToArray());
    }
}
