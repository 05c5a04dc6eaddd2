namespace RawLlm.Testing;

/// <summary>Services that are not really asked, and need no key.</summary>
internal static class KeylessProvider
{
    private const string Placeholder = "test-key";

    /// <summary>The provider with a key that means nothing, where it takes one.</summary>
    public static Provider WithoutKey(this Provider provider) => provider with { Credential = provider.Credential.WithKey(Placeholder) ?? provider.Credential };
}
