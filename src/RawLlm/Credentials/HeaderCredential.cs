using System.Diagnostics;
using RawLlm.Protocols;

namespace RawLlm;

/// <summary>
/// A key in one header, set in code or read from an environment variable. Each client reads the variable once, when it is created.
/// </summary>
internal sealed class HeaderCredential : Credential
{
    private readonly string _header;
    private readonly string _prefix;
    private readonly string? _placeholder;
    private readonly ApiKey? _key;

    // Whether the variable has been read already. It may have had no value.
    private readonly bool _isResolved;

    [DebuggerBrowsable(DebuggerBrowsableState.Never)]
    private string? _value;

    public HeaderCredential(string header, string prefix, string? key, string? placeholder, string? variable)
    {
        HeaderText.Check(header, "");
        _header = header;
        _prefix = prefix;
        _placeholder = placeholder;
        Variable = variable;
        _key = key is null ? null : ApiKey.From(key);
        _isResolved = variable is null;
    }

    private HeaderCredential(HeaderCredential source)
    {
        _header = source._header;
        _prefix = source._prefix;
        _placeholder = source._placeholder;
        Variable = source.Variable;
        _key = source.Key();
        _isResolved = true;
    }

    public override string? Variable { get; }

    /// <summary>The header that carries the key.</summary>
    public string Name => _header;

    /// <summary>Whether the key follows the word Bearer.</summary>
    public bool IsBearer => _prefix.Length > 0;

    /// <summary>The value to send if there is no key; null if nothing is sent.</summary>
    public string? Placeholder => _placeholder is null ? null : _prefix + _placeholder;

    public override bool IsSecret => RawKey is not null;

    public override string? Problem
    {
        get
        {
            try
            {
                return Key() is not null || Variable is null || _placeholder is not null
                    ? null
                    : $"set the environment variable {Variable}, or give the key with Credential.{(_prefix.Length > 0 ? "Bearer(key)" : $"Header(\"{_header}\", key)")}";
            }
            catch (ArgumentException)
            {
                return $"the environment variable {Variable} contains a character that is not allowed in a header; check how the key was copied";
            }
        }
    }

    [DebuggerBrowsable(DebuggerBrowsableState.Never)]
    internal override IEnumerable<string> Secrets => Key() is { } key ? [key.Reveal()] : [];

    // A variable's value can name a region even if it is not a key that can be sent.
    internal override string? Region => RawKey is { } key ? AwsRegion.OfKey(key) : null;

    // The key as it was set or as the variable contains it, whether or not it can be sent. An empty variable counts as unset: nothing empty
    // is ever sent.
    [DebuggerBrowsable(DebuggerBrowsableState.Never)]
    private string? RawKey =>
        _isResolved ? _key?.Reveal()
        : Environment.GetEnvironmentVariable(Variable!)?.Trim() is { Length: > 0 } value ? value
        : null;

    private ApiKey? Key() =>
        _isResolved ? _key
        : RawKey is { } value ? ApiKey.From(value)
        : null;

    public override Credential WithKey(string key)
    {
        ArgumentNullException.ThrowIfNull(key);
        return new HeaderCredential(_header, _prefix, key, null, variable: null);
    }

    internal override Credential Resolve() => _isResolved ? this : new HeaderCredential(this);

    public override void Sign(WireRequest request)
    {
        if ((_isResolved ? _value ??= Value() : Value()) is { } value)
            request.SetHeader(_header, value);
    }

    private string? Value() => (Key()?.Reveal() ?? _placeholder) is { } key ? _prefix + key : null;

    public override string ToString() => $"{_header}: {_prefix}{(IsSecret ? "[redacted]" : _placeholder ?? "(none)")}";
}
