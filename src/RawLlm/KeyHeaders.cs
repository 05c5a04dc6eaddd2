namespace RawLlm;

/// <summary>The headers in which services take keys, for those that are set by hand in place of a <see cref="Credential"/>.</summary>
internal static class KeyHeaders
{
    private static readonly string[] Names = ["Authorization", "x-api-key", "api-key", "x-goog-api-key"];

    /// <summary>Whether one of some headers carries a key.</summary>
    public static bool Any(IReadOnlyList<KeyValuePair<string, string>> headers)
    {
        foreach (var (name, _) in headers)
        {
            if (IsKey(name))
                return true;
        }
        return false;
    }

    /// <summary>The keys in some headers; null where there is none.</summary>
    public static List<string>? Secrets(IReadOnlyDictionary<string, string> headers)
    {
        if (headers.Count == 0)
            return null;
        List<string>? secrets = null;
        foreach (var (name, value) in headers)
        {
            // Behind the scheme, as in "Bearer". What is null is refused when the request is written, which may be later.
            if (value is not null && IsKey(name))
                (secrets ??= []).Add(value[(value.LastIndexOf(' ') + 1)..]);
        }
        return secrets;
    }

    private static bool IsKey(string name)
    {
        foreach (string known in Names)
        {
            if (name.Equals(known, StringComparison.OrdinalIgnoreCase))
                return true;
        }
        return false;
    }
}
