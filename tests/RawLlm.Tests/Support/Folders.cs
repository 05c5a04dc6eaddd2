namespace RawLlm.Tests.Support;

/// <summary>Where the repository and the recordings beside it lie.</summary>
internal static class Folders
{
    /// <summary>The folder that holds the solution.</summary>
    public static string Repository { get; } = FindRepository();

    /// <summary>The recordings of real servers; null where the folder is not present.</summary>
    public static string? Wire => Existing("wire");

    /// <summary>A folder beside the repository under <c>shared</c>; null where it is not present.</summary>
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
