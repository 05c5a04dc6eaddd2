namespace RawLlm.Testing;

/// <summary>Creates clients for services that receive no real requests and need no API key.</summary>
internal static class KeylessClient
{
    /// <summary>The placeholder for an API key; text that no prompt contains, because a cassette overwrites it like a real key.</summary>
    internal const string Placeholder = "no-key-0e1f6a2b-rawllm-testing";

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
    /// Returns the service with the placeholder instead of its key; a service whose credential is not a single key stays unchanged.
    /// </summary>
    public static Provider Keyless(Provider provider)
    {
        ArgumentNullException.ThrowIfNull(provider);
        return provider with { Credential = provider.Credential.WithKey(Placeholder) ?? provider.Credential };
    }
}
