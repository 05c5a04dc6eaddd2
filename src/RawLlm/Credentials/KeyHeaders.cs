using RawLlm.Protocols;

namespace RawLlm;

/// <summary>Handles keys in headers that the caller sets directly instead of through a <see cref="Credential"/>.</summary>
internal static class KeyHeaders
{
    private static readonly string[] Names = ["Authorization", "x-api-key", "api-key", "x-goog-api-key"];

    /// <summary>Whether any of the headers carries a key.</summary>
    public static bool Any(IReadOnlyList<KeyValuePair<string, string>> headers)
    {
        foreach (var (name, _) in headers)
        {
            if (SecretNames.IsSecret(name))
                return true;
        }
        return false;
    }

    /// <summary>Returns the keys in the headers; null if there are none.</summary>
    public static List<string>? Secrets(IReadOnlyDictionary<string, string> headers)
    {
        if (headers.Count == 0)
            return null;
        List<string>? secrets = null;
        foreach (var (name, value) in headers)
        {
            // Null values are refused when the request is written, which may be later.
            if (value is not null && SecretNames.IsSecret(name))
                (secrets ??= []).Add(value[SecretNames.Start(name, value)..]);
        }
        return secrets;
    }

    /// <summary>Returns the keys in the headers, and those that a custom credential has set; null if there are none.</summary>
    public static List<string>? Secrets(IReadOnlyDictionary<string, string>? headers, WireRequest wire)
    {
        var given = headers is null ? null : Secrets(headers);
        if (wire.Secrets is not { } signed)
            return given;
        return given is null ? new List<string>(signed) : [.. given, .. signed];
    }

    /// <summary>Records what a custom credential has set. Only the headers show which values are secret.</summary>
    /// <param name="wire">The request.</param>
    /// <param name="before">The headers before signing.</param>
    public static void RecordSecrets(WireRequest wire, ReadOnlySpan<KeyValuePair<string, string>> before)
    {
        foreach (var (name, value) in wire.Headers)
        {
            bool isNew = true;
            foreach (var (known, old) in before)
                isNew &= !(value == old && name.Equals(known, StringComparison.OrdinalIgnoreCase));
            if (!isNew)
                continue;
            string secret = value[SecretNames.Start(name, value)..];
            var secrets = wire.Secrets ??= [];
            if (!secrets.Contains(secret))
                secrets.Add(secret);
        }
    }

    /// <summary>Returns the first of the caller's headers whose value the credential has replaced, if the header carries a key or is the
    /// credential's own; null if there is none.</summary>
    /// <param name="wire">The signed request.</param>
    /// <param name="headers">The caller's headers.</param>
    /// <param name="credential">The credential that signed the request.</param>
    /// <param name="instead">Headers that replace some of the caller's, which are then skipped; null if there are none.</param>
    public static string? Replaced(
        WireRequest wire,
        IReadOnlyDictionary<string, string> headers,
        Credential credential,
        IReadOnlyDictionary<string, string>? instead = null
    )
    {
        if (headers.Count == 0)
            return null;
        foreach (var (name, value) in headers)
        {
            // A custom credential may complete a header that is not a key.
            if (
                !SecretNames.IsSecret(name)
                && !(credential is HeaderCredential { Name: var own } && own.Equals(name, StringComparison.OrdinalIgnoreCase))
            )
            {
                continue;
            }

            if (instead is { Count: > 0 } && IsAmong(instead, name))
                continue;
            foreach (var (sent, proof) in wire.Headers)
            {
                if (sent.Equals(name, StringComparison.OrdinalIgnoreCase) && proof != value)
                    return name;
            }
        }
        return null;
    }

    /// <summary>Returns the first header that may carry a key and has the same value in both; null if there is none.</summary>
    public static string? Shared(IReadOnlyDictionary<string, string>? headers, IReadOnlyDictionary<string, string>? others)
    {
        if (headers is not { Count: > 0 } || others is not { Count: > 0 })
            return null;
        foreach (var (name, value) in headers)
        {
            if (!SecretNames.IsSecret(name))
                continue;
            // The dictionaries may be case-sensitive, but header names are not (RFC 9110, 5.1).
            foreach (var (other, same) in others)
            {
                if (other.Equals(name, StringComparison.OrdinalIgnoreCase) && same == value)
                    return name;
            }
        }
        return null;
    }

    /// <summary>Returns the headers of an answer that a program may keep: without cookies and other secrets, and with the request's secrets
    /// redacted from the rest.</summary>
    public static IReadOnlyList<KeyValuePair<string, string>> WithoutSecrets(
        IReadOnlyList<KeyValuePair<string, string>> headers,
        Redaction redaction
    )
    {
        var kept = new List<KeyValuePair<string, string>>(headers.Count);
        foreach (var (name, value) in headers)
        {
            if (!IsSecretOfAnswer(name))
                kept.Add(new(name, redaction.Apply(value)));
        }
        return kept;
    }

    // The caller's dictionary may be case-sensitive, but header names are not (RFC 9110, 5.1).
    private static bool IsAmong(IReadOnlyDictionary<string, string> headers, string name)
    {
        foreach (var (other, _) in headers)
        {
            if (other.Equals(name, StringComparison.OrdinalIgnoreCase))
                return true;
        }
        return false;
    }

    // Rate limits count tokens, and gateways report what a key has spent. So for these two words, only the end of the name counts.
    private static bool IsSecretOfAnswer(string name) =>
        SecretNames.IsSecret(name)
        && (
            name.EndsWith("key", StringComparison.OrdinalIgnoreCase)
            || name.EndsWith("token", StringComparison.OrdinalIgnoreCase)
            || SecretNames.IsSecret(
                name.Replace("key", "", StringComparison.OrdinalIgnoreCase).Replace("token", "", StringComparison.OrdinalIgnoreCase)
            )
        );

    /// <summary>Whether a name is that of a header in which services usually take keys.</summary>
    public static bool IsUsual(string name)
    {
        foreach (string known in Names)
        {
            if (name.Equals(known, StringComparison.OrdinalIgnoreCase))
                return true;
        }
        return false;
    }
}
