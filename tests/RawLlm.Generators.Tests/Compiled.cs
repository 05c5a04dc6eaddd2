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

    private static readonly MetadataReference[] References =
    [
        .. ((string)AppContext.GetData("TRUSTED_PLATFORM_ASSEMBLIES")!)
            .Split(Path.PathSeparator)
            .Where(file => !Path.GetFileName(file).StartsWith("Microsoft.CodeAnalysis", StringComparison.Ordinal))
            .Select(file => MetadataReference.CreateFromFile(file)),
    ];

    private readonly Compilation _output;
    private readonly byte[] _library;

    private Compiled(Compilation output, IReadOnlyList<Diagnostic> found, byte[] library)
    {
        _output = output;
        _library = library;
        Found = found;
    }

    /// <summary>The diagnostics of the generators.</summary>
    public IReadOnlyList<Diagnostic> Found { get; }

    /// <summary>The IDs of the generators' errors.</summary>
    public IEnumerable<string> Numbers => Found.Where(found => found.Severity == DiagnosticSeverity.Error).Select(found => found.Id);

    /// <summary>The compiler's errors, in the source and in the generated code.</summary>
    public IEnumerable<Diagnostic> Errors => _output.GetDiagnostics().Where(found => found.Severity == DiagnosticSeverity.Error);

    public static CSharpCompilation Compile(string source, LanguageVersion version = LanguageVersion.CSharp13) =>
        CSharpCompilation.Create(
            "Made",
            [CSharpSyntaxTree.ParseText(Usings + source, new CSharpParseOptions(version), path: "Source.cs")],
            References,
            new CSharpCompilationOptions(OutputKind.DynamicallyLinkedLibrary, nullableContextOptions: NullableContextOptions.Enable)
        );

    public static GeneratorDriver Driver(LanguageVersion version = LanguageVersion.CSharp13) =>
        CSharpGeneratorDriver.Create(
            [new ToolGenerator().AsSourceGenerator(), new JsonSchemaGenerator().AsSourceGenerator()],
            parseOptions: new CSharpParseOptions(version),
            driverOptions: new GeneratorDriverOptions(IncrementalGeneratorOutputKind.None, trackIncrementalGeneratorSteps: true)
        );

    /// <param name="source">The source to compile.</param>
    /// <param name="library">A source to compile first, into its own assembly.</param>
    /// <param name="version">The language version of the source and of the code generated for it.</param>
    public static Compiled Of(string source, string? library = null, LanguageVersion version = LanguageVersion.CSharp13)
    {
        var compilation = Compile(source, version);
        byte[] image = [];
        if (library is not null)
        {
            var stream = new MemoryStream();
            Assert.True(Compile(library).WithAssemblyName("Lib").Emit(stream).Success);
            image = stream.ToArray();
            compilation = compilation.AddReferences(MetadataReference.CreateFromImage(image));
        }
        Driver(version).RunGeneratorsAndUpdateCompilation(compilation, out var output, out var found);
        return new(output, found, image);
    }

    /// <summary>The tool set of the class <c>Mine</c>, which is created without arguments if the property is not static.</summary>
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
        Assert.True(
            result.Success,
            string.Join('\n', result.Diagnostics.Where(d => d.Severity == DiagnosticSeverity.Error))
                + "\n"
                + string.Join('\n', _output.SyntaxTrees.Skip(1))
        );
        Assert.Empty(
            result.Diagnostics.Where(d => d.Severity == DiagnosticSeverity.Warning && d.Location.SourceTree?.FilePath != "Source.cs")
        );
        if (_library.Length == 0)
            return System.Reflection.Assembly.Load(stream.ToArray());
        // An assembly that was loaded from bytes cannot be found by its name.
        var context = new System.Runtime.Loader.AssemblyLoadContext(null);
        context.LoadFromStream(new MemoryStream(_library));
        return context.LoadFromStream(new MemoryStream(stream.ToArray()));
    }
}
