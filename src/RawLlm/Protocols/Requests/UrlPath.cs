namespace RawLlm.Protocols;

/// <summary>Joins a base URL and a wire's path, whatever slashes and versions the base comes with.</summary>
internal static class UrlPath
{
    private const string ModelPlace = "{model}";

    /// <summary>Joins.</summary>
    /// <param name="baseUrl">As the user wrote it: with or without a slash, with or without the version, or with the wire's whole path.</param>
    /// <param name="root">What a base without any path lacks, such as <c>v1</c>; may be empty.</param>
    /// <param name="path">The wire's own path, such as <c>chat/completions</c>; its segments are already encoded.</param>
    public static Uri Join(Uri baseUrl, string root, string path) => Join(baseUrl, root, path, path);

    /// <summary>Joins a path that lies beside the wire's main one, such as a list of models.</summary>
    /// <param name="baseUrl">As the user wrote it.</param>
    /// <param name="root">What a base without any path lacks.</param>
    /// <param name="path">The path beside the main one.</param>
    /// <param name="main">The main path, which a pasted address may end in.</param>
    public static Uri Join(Uri baseUrl, string root, string path, string main)
    {
        string text = baseUrl.GetLeftPart(UriPartial.Path).TrimEnd('/');
        if (main.Length > 0 && text.EndsWith("/" + main, StringComparison.Ordinal))
            return new Uri(text[..^main.Length] + path);
        bool isBare = baseUrl.AbsolutePath is "/" or "";
        return new Uri(isBare && root.Length > 0 ? $"{text}/{root}/{path}" : $"{text}/{path}");
    }

    /// <summary>Whether a path has a place for the model's name.</summary>
    public static bool NamesModel(string path) => path.Contains(ModelPlace, StringComparison.Ordinal);

    /// <summary>A path with the model's name in its place, if it has one.</summary>
    /// <exception cref="ArgumentException">There is no name that could stand there.</exception>
    public static string WithModel(string path, string? model)
    {
        if (!NamesModel(path))
            return path;
        if (string.IsNullOrWhiteSpace(model) || model is "." or "..")
            throw new ArgumentException("The service's address holds the model's name, and the request names none that could stand there. Set ChatRequest.Model, or give the client one.", nameof(model));
        // Vertex's names hold an @, which may stand in a path and goes out as such.
        return path.Replace(ModelPlace, Uri.EscapeDataString(model).Replace("%40", "@", StringComparison.Ordinal), StringComparison.Ordinal);
    }

    /// <summary>A model's name as segments of a path: its slashes stay, since services that have some in names expect them so.</summary>
    /// <exception cref="ArgumentException">The name is empty, or would lead elsewhere.</exception>
    public static string Segments(string model)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(model);
        string[] segments = model.Split('/');
        for (int i = 0; i < segments.Length; i++)
        {
            if (segments[i] is "" or "." or "..")
                throw new ArgumentException("The model's name cannot stand in an address.", nameof(model));
            segments[i] = Uri.EscapeDataString(segments[i]);
        }
        return string.Join('/', segments);
    }
}
