using RawLlm.Protocols;

namespace RawLlm;

/// <summary>The headers that carry keys, for those that are set by hand in place of a <see cref="Credential"/>.</summary>
internal static class KeyHeaders
{
    private static readonly string[] Names = ["Authorization", "x-api-key", "api-key", "x-goog-api-key"];

    /// <summary>Whether one of some headers carries a key.</summary>
    public static bool Any(IReadOnlyList<KeyValuePair<string, string>> headers)
    {
        foreach (var (name, _) in headers)
        {
            if (SecretNames.IsSecret(name))
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
            // What is null is refused when the request is written, which may be later.
            if (value is not null && SecretNames.IsSecret(name))
                (secrets ??= []).Add(value[SecretNames.Start(name, value)..]);
        }
        return secrets;
    }

    /// <summary>The keys in some headers, and those that a credential of the caller's own has set; null where there is none.</summary>
    public static List<string>? Secrets(IReadOnlyDictionary<string, string>? headers, WireRequest wire)
    {
        var given = headers is null ? null : Secrets(headers);
        if (wire.Secrets is not { } signed)
            return given;
        return given is null ? [.. signed] : [.. given, .. signed];
    }

    /// <summary>Notes what a credential of the caller's own has set: nobody but the header tells what is secret of it.</summary>
    /// <param name="wire">The request.</param>
    /// <param name="before">Its headers as they were.</param>
    public static void Note(WireRequest wire, ReadOnlySpan<KeyValuePair<string, string>> before)
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

    /// <summary>The first of some headers that carries a key, or is the credential's own, and in whose place the credential has set another value; null where there is none.</summary>
    /// <param name="wire">The request as it was signed.</param>
    /// <param name="headers">What was set by hand.</param>
    /// <param name="credential">What signed it.</param>
    /// <param name="instead">Headers that were set in place of some of them, which are passed over then; null where there are none.</param>
    public static string? Replaced(WireRequest wire, IReadOnlyDictionary<string, string> headers, Credential credential, IReadOnlyDictionary<string, string>? instead = null)
    {
        if (headers.Count == 0)
            return null;
        foreach (var (name, value) in headers)
        {
            // What is no key a credential of the caller's own may well complete.
            if (!SecretNames.IsSecret(name) && !(credential is HeaderCredential { Name: var own } && own.Equals(name, StringComparison.OrdinalIgnoreCase)))
                continue;
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

    /// <summary>The headers of an answer as a program may keep them: without cookies and whatever else opens something, and without the secrets of the request in any other.</summary>
    public static IReadOnlyList<KeyValuePair<string, string>> Told(IReadOnlyList<KeyValuePair<string, string>> headers, Redaction redaction)
    {
        var told = new List<KeyValuePair<string, string>>(headers.Count);
        foreach (var (name, value) in headers)
        {
            if (!IsSecretOfAnswer(name))
                told.Add(new(name, redaction.Apply(value)));
        }
        return told;
    }

    // The caller's dictionary may tell large letters from small ones, which headers do not (RFC 9110, 5.1).
    private static bool IsAmong(IReadOnlyDictionary<string, string> headers, string name)
    {
        foreach (var (other, _) in headers)
        {
            if (other.Equals(name, StringComparison.OrdinalIgnoreCase))
                return true;
        }
        return false;
    }

    // Limits are counted in tokens, and gateways tell how much a key has spent: there the last word alone says what the value is.
    private static bool IsSecretOfAnswer(string name) =>
        SecretNames.IsSecret(name) && (name.EndsWith("key", StringComparison.OrdinalIgnoreCase) || name.EndsWith("token", StringComparison.OrdinalIgnoreCase)
            || SecretNames.IsSecret(name.Replace("key", "", StringComparison.OrdinalIgnoreCase).Replace("token", "", StringComparison.OrdinalIgnoreCase)));

    /// <summary>Whether it is the usual name of the header in which services take keys.</summary>
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
