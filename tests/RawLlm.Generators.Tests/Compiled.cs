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
    private readonly byte[] _library;

    private Compiled(Compilation output, IReadOnlyList<Diagnostic> found, byte[] library)
    {
        _output = output;
        _library = library;
        Found = found;
    }

    /// <summary>What the generator reported.</summary>
    public IReadOnlyList<Diagnostic> Found { get; }

    /// <summary>The numbers of what the generator reported, and where, without what is told for information.</summary>
    public IEnumerable<string> Numbers => Found.Where(found => found.Severity == DiagnosticSeverity.Error).Select(found => found.Id);

    /// <summary>What the compiler refuses, in the source and in what was written for it.</summary>
    public IEnumerable<Diagnostic> Errors => _output.GetDiagnostics().Where(found => found.Severity == DiagnosticSeverity.Error);

    public static CSharpCompilation Compile(string source, LanguageVersion version = LanguageVersion.CSharp13) => CSharpCompilation.Create("Made",
        [CSharpSyntaxTree.ParseText(Usings + source, new CSharpParseOptions(version), path: "Source.cs")], References,
        new CSharpCompilationOptions(OutputKind.DynamicallyLinkedLibrary, nullableContextOptions: NullableContextOptions.Enable));

    public static GeneratorDriver Driver(LanguageVersion version = LanguageVersion.CSharp13) => CSharpGeneratorDriver.Create([new ToolGenerator().AsSourceGenerator(), new JsonSchemaGenerator().AsSourceGenerator()],
        parseOptions: new CSharpParseOptions(version), driverOptions: new GeneratorDriverOptions(IncrementalGeneratorOutputKind.None, trackIncrementalGeneratorSteps: true));

    /// <param name="source">What is compiled.</param>
    /// <param name="library">What was compiled before into an assembly of its own.</param>
    /// <param name="version">The language that both are written in, and what is written for the source.</param>
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
        if (_library.Length == 0)
            return System.Reflection.Assembly.Load(stream.ToArray());
        // Names alone find no assembly that was loaded from bytes.
        var context = new System.Runtime.Loader.AssemblyLoadContext(null);
        context.LoadFromStream(new MemoryStream(_library));
        return context.LoadFromStream(new MemoryStream(stream.ToArray()));
    }
}
