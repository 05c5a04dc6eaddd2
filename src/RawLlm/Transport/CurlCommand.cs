using System.Buffers;
using System.Text;
using RawLlm.Protocols;

namespace RawLlm.Transport;

/// <summary>A request as a command for curl and a POSIX shell that sends the same method, address, headers and bytes, with a variable in place of each secret.</summary>
internal sealed class CurlCommand
{
    // Linux takes 128 KiB for one argument of a program (MAX_ARG_STRLEN); what printf of the shell itself is given may be longer.
    private const int LongestArgument = 100_000;

    // Beyond it curl asks the server whether it wants the body, which the client does not.
    private const int LongestUnasked = 1 << 20;

    // What is shorter may be a part of any text.
    private const int ShortestSecret = 8;

    private const string Indent = " \\\n  ";
    private const string AnyKey = "API_KEY";
    private const string SessionToken = "X-Amz-Security-Token";

    private static readonly SearchValues<char> PlainCharacters = SearchValues.Create("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789 :/._-?=&%+,;@~");

    private readonly HttpRequestMessage _request;
    private readonly WireRequest _wire;
    private readonly Credential _credential;

    // Whoever has signed it: the library's own, or a credential of the caller's that asks one for each request.
    private readonly (string Region, string Service)? _scope;
    private readonly StringBuilder _text = new();

    // Keys are looked for everywhere; what only sounds like a secret is one where it stands.
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
    /// <param name="wire">What it was made of.</param>
    /// <param name="credential">What has signed it.</param>
    /// <param name="variable">The environment variable that holds the key; null where none is known.</param>
    /// <exception cref="ArgumentException">The body is not text, so that no shell can hold it.</exception>
    public static string Write(HttpRequestMessage request, WireRequest wire, Credential credential, string? variable)
    {
        var command = new CurlCommand(request, wire, credential);
        string[] variables = command._scope is not null ? ["AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"] : [variable is not null && IsName(variable) ? variable : AnyKey];
        int place = 0;
        foreach (string secret in credential.Secrets ?? [])
            command.Variable(secret, variables[Math.Min(place++, variables.Length - 1)], isKey: true);
        return command.Write();
    }

    private string Write()
    {
        // Twice: what one header shows to be a key is then taken out of those before it, too.
        Headers();
        var headers = Headers();
        string? body = _wire.ContentType is null ? null : Body();
        var url = _request.RequestUri!;
        var address = Address(url.AbsoluteUri);
        if (_scope is not null)
        {
            _text.Append("# The signature is left out: curl makes one of its own (7.75 or later), with the keys in the environment.\n");
            // Measured on 7.88.1; AWS encodes a path once more before it is signed, for every service but S3.
            if (url.AbsolutePath.Contains('%', StringComparison.Ordinal))
                _text.Append("# Older ones (7.88 does) sign an escape in the address, such as %3A, otherwise than AWS, which then refuses the request.\n");
        }
        bool isLong = body is not null && _wire.Body.Length > LongestArgument;
        if (isLong)
            AppendQuoted(_text.Append("printf %s "), Parts(body!)).Append(" |").Append(Indent);
        _text.Append("curl ");
        if (_wire.IsStream)
            _text.Append("-N ");
        // Brackets and braces would be patterns to curl.
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
        // The client names no program of its own; curl would.
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
            // curl takes a header without a value for one to leave out, unless it ends so.
            else if (value.Length == 0)
                headers.Add([(name + ";", null)]);
            else
                headers.Add([(name + ": ", null), .. Value(name, value)]);
        }
    }

    // "AWS4-HMAC-SHA256 Credential=ID/20261123/eu-central-1/bedrock/aws4_request, SignedHeaders=…, Signature=…"
    private static (string Region, string Service)? Scope(HttpRequestMessage request)
    {
        const string Start = "AWS4-HMAC-SHA256 Credential=";
        if (!request.Headers.NonValidated.TryGetValues("Authorization", out var values) || values.ToString() is not { } value || !value.StartsWith(Start, StringComparison.Ordinal))
            return null;
        return value[Start.Length..].Split(',')[0].Split('/') is [.., var region, var service, "aws4_request"] ? (region, service) : null;
    }

    private static bool IsSigned(string name) =>
        name.Equals("Authorization", StringComparison.OrdinalIgnoreCase) || name.Equals("X-Amz-Date", StringComparison.OrdinalIgnoreCase) || name.Equals(SessionToken, StringComparison.OrdinalIgnoreCase);

    private List<(string Text, string? Variable)> Value(string name, string value)
    {
        // What goes out where there is no key.
        if (_credential is HeaderCredential { IsSecret: false } own && own.Name.Equals(name, StringComparison.OrdinalIgnoreCase) && own.Placeholder == value)
            return [(value, null)];
        bool isKnown = KeyHeaders.IsUsual(name);
        bool isKey = isKnown || _wire.Secrets?.Contains(value) == true;
        if (!isKey && !IsSecretName(name))
            return Parts(value);
        int start = SecretNames.Start(name, value);
        return [(value[..start], null), ("", Variable(value[start..], isKnown ? AnyKey : name.ToUpperInvariant(), isKey))];
    }

    // Keys do not belong into an address, but some services take them there.
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
            if (value > 0 && value < pair.Length && (IsSecretName(pair[..(value - 1)]) || pair.StartsWith("sig=", StringComparison.OrdinalIgnoreCase)))
                parts.AddRange([(separator + pair[..value], null), ("", Variable(pair[value..], AnyKey, isKey: false))]);
            else
                parts.AddRange(Parts(separator + pair));
            separator = "&";
        }
        return parts;
    }

    // A session is often no more than a conversation, which services may know over plain HTTP; whoever is shown the command need not.
    private static bool IsSecretName(string name) => SecretNames.IsSecret(name) || name.Contains("session", StringComparison.OrdinalIgnoreCase);

    private string Body()
    {
        string body;
        try
        {
            body = new UTF8Encoding(false, throwOnInvalidBytes: true).GetString(_wire.Body.Span);
        }
        catch (DecoderFallbackException)
        {
            throw new ArgumentException("The body of the request is not UTF-8 text, so that it cannot stand in a command of a shell.");
        }
        return body.Contains('\0') ? throw new ArgumentException("The body of the request holds a NUL, which cannot stand in a command of a shell.") : body;
    }

    // A text that holds a key, wherever it does.
    private List<(string Text, string? Variable)> Parts(string text)
    {
        var parts = new List<(string Text, string? Variable)> { (text, null) };
        // The longest first: one may be the beginning of another.
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

    // One variable for each secret, by a name that no other has.
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

    private static bool IsName(string text) => text.Length > 0 && !char.IsAsciiDigit(text[0]) && text.All(c => char.IsAsciiLetterOrDigit(c) || c == '_');

    // In double quotes where a variable stands among plain characters, else in single ones, in which nothing but their end means anything.
    private static StringBuilder AppendQuoted(StringBuilder text, IReadOnlyList<(string Text, string? Variable)> parts)
    {
        bool isPlain = parts.Any(part => part.Variable is not null) && parts.All(part => !part.Text.AsSpan().ContainsAnyExcept(PlainCharacters));
        if (isPlain)
        {
            text.Append('"');
            for (int i = 0; i < parts.Count; i++)
            {
                var (part, variable) = parts[i];
                bool goesOn = i + 1 < parts.Count && parts[i + 1].Text is [var next, ..] && (char.IsAsciiLetterOrDigit(next) || next == '_');
                text.Append(variable is null ? part : goesOn ? $"${{{variable}}}" : "$" + variable);
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
