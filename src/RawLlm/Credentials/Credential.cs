using RawLlm.Protocols;

namespace RawLlm;

/// <summary>How a request proves who sends it. Immutable and thread-safe; its text form never holds a secret.</summary>
public abstract class Credential
{
    /// <summary>Nothing is sent.</summary>
    public static Credential None { get; } = new NoCredential();

    /// <summary>What keeps a client from using this credential, as a sentence that says what to do; null when nothing does.</summary>
    public virtual string? Problem => null;

    /// <summary>True when what is sent is worth protecting; a placeholder is not.</summary>
    public virtual bool IsSecret => true;

    /// <summary>The environment variable that the key comes from, when it comes from one.</summary>
    public virtual string? Variable => null;

    /// <summary>The same kind of proof with another key; null where the proof is not a single key.</summary>
    /// <exception cref="ArgumentException">The key is empty or holds a character that may not stand in a header.</exception>
    public virtual Credential? WithKey(string key) => null;

    /// <summary>Adds to a finished request what proves the sender. Called again for every attempt.</summary>
    /// <remarks>Unless <see cref="IsSecret"/> is false, the headers that it sets are taken out of whatever an error quotes of the service, as the keys of the library's own credentials are.</remarks>
    public abstract void Sign(WireRequest request);

    /// <summary><c>Authorization: Bearer …</c>.</summary>
    /// <param name="key">The key; null where there is none.</param>
    /// <param name="placeholder">What goes out in place of a null key; nothing at all when null.</param>
    /// <exception cref="ArgumentException">The key is empty or holds a character that may not stand in a header.</exception>
    public static Credential Bearer(string? key, string? placeholder = null) =>
        new HeaderCredential("Authorization", "Bearer ", key, placeholder, variable: null);

    /// <summary><c>Authorization: Bearer …</c> with the key from an environment variable, read once, when the client is made.</summary>
    /// <param name="variable">The variable's name.</param>
    /// <param name="placeholder">What goes out when the variable is not set; null makes the key required.</param>
    public static Credential BearerFrom(string variable, string? placeholder = null) =>
        new HeaderCredential("Authorization", "Bearer ", null, placeholder, Named(variable));

    /// <summary>A header of its own that carries the key.</summary>
    /// <param name="name">The header's name, such as <c>x-api-key</c>.</param>
    /// <param name="key">The key.</param>
    /// <exception cref="ArgumentException">The key is empty or holds a character that may not stand in a header.</exception>
    public static Credential Header(string name, string key)
    {
        ArgumentNullException.ThrowIfNull(key);
        return new HeaderCredential(name, "", key, null, variable: null);
    }

    /// <summary>A header of its own with the key from an environment variable, read once, when the client is made.</summary>
    public static Credential HeaderFrom(string name, string variable) => new HeaderCredential(name, "", null, null, Named(variable));

    /// <summary>Secrets that must never show up in a message, for redaction of what a service echoes; null where only what is sent tells them.</summary>
    internal virtual IEnumerable<string>? Secrets => null;

    /// <summary>The same proof with whatever it takes from elsewhere read now, once: what a client keeps.</summary>
    internal virtual Credential Settle() => this;

    /// <summary>The AWS region for which the credential was made; null for one that does not tell.</summary>
    internal virtual string? Region => null;

    private static string Named(string variable)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(variable);
        return variable;
    }
}
