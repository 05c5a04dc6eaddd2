namespace RawLlm.Testing;

/// <summary>Makes clients of services that are not really asked, and need no key.</summary>
internal static class KeylessClient
{
    /// <summary>What stands in a key's place; nothing that a prompt would say, since a cassette takes it for the key that it is.</summary>
    internal const string Placeholder = "no-key-0e1f6a2b-rawllm-testing";

    /// <param name="provider">The service, with a key that may stand there.</param>
    /// <param name="model">The model.</param>
    /// <param name="options">How the client behaves; the defaults when null.</param>
    /// <param name="http">What answers.</param>
    public static LlmClient Create(Provider provider, string model, LlmClientOptions? options, HttpClient http)
    {
        // Nothing goes over any wire, so whether this one is secure does not matter.
        return new LlmClient(provider, model, (options ?? LlmClientOptions.Default) with { AllowKeyOverPlainHttp = true }, http);
    }

    /// <summary>The service with the placeholder in the place of its key; one whose proof is not a single key stays as it is.</summary>
    public static Provider Keyless(Provider provider)
    {
        ArgumentNullException.ThrowIfNull(provider);
        return provider with { Credential = provider.Credential.WithKey(Placeholder) ?? provider.Credential };
    }
}
