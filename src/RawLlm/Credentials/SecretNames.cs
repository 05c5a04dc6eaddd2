namespace RawLlm;

/// <summary>The names of headers and parameters that sound as if their value were a secret: services and gateways take keys under many names.</summary>
internal static class SecretNames
{
    private static readonly string[] Words = ["key", "token", "secret", "auth", "password", "credential", "cookie", "signature"];

    /// <summary>Whether a value of this name is to be treated as a secret.</summary>
    public static bool IsSecret(string name)
    {
        foreach (string word in Words)
        {
            // That one marks a request, and opens nothing.
            if (name.Contains(word, StringComparison.OrdinalIgnoreCase))
                return !name.Equals("Idempotency-Key", StringComparison.OrdinalIgnoreCase);
        }
        return false;
    }

    /// <summary>Where in the value of a header the secret begins: behind the scheme, as in <c>Bearer</c>, where the header has one.</summary>
    public static int Start(string name, string value) =>
        name.EndsWith("Authorization", StringComparison.OrdinalIgnoreCase) ? value.IndexOf(' ', StringComparison.Ordinal) + 1 : 0;
}
