using System.Text.RegularExpressions;
using RawLlm.Tests.Support;

namespace RawLlm.Tests.Architecture;

/// <summary>A source file without its comments and string literals.</summary>
internal sealed partial record SourceFile(string Path, string Code)
{
    /// <summary>The folder below <c>src/RawLlm</c> that contains the file; empty for the root.</summary>
    public string Folder => Path.Contains('/', StringComparison.Ordinal) ? Path[..Path.IndexOf('/', StringComparison.Ordinal)] : "";

    /// <summary>The subfolder, such as that of a wire; null if there is none.</summary>
    public string? Subfolder => Path.Split('/') is [_, var folder, _] ? folder : null;

    /// <summary>All source files of the library.</summary>
    public static IReadOnlyList<SourceFile> All { get; } = [.. Read("src", "RawLlm")];

    /// <summary>All source files of the tests.</summary>
    public static IEnumerable<SourceFile> Tests => Read("tests");

    /// <summary>Creates a file from its text.</summary>
    public static SourceFile Of(string path, string text) =>
        new(path, CommentsAndLiterals().Replace(text, static found => found.ValueSpan is ['/', ..] ? "" : "\"\""));

    /// <summary>Whether the code names a type or a namespace, with or without its parent namespaces.</summary>
    public bool Names(string name) =>
        Regex.IsMatch(Code, $@"(?<![\w.])(?:(?:global::)?(?:System|Microsoft|RawLlm)(?:\.\w+)*\.)?{Regex.Escape(name)}(?!\w)");

    private static IEnumerable<SourceFile> Read(params string[] folder)
    {
        string root = System.IO.Path.Combine([Folders.Repository, .. folder]);
        foreach (string file in Directory.EnumerateFiles(root, "*.cs", SearchOption.AllDirectories).Order(StringComparer.Ordinal))
        {
            yield return Of(System.IO.Path.GetRelativePath(root, file).Replace('\\', '/'), File.ReadAllText(file));
        }
    }

    // In one pass, because "//" inside a literal does not begin a comment, and a quote inside a comment does not begin a literal.
    [GeneratedRegex(
        "//[^\n]*|/\\*.*?\\*/|(?<quotes>\"{3,}).*?\\k<quotes>|@\"(?:[^\"]|\"\")*\"|\"(?:\\\\.|[^\"\\\\\\n])*\"|'(?:\\\\[^'\\n]+|\\\\'|[^'\\\\\\n])'",
        RegexOptions.Singleline
    )]
    private static partial Regex CommentsAndLiterals();
}
