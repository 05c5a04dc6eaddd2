using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Text;

namespace RawLlm.Generators;

/// <summary>A diagnostic that is compared by its contents and holds no part of a compilation.</summary>
internal sealed record Finding(string Id, string Path, TextSpan Span, LinePositionSpan Lines, EquatableArray<string> Words)
{
    public static Finding At(DiagnosticDescriptor descriptor, Location? location, params string[] words) =>
        new(
            descriptor.Id,
            location?.SourceTree?.FilePath ?? "",
            location?.SourceSpan ?? default,
            location?.GetLineSpan().Span ?? default,
            new(words)
        );

    public bool IsError => Findings.Of(Id).DefaultSeverity == DiagnosticSeverity.Error;

    public Diagnostic ToDiagnostic() =>
        Diagnostic.Create(Findings.Of(Id), Path.Length == 0 ? Location.None : Location.Create(Path, Span, Lines), [.. Words]);
}
