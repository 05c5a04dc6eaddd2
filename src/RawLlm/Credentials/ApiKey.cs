using System.Diagnostics;
using RawLlm.Protocols;

namespace RawLlm;

/// <summary>A secret that cannot be printed: it has no getter, and its text form is <c>[redacted]</c>.</summary>
[DebuggerDisplay("[redacted]")]
internal sealed class ApiKey
{
    [DebuggerBrowsable(DebuggerBrowsableState.Never)]
    private readonly string _value;

    private ApiKey(string value) => _value = value;

    /// <summary>Takes a key; white space around it, as files with Windows line ends leave it, is dropped.</summary>
    /// <exception cref="ArgumentException">The key is empty, longer than 8 KiB, or holds a character that may not stand in a header; the key is not shown.</exception>
    public static ApiKey From(string key)
    {
        ArgumentNullException.ThrowIfNull(key);
        string trimmed = key.Trim();
        if (trimmed.Length == 0)
            throw new ArgumentException("The API key is empty. Leave it null where the service needs none.", nameof(key));
        if (trimmed.Contains(' ') || !HeaderText.IsValid(trimmed))
            throw new ArgumentException("The API key holds a character that may not stand in a header, or is longer than 8 KiB. Check how it was copied.", nameof(key));
        return new ApiKey(trimmed);
    }

    /// <summary><c>[redacted]</c>.</summary>
    public override string ToString() => "[redacted]";

    /// <summary>The key, for whoever sends it or takes it out of texts.</summary>
    public string Reveal() => _value;
}
