namespace RawLlm.Testing;

/// <summary>Makes clients of services that are not really asked, and need no key.</summary>
internal static class KeylessClient
{
    /// <summary>What stands in a key's place; nothing that a prompt would say, since a cassette takes it for the key that it is.</summary>
    internal const string Placeholder = "no-key-0e1f6a2b-rawllm-testing";

    public static LlmClient Create(Provider provider, string model, LlmClientOptions? options, HttpClient http)
    {
        ArgumentNullException.ThrowIfNull(provider);
        var keyless = provider with { Credential = provider.Credential.WithKey(Placeholder) ?? provider.Credential };
        // Nothing goes over any wire, so whether this one is secure does not matter.
        return new LlmClient(keyless, model, (options ?? LlmClientOptions.Default) with { AllowKeyOverPlainHttp = true }, http);
    }
}
