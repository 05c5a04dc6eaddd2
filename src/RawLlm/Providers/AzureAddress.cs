namespace RawLlm;

/// <summary>Where Azure OpenAI is meant by the address that a section or a command line gives: that of the resource, as the portal shows it, or the whole one of a deployment.</summary>
internal static class AzureAddress
{
    private const string Root = "/openai";
    private const string Query = "?api-version=";

    /// <summary>A service at an address. For Azure one without a path is given the path that the wire begins with, of one of a deployment what leads to that is taken off, and the <c>api-version</c> of its query is asked for; all else stays as it is.</summary>
    /// <param name="provider">The service.</param>
    /// <param name="url">The address, a whole one.</param>
    /// <param name="version">The version of the API; null for that of the address, or the usual one.</param>
    /// <exception cref="ArgumentException">The service has no versions, or the version is none.</exception>
    public static Provider At(Provider provider, Uri url, string? version)
    {
        bool hasVersions = provider.Name == "azure-deployments";
        if (version is not null && !hasVersions)
            throw new ArgumentException($"{provider.Title} is asked for no version of its API: ApiVersion goes with the provider azure-deployments alone.");
        if (!hasVersions && provider.Name != "azure")
            return provider with { BaseUrl = url };
        string? said = VersionIn(url);
        var address = new UriBuilder(url);
        if (said is not null)
            address.Query = "";
        string path = url.AbsolutePath.TrimEnd('/');
        int start = path.Length == 0 || path.EndsWith(Root, StringComparison.OrdinalIgnoreCase) ? Math.Max(0, path.Length - Root.Length) : path.IndexOf(Root + "/deployments/", StringComparison.OrdinalIgnoreCase);
        if (start >= 0)
            address.Path = path[..start] + (hasVersions ? "/openai/" : "/openai/v1/");
        provider = provider with { BaseUrl = address.Uri };
        // The address of version 1 takes one only where it is not of a deployment.
        return hasVersions ? WithVersion(provider, version ?? said) : start < 0 ? WithVersion(provider, said) : provider;
    }

    private static Provider WithVersion(Provider provider, string? version) =>
        version is not null && provider.Protocol is Protocols.ChatCompletionsProtocol chat && Providers.AzureOpenAIDeploymentsAt(provider.BaseUrl, version).Protocol is Protocols.ChatCompletionsProtocol made
            ? provider with { Protocol = chat with { Query = made.Query } } : provider;

    // What else a query holds may be a key, and is refused with it.
    private static string? VersionIn(Uri url) =>
        url.Query.StartsWith(Query, StringComparison.OrdinalIgnoreCase) && url.Query[Query.Length..] is { Length: > 0 } version && !version.AsSpan().ContainsAnyExcept("abcdefghijklmnopqrstuvwxyz0123456789-.") ? version : null;
}
