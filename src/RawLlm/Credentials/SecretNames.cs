namespace RawLlm;

/// <summary>
/// Recognizes names of headers and parameters whose value is probably a secret: services and gateways accept keys under many names.
/// </summary>
internal static class SecretNames
{
    private static readonly string[] Words = ["key", "token", "secret", "auth", "password", "credential", "cookie", "signature"];

    /// <summary>Whether the value of this name is treated as a secret.</summary>
    public static bool IsSecret(string name)
    {
        foreach (string word in Words)
        {
            // This header identifies a request and grants no access.
            if (name.Contains(word, StringComparison.OrdinalIgnoreCase))
                return !name.Equals("Idempotency-Key", StringComparison.OrdinalIgnoreCase);
        }
        return false;
    }

    /// <summary>
    /// Returns where the secret begins in the value of a header: after the scheme, such as <c>Bearer</c>, if the header has one.
    /// </summary>
    public static int Start(string name, string value) =>
        name.EndsWith("Authorization", StringComparison.OrdinalIgnoreCase) ? value.IndexOf(' ', StringComparison.Ordinal) + 1 : 0;
}
