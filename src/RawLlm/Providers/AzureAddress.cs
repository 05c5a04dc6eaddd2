namespace RawLlm;

/// <summary>Reads the Azure OpenAI URL from a configuration section or a command line: that of the resource, as the portal shows it, or the
/// whole URL of a deployment.</summary>
internal static class AzureAddress
{
    private const string Root = "/openai";
    private const string Query = "?api-version=";

    /// <summary>Returns a provider at a URL. For Azure, a URL without a path gets the wire's path, the deployment part of a path is
    /// removed, and the <c>api-version</c> of the query is used. Everything else stays unchanged.</summary>
    /// <param name="provider">The service.</param>
    /// <param name="url">The absolute URL.</param>
    /// <param name="version">The API version; null for that of the URL, or the default.</param>
    /// <exception cref="ArgumentException">The service does not take an API version, or the version is invalid.</exception>
    public static Provider At(Provider provider, Uri url, string? version)
    {
        bool hasVersions = provider.Name == "azure-deployments";
        if (version is not null && !hasVersions)
        {
            throw new ArgumentException(
                $"{provider.Title} does not take an API version: set ApiVersion only with the provider azure-deployments."
            );
        }

        if (!hasVersions && provider.Name != "azure")
            return provider with { BaseUrl = url };
        string? apiVersion = VersionIn(url);
        var address = new UriBuilder(url);
        if (apiVersion is not null)
            address.Query = "";
        string path = url.AbsolutePath.TrimEnd('/');
        int start =
            path.Length == 0 || path.EndsWith(Root, StringComparison.OrdinalIgnoreCase)
                ? Math.Max(0, path.Length - Root.Length)
                : path.IndexOf(Root + "/deployments/", StringComparison.OrdinalIgnoreCase);
        if (start >= 0)
            address.Path = path[..start] + (hasVersions ? "/openai/" : "/openai/v1/");
        provider = provider with { BaseUrl = address.Uri };
        // Version 1 takes an api-version only on a custom path, which stays as it is.
        return hasVersions ? WithVersion(provider, version ?? apiVersion)
            : start < 0 ? WithVersion(provider, apiVersion)
            : provider;
    }

    private static Provider WithVersion(Provider provider, string? version) =>
        version is not null
        && provider.Protocol is Protocols.ChatCompletionsProtocol chat
        && Providers.AzureOpenAIDeploymentsAt(provider.BaseUrl, version).Protocol is Protocols.ChatCompletionsProtocol made
            ? provider with
            {
                Protocol = chat with { Query = made.Query },
            }
            : provider;

    // Anything else in a query could be a key, and the query is refused with it.
    private static string? VersionIn(Uri url) =>
        url.Query.StartsWith(Query, StringComparison.OrdinalIgnoreCase)
        && url.Query[Query.Length..] is { Length: > 0 } version
        && !version.AsSpan().ContainsAnyExcept("abcdefghijklmnopqrstuvwxyz0123456789-.")
            ? version
            : null;
}
