using System.Diagnostics;
using RawLlm.Protocols;

namespace RawLlm;

/// <summary>Authenticates requests. Immutable and thread-safe; its string form never contains a secret.</summary>
public abstract class Credential
{
    /// <summary>No authentication: nothing is sent.</summary>
    public static Credential None { get; } = new NoCredential();

    /// <summary>What prevents a client from using this credential, as a sentence that says what to do; null if nothing does.</summary>
    public virtual string? Problem => null;

    /// <summary>Whether the sent value must be protected; false for a placeholder.</summary>
    public virtual bool IsSecret => true;

    /// <summary>The environment variable that the key comes from; null if it comes from none.</summary>
    public virtual string? Variable => null;

    /// <summary>Returns the same kind of credential with another key; null if this kind does not consist of a single key.</summary>
    /// <exception cref="ArgumentException">The key is empty or contains a character that is not allowed in a header.</exception>
    public virtual Credential? WithKey(string key) => null;

    /// <summary>Authenticates a finished request. Called again for every attempt.</summary>
    /// <remarks>Unless <see cref="IsSecret"/> is false, the values of the headers that it sets are redacted from everything that an error
    /// quotes from the service, just like the keys of the library's own credentials.</remarks>
    public abstract void Sign(WireRequest request);

    /// <summary>Creates a credential that sends <c>Authorization: Bearer …</c>.</summary>
    /// <param name="key">The key; null if there is none.</param>
    /// <param name="placeholder">The text to send if the key is null; null to send nothing.</param>
    /// <exception cref="ArgumentException">The key is empty or contains a character that is not allowed in a header.</exception>
    public static Credential Bearer(string? key, string? placeholder = null) =>
        new HeaderCredential("Authorization", "Bearer ", key, placeholder, variable: null);

    /// <summary>Creates a credential that sends <c>Authorization: Bearer …</c> with the key from an environment variable, read once, when
    /// the client is created.</summary>
    /// <param name="variable">The variable's name.</param>
    /// <param name="placeholder">The text to send if the variable is not set; null makes the key required.</param>
    public static Credential BearerFrom(string variable, string? placeholder = null) =>
        new HeaderCredential("Authorization", "Bearer ", null, placeholder, Named(variable));

    /// <summary>Creates a credential that sends the key in a header of its own.</summary>
    /// <param name="name">The header's name, such as <c>x-api-key</c>.</param>
    /// <param name="key">The key.</param>
    /// <exception cref="ArgumentException">The key is empty or contains a character that is not allowed in a header.</exception>
    public static Credential Header(string name, string key)
    {
        ArgumentNullException.ThrowIfNull(key);
        return new HeaderCredential(name, "", key, null, variable: null);
    }

    /// <summary>Creates a credential that sends the key from an environment variable in a header of its own. The variable is read once,
    /// when the client is created.</summary>
    public static Credential HeaderFrom(string name, string variable) => new HeaderCredential(name, "", null, null, Named(variable));

    /// <summary>The secrets to redact from what a service echoes; null if they are known only from the headers that are sent.</summary>
    [DebuggerBrowsable(DebuggerBrowsableState.Never)]
    internal virtual IEnumerable<string>? Secrets => null;

    /// <summary>Returns the same credential with any external value read now, once. Clients keep this instance.</summary>
    internal virtual Credential Resolve() => this;

    /// <summary>The AWS region that the credential is for; null if it does not specify one.</summary>
    internal virtual string? Region => null;

    private static string Named(string variable)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(variable);
        return variable;
    }
}
