using Xunit.Abstractions;

namespace RawLlm.Tests.Framing;

/// <summary>Finds the recordings next to the repository, on machines that have them.</summary>
internal static class SharedVectors
{
    /// <summary>Returns the folder; null, with a note in the test's output, if it does not exist.</summary>
    public static string? Find(ITestOutputHelper output, params string[] path)
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (folder is not null && !File.Exists(Path.Combine(folder.FullName, "RawLlm.sln")))
            folder = folder.Parent;
        string? shared = folder is null ? null : Path.Combine([folder.FullName, "..", "shared", "wire", .. path]);
        if (Directory.Exists(shared))
            return shared;
        output.WriteLine($"Not applicable here: there is no ../shared/wire/{string.Join('/', path)}.");
        return null;
    }
}
