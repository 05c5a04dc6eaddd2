using System.Text.RegularExpressions;
using RawLlm.Tests.Support;

namespace RawLlm.Tests.Architecture;

/// <summary>One source file of the library, without its comments and string literals.</summary>
internal sealed partial record SourceFile(string Path, string Code)
{
    /// <summary>The folder below <c>src/RawLlm</c> that the file lies in; empty for the root.</summary>
    public string Folder => Path.Contains('/', StringComparison.Ordinal) ? Path[..Path.IndexOf('/', StringComparison.Ordinal)] : "";

    /// <summary>All source files of the library.</summary>
    public static IReadOnlyList<SourceFile> All { get; } = [.. Read()];

    /// <summary>Whether the code names a type or a namespace.</summary>
    public bool Names(string name) => Regex.IsMatch(Code, $@"(?<![\w.]){Regex.Escape(name)}(?!\w)");

    private static IEnumerable<SourceFile> Read()
    {
        string root = System.IO.Path.Combine(Folders.Repository, "src", "RawLlm");
        foreach (string file in Directory.EnumerateFiles(root, "*.cs", SearchOption.AllDirectories).Order(StringComparer.Ordinal))
        {
            string code = Comments().Replace(File.ReadAllText(file), "");
            yield return new SourceFile(System.IO.Path.GetRelativePath(root, file).Replace('\\', '/'), Strings().Replace(code, "\"\""));
        }
    }

    [GeneratedRegex(@"//[^\n]*|/\*.*?\*/", RegexOptions.Singleline)]
    private static partial Regex Comments();

    [GeneratedRegex("\"\"\".*?\"\"\"|\"(?:\\\\.|[^\"\\\\\\n])*\"", RegexOptions.Singleline)]
    private static partial Regex Strings();
}
