namespace RawLlm.Testing;

/// <summary>Creates clients for services that receive no real requests and need no API key.</summary>
internal static class KeylessClient
{
    /// <summary>The placeholder for an API key; text that no prompt contains, because a cassette overwrites it like a real key.</summary>
    internal const string Placeholder = "no-key-0e1f6a2b-rawllm-testing";

    // Placeholders in URLs for a resource, an account or a project that the environment does not name.
    private static readonly string[] Placeholders = ["your-resource", "your-account", "your-project"];

    /// <param name="provider">The service, with a key or its placeholder.</param>
    /// <param name="model">The model.</param>
    /// <param name="options">How the client behaves; null for the defaults.</param>
    /// <param name="http">The HTTP client that answers.</param>
    public static LlmClient Create(Provider provider, string model, LlmClientOptions? options, HttpClient http)
    {
        // Nothing goes over a network, so it does not matter whether the connection is secure.
        return new LlmClient(provider, model, (options ?? LlmClientOptions.Default) with { AllowKeyOverPlainHttp = true }, http);
    }

    /// <summary>
    /// Returns the service with the placeholder instead of its key, and with a name in its URL where the environment has to name one; a
    /// credential that is not a single key stays unchanged.
    /// </summary>
    public static Provider Keyless(Provider provider)
    {
        provider = WithoutPlaceholders(provider);
        return provider with { Credential = provider.Credential.WithKey(Placeholder) ?? provider.Credential };
    }

    /// <summary>
    /// Returns the service with a name in its URL where the environment has to name a resource, an account or a project; the same service
    /// if its URL needs none.
    /// </summary>
    public static Provider WithoutPlaceholders(Provider provider)
    {
        ArgumentNullException.ThrowIfNull(provider);
        string url = provider.BaseUrl.OriginalString;
        foreach (string place in Placeholders)
            url = url.Replace(place, "testing", StringComparison.Ordinal);
        return url == provider.BaseUrl.OriginalString ? provider : provider with { BaseUrl = new Uri(url) };
    }
}
