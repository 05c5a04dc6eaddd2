using System.Buffers;
using System.Text;
using RawLlm.Protocols;

namespace RawLlm.Transport;

/// <summary>
/// A request as a command for curl and a POSIX shell that sends the same method, URL, headers and bytes, with a variable instead of each
/// secret.
/// </summary>
internal sealed class CurlCommand
{
    // Linux allows 128 KiB for one argument of a program (MAX_ARG_STRLEN); arguments of the shell's built-in printf may be longer.
    private const int LongestArgument = 100_000;

    // For larger bodies curl asks the server whether it wants the body, which the client does not.
    private const int LongestUnasked = 1 << 20;

    // Anything shorter may be part of any text.
    private const int ShortestSecret = 8;

    private const string Indent = " \\\n  ";
    private const string AnyKey = "API_KEY";
    private const string SessionToken = "X-Amz-Security-Token";

    private static readonly SearchValues<char> PlainCharacters = SearchValues.Create(
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789 :/._-?=&%+,;@~"
    );

    private readonly HttpRequestMessage _request;
    private readonly WireRequest _wire;
    private readonly Credential _credential;

    // The scope of an AWS signature, whether the library made it or a custom credential that chooses one for each request.
    private readonly (string Region, string Service)? _scope;
    private readonly StringBuilder _text = new();

    // Keys are replaced wherever they occur; a value that only has a secret's name, only in its place.
    private readonly List<(string Secret, string Variable, bool IsKey)> _secrets = [];

    private CurlCommand(HttpRequestMessage request, WireRequest wire, Credential credential)
    {
        _request = request;
        _wire = wire;
        _credential = credential;
        _scope = Scope(request);
    }

    /// <summary>Writes the command.</summary>
    /// <param name="request">The request as it would be sent.</param>
    /// <param name="wire">The wire request that it was made from.</param>
    /// <param name="credential">The credential that signed it.</param>
    /// <param name="variable">The environment variable that contains the key; null if none is known.</param>
    /// <exception cref="ArgumentException">The body is not text, so no shell command can contain it.</exception>
    public static string Write(HttpRequestMessage request, WireRequest wire, Credential credential, string? variable)
    {
        var command = new CurlCommand(request, wire, credential);
        string[] variables = command._scope is not null
            ? ["AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"]
            : [variable is not null && IsName(variable) ? variable : AnyKey];
        int place = 0;
        foreach (string secret in credential.Secrets ?? [])
            command.Variable(secret, variables[Math.Min(place++, variables.Length - 1)], isKey: true);
        return command.Write();
    }

    private string Write()
    {
        // Twice: a key that one header reveals is then removed from the headers before it, too.
        Headers();
        var headers = Headers();
        string? body = _wire.ContentType is null ? null : Body();
        var url = _request.RequestUri!;
        var address = Address(url.AbsoluteUri);
        if (_scope is not null)
        {
            _text.Append("# The signature is left out: curl (7.75 or later) creates its own, with the keys in the environment.\n");
            // Measured on 7.88.1; AWS encodes a path once more before signing it, for every service but S3.
            if (url.AbsolutePath.Contains('%', StringComparison.Ordinal))
            {
                _text.Append(
                    "# Older versions (such as 7.88) sign an escape in the URL, such as %3A, differently from AWS, which then refuses the request.\n"
                );
            }
        }
        bool isLong = body is not null && _wire.Body.Length > LongestArgument;
        if (isLong)
            AppendQuoted(_text.Append("printf %s "), Parts(body!)).Append(" |").Append(Indent);
        _text.Append("curl ");
        if (_wire.IsStream)
            _text.Append("-N ");
        // curl would take brackets and braces for patterns.
        if (url.PathAndQuery.AsSpan().ContainsAny("[]{}"))
            _text.Append("-g ");
        if (_wire.Method != (body is null ? "GET" : "POST"))
            AppendQuoted(_text.Append("-X "), [(_wire.Method, null)]).Append(' ');
        AppendQuoted(_text, address);
        if (_scope is var (region, service))
        {
            AppendQuoted(_text.Append(Indent).Append("--aws-sigv4 "), [($"aws:amz:{region}:{service}", null)]);
            _text.Append(Indent).Append("--user \"$AWS_ACCESS_KEY_ID:$AWS_SECRET_ACCESS_KEY\"");
        }
        bool hasAgent = false;
        foreach (var header in headers)
        {
            AppendQuoted(_text.Append(Indent).Append("-H "), header);
            hasAgent |= header[0].Text.StartsWith("User-Agent:", StringComparison.OrdinalIgnoreCase);
        }
        // The client sends no User-Agent of its own; curl would.
        if (!hasAgent)
            _text.Append(Indent).Append("-A ''");
        if (_wire.Body.Length > LongestUnasked)
            _text.Append(Indent).Append("-H 'Expect:'");
        if (isLong)
            _text.Append(Indent).Append("--data-binary @-");
        else if (body is not null)
            AppendQuoted(_text.Append(Indent).Append("--data-raw "), Parts(body));
        return _text.ToString();
    }

    private List<List<(string Text, string? Variable)>> Headers()
    {
        var headers = new List<List<(string Text, string? Variable)>>();
        foreach (var (name, values) in _request.Headers.NonValidated)
            Add(name, values.ToString());
        if (_wire.ContentType is not null && _request.Content is { } content)
        {
            foreach (var (name, values) in content.Headers.NonValidated)
                Add(name, values.ToString());
        }
        return headers;

        void Add(string name, string value)
        {
            if (_scope is not null && IsSigned(name))
            {
                if (name.Equals(SessionToken, StringComparison.OrdinalIgnoreCase))
                    headers.Add([(name + ": ", null), ("", "AWS_SESSION_TOKEN")]);
            }
            // curl removes a header that has no value, unless it is written with a semicolon.
            else if (value.Length == 0)
            {
                headers.Add([(name + ";", null)]);
            }
            else
            {
                headers.Add([(name + ": ", null), .. Value(name, value)]);
            }
        }
    }

    // "AWS4-HMAC-SHA256 Credential=ID/20261123/eu-central-1/bedrock/aws4_request, SignedHeaders=…, Signature=…"
    private static (string Region, string Service)? Scope(HttpRequestMessage request)
    {
        const string Start = "AWS4-HMAC-SHA256 Credential=";
        if (
            !request.Headers.NonValidated.TryGetValues("Authorization", out var values)
            || values.ToString() is not { } value
            || !value.StartsWith(Start, StringComparison.Ordinal)
        )
        {
            return null;
        }

        return value[Start.Length..].Split(',')[0].Split('/') is [.., var region, var service, "aws4_request"] ? (region, service) : null;
    }

    private static bool IsSigned(string name) =>
        name.Equals("Authorization", StringComparison.OrdinalIgnoreCase)
        || name.Equals("X-Amz-Date", StringComparison.OrdinalIgnoreCase)
        || name.Equals(SessionToken, StringComparison.OrdinalIgnoreCase);

    private List<(string Text, string? Variable)> Value(string name, string value)
    {
        // The placeholder that is sent if there is no key.
        if (
            _credential is HeaderCredential { IsSecret: false } own
            && own.Name.Equals(name, StringComparison.OrdinalIgnoreCase)
            && own.Placeholder == value
        )
        {
            return [(value, null)];
        }

        bool isKnown = KeyHeaders.IsUsual(name);
        bool isKey = isKnown || _wire.Secrets?.Contains(value) == true;
        if (!isKey && !IsSecretName(name))
            return Parts(value);
        int start = SecretNames.Start(name, value);
        return [(value[..start], null), ("", Variable(value[start..], isKnown ? AnyKey : name.ToUpperInvariant(), isKey))];
    }

    // Keys do not belong in a URL, but some services accept them there.
    private List<(string Text, string? Variable)> Address(string url)
    {
        int query = url.IndexOf('?', StringComparison.Ordinal);
        if (query < 0)
            return Parts(url);
        var parts = Parts(url[..query]);
        string separator = "?";
        foreach (string pair in url[(query + 1)..].Split('&'))
        {
            int value = pair.IndexOf('=', StringComparison.Ordinal) + 1;
            if (
                value > 0
                && value < pair.Length
                && (IsSecretName(pair[..(value - 1)]) || pair.StartsWith("sig=", StringComparison.OrdinalIgnoreCase))
            )
            {
                parts.AddRange([(separator + pair[..value], null), ("", Variable(pair[value..], AnyKey, isKey: false))]);
            }
            else
                parts.AddRange(Parts(separator + pair));
            separator = "&";
        }
        return parts;
    }

    // A session is often just a conversation, whose name may go to the service even over plain HTTP; readers of the command need not see
    // it.
    private static bool IsSecretName(string name) =>
        SecretNames.IsSecret(name) || name.Contains("session", StringComparison.OrdinalIgnoreCase);

    private string Body()
    {
        string body;
        try
        {
            body = new UTF8Encoding(false, throwOnInvalidBytes: true).GetString(_wire.Body.Span);
        }
        catch (DecoderFallbackException)
        {
            throw new ArgumentException("The request's body is not UTF-8 text, so it cannot be part of a shell command.");
        }
        return body.Contains('\0')
            ? throw new ArgumentException("The request's body contains a NUL character, so it cannot be part of a shell command.")
            : body;
    }

    // Splits a text around the keys that it contains.
    private List<(string Text, string? Variable)> Parts(string text)
    {
        var parts = new List<(string Text, string? Variable)> { (text, null) };
        // The longest first: one key may be the beginning of another.
        foreach (var (secret, variable, isKey) in _secrets.OrderByDescending(known => known.Secret.Length))
        {
            if (!isKey || secret.Length < ShortestSecret)
                continue;
            for (int i = 0; i < parts.Count; i++)
            {
                if (parts[i] is not (var part, null) || part.IndexOf(secret, StringComparison.Ordinal) is not (>= 0 and var at))
                    continue;
                parts[i] = (part[..at], null);
                parts.InsertRange(i + 1, [("", variable), (part[(at + secret.Length)..], null)]);
            }
        }
        return parts;
    }

    // Gives each secret a variable with a unique name.
    private string Variable(string secret, string wanted, bool isKey)
    {
        int at = _secrets.FindIndex(known => known.Secret == secret);
        if (at >= 0)
            return _secrets[at].Variable;
        string root = string.Concat(wanted.Select(c => char.IsAsciiLetterOrDigit(c) ? c : '_'));
        root = char.IsAsciiDigit(root[0]) ? "_" + root : root;
        string variable = root;
        for (int i = 2; _secrets.Exists(known => known.Variable == variable); i++)
            variable = $"{root}_{i}";
        _secrets.Add((secret, variable, isKey));
        return variable;
    }

    private static bool IsName(string text) =>
        text.Length > 0 && !char.IsAsciiDigit(text[0]) && text.All(c => char.IsAsciiLetterOrDigit(c) || c == '_');

    // In double quotes if a variable is among plain characters, otherwise in single quotes, in which only the closing quote has a meaning.
    private static StringBuilder AppendQuoted(StringBuilder text, IReadOnlyList<(string Text, string? Variable)> parts)
    {
        bool isPlain =
            parts.Any(part => part.Variable is not null) && parts.All(part => !part.Text.AsSpan().ContainsAnyExcept(PlainCharacters));
        if (isPlain)
        {
            text.Append('"');
            for (int i = 0; i < parts.Count; i++)
            {
                var (part, variable) = parts[i];
                bool goesOn =
                    i + 1 < parts.Count && parts[i + 1].Text is [var next, ..] && (char.IsAsciiLetterOrDigit(next) || next == '_');
                text.Append(
                    variable is null ? part
                    : goesOn ? $"${{{variable}}}"
                    : "$" + variable
                );
            }
            return text.Append('"');
        }
        bool isQuoted = false;
        foreach (var (part, variable) in parts)
        {
            if (variable is null && part.Length == 0)
                continue;
            if (isQuoted != (variable is null))
                text.Append('\'');
            isQuoted = variable is null;
            if (variable is null)
                text.Append(part.Replace("'", "'\\''", StringComparison.Ordinal));
            else
                text.Append("\"$").Append(variable).Append('"');
        }
        return isQuoted ? text.Append('\'') : text;
    }
}
