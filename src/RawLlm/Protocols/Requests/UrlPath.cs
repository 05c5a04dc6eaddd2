namespace RawLlm.Protocols;

/// <summary>Joins a base URL and a wire's path, whether or not the base contains a trailing slash or the version.</summary>
internal static class UrlPath
{
    private const string ModelPlace = "{model}";

    /// <summary>Joins a base URL and the wire's path.</summary>
    /// <param name="baseUrl">The URL as the user wrote it: with or without a slash, with or without the version, or with the wire's whole
    /// path.</param>
    /// <param name="root">What is added to a base URL without a path, such as <c>v1</c>; may be empty.</param>
    /// <param name="path">The wire's own path, such as <c>chat/completions</c>, with its segments already encoded.</param>
    public static Uri Join(Uri baseUrl, string root, string path) => Join(baseUrl, root, path, path);

    /// <summary>Joins a base URL and a path beside the wire's main one, such as that of the model list.</summary>
    /// <param name="baseUrl">The URL as the user wrote it.</param>
    /// <param name="root">What is added to a base URL without a path.</param>
    /// <param name="path">The path beside the main one.</param>
    /// <param name="main">The main path, which a pasted URL may end with.</param>
    public static Uri Join(Uri baseUrl, string root, string path, string main)
    {
        string text = baseUrl.GetLeftPart(UriPartial.Path).TrimEnd('/');
        if (main.Length > 0 && text.EndsWith("/" + main, StringComparison.Ordinal))
            return new Uri(text[..^main.Length] + path);
        bool isBare = baseUrl.AbsolutePath is "/" or "";
        return new Uri(isBare && root.Length > 0 ? $"{text}/{root}/{path}" : $"{text}/{path}");
    }

    /// <summary>Whether a path has a placeholder for the model's name.</summary>
    public static bool NamesModel(string path) => path.Contains(ModelPlace, StringComparison.Ordinal);

    /// <summary>Returns a path with the placeholder, if it has one, replaced by the model's name.</summary>
    /// <exception cref="ArgumentException">The path has a placeholder, and there is no name that can be part of a URL.</exception>
    public static string WithModel(string path, string? model)
    {
        if (!NamesModel(path))
            return path;
        if (string.IsNullOrWhiteSpace(model) || model is "." or "..")
        {
            throw new ArgumentException(
                "The service's URL contains the model's name, and the request names no model that can be part of a URL. Set ChatRequest.Model, or give the client a model.",
                nameof(model)
            );
        }
        // Vertex's names contain an @, which is allowed in a path and sent unescaped.
        return path.Replace(
            ModelPlace,
            Uri.EscapeDataString(model).Replace("%40", "@", StringComparison.Ordinal),
            StringComparison.Ordinal
        );
    }

    /// <summary>Returns a model's name as path segments. Slashes stay, because services with slashes in names expect them.</summary>
    /// <exception cref="ArgumentException">The name is empty, or would lead to another path.</exception>
    public static string Segments(string model)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(model);
        string[] segments = model.Split('/');
        for (int i = 0; i < segments.Length; i++)
        {
            if (segments[i] is "" or "." or "..")
                throw new ArgumentException("The model's name cannot be part of a URL. Correct the name.", nameof(model));
            segments[i] = Uri.EscapeDataString(segments[i]);
        }
        return string.Join('/', segments);
    }
}
