using System.Diagnostics;
using RawLlm.Protocols;

namespace RawLlm;

/// <summary>A secret that cannot be printed: it has no getter, and its string form is <c>[redacted]</c>.</summary>
[DebuggerDisplay("[redacted]")]
internal sealed class ApiKey
{
    [DebuggerBrowsable(DebuggerBrowsableState.Never)]
    private readonly string _value;

    private ApiKey(string value) => _value = value;

    /// <summary>Creates a key; surrounding white space, such as from files with Windows line ends, is trimmed.</summary>
    /// <exception cref="ArgumentException">The key is empty, longer than 8 KiB, or contains a character that is not allowed in a header;
    /// the message does not show the key.</exception>
    public static ApiKey From(string key)
    {
        ArgumentNullException.ThrowIfNull(key);
        string trimmed = key.Trim();
        if (trimmed.Length == 0)
            throw new ArgumentException("The API key is empty. Use null if the service needs no key.", nameof(key));
        if (trimmed.Contains(' ') || !HeaderText.IsValid(trimmed))
        {
            throw new ArgumentException(
                "The API key contains a character that is not allowed in a header, or is longer than 8 KiB. Check how it was copied.",
                nameof(key)
            );
        }

        return new ApiKey(trimmed);
    }

    /// <summary>Returns <c>[redacted]</c>.</summary>
    public override string ToString() => "[redacted]";

    /// <summary>Returns the key, for code that sends it or redacts it from texts.</summary>
    public string Reveal() => _value;
}
