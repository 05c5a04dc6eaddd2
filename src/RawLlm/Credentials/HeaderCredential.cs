using RawLlm.Protocols;

namespace RawLlm;

/// <summary>A key in one header, given or read from an environment variable on first use.</summary>
internal sealed class HeaderCredential : Credential
{
    private readonly string _header;
    private readonly string _prefix;
    private readonly string? _placeholder;
    private readonly Lazy<ApiKey?> _key;
    private string? _value;

    public HeaderCredential(string header, string prefix, string? key, string? placeholder, string? variable)
    {
        HeaderText.Check(header, "");
        _header = header;
        _prefix = prefix;
        _placeholder = placeholder;
        Variable = variable;
        if (variable is null)
        {
            var given = key is null ? null : ApiKey.From(key);
            _key = new Lazy<ApiKey?>(given);
        }
        else
        {
            // A variable that is set but empty counts as not set: nothing empty ever goes out.
            _key = new Lazy<ApiKey?>(() => Environment.GetEnvironmentVariable(variable) is { } value && !string.IsNullOrWhiteSpace(value) ? ApiKey.From(value) : null);
        }
    }

    public override string? Variable { get; }

    public override bool IsSecret => Key is not null;

    public override string? Problem
    {
        get
        {
            try
            {
                return Key is not null || Variable is null || _placeholder is not null ? null
                    : $"set the environment variable {Variable}, or give the key with Credential.{(_prefix.Length > 0 ? "Bearer(key)" : $"Header(\"{_header}\", key)")}";
            }
            catch (ArgumentException)
            {
                return $"the environment variable {Variable} holds a character that may not stand in a header; check how the key was copied";
            }
        }
    }

    internal override IEnumerable<string> Secrets => Key is { } key ? [key.Reveal()] : [];

    // A variable is only looked at here: the key itself is settled when a client is made.
    internal override string? Region =>
        (Variable is null ? Key?.Reveal() : Environment.GetEnvironmentVariable(Variable)?.Trim()) is { } key ? AwsRegion.OfKey(key) : null;

    private ApiKey? Key => _key.Value;

    public override Credential WithKey(string key)
    {
        ArgumentNullException.ThrowIfNull(key);
        return new HeaderCredential(_header, _prefix, key, null, variable: null);
    }

    public override void Sign(WireRequest request)
    {
        if ((_value ??= (Key?.Reveal() ?? _placeholder) is { } key ? _prefix + key : null) is { } value)
            request.SetHeader(_header, value);
    }

    public override string ToString() => $"{_header}: {_prefix}{(IsSecret ? "[redacted]" : _placeholder ?? "(none)")}";
}
