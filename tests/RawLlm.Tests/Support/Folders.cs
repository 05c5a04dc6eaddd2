namespace RawLlm.Tests.Support;

/// <summary>The location of the repository and of the recordings next to it.</summary>
internal static class Folders
{
    /// <summary>The folder that contains the solution.</summary>
    public static string Repository { get; } = FindRepository();

    /// <summary>The recordings of real servers; null if the folder is not present.</summary>
    public static string? Wire => Existing("wire");

    /// <summary>A folder next to the repository under <c>shared</c>; null if it is not present.</summary>
    public static string? Existing(string name)
    {
        string path = Path.GetFullPath(Path.Combine(Repository, "..", "shared", name));
        return Directory.Exists(path) ? path : null;
    }

    private static string FindRepository()
    {
        for (string? folder = AppContext.BaseDirectory; folder is not null; folder = Path.GetDirectoryName(folder))
        {
            if (File.Exists(Path.Combine(folder, "RawLlm.sln")))
                return folder;
        }
        throw new InvalidOperationException("The repository's root, which holds RawLlm.sln, was not found above the tests.");
    }
}
