using System.Security.Cryptography;
using System.Text;

namespace RawLlm;

/// <summary>The steps of AWS Signature Version 4. Each step can be compared with the published test vectors.</summary>
internal sealed class AwsSigning(string accessKeyId, ApiKey secret, string region, string service, string timestamp)
{
    private const string Algorithm = "AWS4-HMAC-SHA256";

    private string Date => timestamp[..8];

    private string Scope => $"{Date}/{region}/{service}/aws4_request";

    /// <summary>Signs a request.</summary>
    /// <param name="method">The HTTP method.</param>
    /// <param name="path">The path as it is on the wire.</param>
    /// <param name="query">The query as it is on the wire, without the question mark.</param>
    /// <param name="headers">The headers to sign, in any order; a name may occur more than once.</param>
    /// <param name="body">The body.</param>
    public (string Canonical, string ToSign, string Authorization) Authorize(
        string method,
        string path,
        string query,
        IReadOnlyList<KeyValuePair<string, string>> headers,
        ReadOnlySpan<byte> body
    )
    {
        var sorted = new SortedDictionary<string, string>(StringComparer.Ordinal);
        foreach (var (name, value) in headers)
        {
            string key = name.ToLowerInvariant();
            sorted[key] = sorted.TryGetValue(key, out string? before) ? $"{before},{CollapseWhiteSpace(value)}" : CollapseWhiteSpace(value);
        }
        string signed = string.Join(';', sorted.Keys);
        var canonical = new StringBuilder();
        canonical.Append(method).Append('\n').Append(CanonicalPath(path)).Append('\n').Append(CanonicalQuery(query)).Append('\n');
        foreach (var (name, value) in sorted)
            canonical.Append(name).Append(':').Append(value).Append('\n');
        canonical.Append('\n').Append(signed).Append('\n').Append(Hex(SHA256.HashData(body)));

        string request = canonical.ToString();
        string toSign = $"{Algorithm}\n{timestamp}\n{Scope}\n{Hex(SHA256.HashData(Encoding.UTF8.GetBytes(request)))}";
        string signature = Hex(HMACSHA256.HashData(Key(), Encoding.UTF8.GetBytes(toSign)));
        return (request, toSign, $"{Algorithm} Credential={accessKeyId}/{Scope}, SignedHeaders={signed}, Signature={signature}");
    }

    private byte[] Key()
    {
        byte[] first = Encoding.UTF8.GetBytes("AWS4" + secret.Reveal());
        try
        {
            byte[] key = HMACSHA256.HashData(first, Encoding.UTF8.GetBytes(Date));
            key = HMACSHA256.HashData(key, Encoding.UTF8.GetBytes(region));
            key = HMACSHA256.HashData(key, Encoding.UTF8.GetBytes(service));
            return HMACSHA256.HashData(key, "aws4_request"u8);
        }
        finally
        {
            CryptographicOperations.ZeroMemory(first);
        }
    }

    // Drops empty segments and ".", lets ".." remove the segment before it, and keeps a trailing slash.
    private static string CanonicalPath(string path)
    {
        var segments = new List<string>();
        foreach (string segment in path.Split('/'))
        {
            if (segment == "..")
                segments.RemoveRange(Math.Max(0, segments.Count - 1), Math.Min(1, segments.Count));
            else if (segment is not ("" or "."))
                segments.Add(Encoded(segment));
        }
        bool endsInSlash = segments.Count > 0 && (path.EndsWith('/') || path.EndsWith("/.", StringComparison.Ordinal));
        return "/" + string.Join('/', segments) + (endsInSlash ? "/" : "");
    }

    private static string CanonicalQuery(string query)
    {
        if (query.Length == 0)
            return "";
        var pairs = new List<(string Name, string Value)>();
        foreach (string pair in query.Split('&', StringSplitOptions.RemoveEmptyEntries))
        {
            int equals = pair.IndexOf('=', StringComparison.Ordinal);
            string name = equals < 0 ? pair : pair[..equals];
            string value = equals < 0 ? "" : pair[(equals + 1)..];
            pairs.Add((Encoded(Uri.UnescapeDataString(name)), Encoded(Uri.UnescapeDataString(value))));
        }
        pairs.Sort(
            static (a, b) => string.CompareOrdinal(a.Name, b.Name) is var order and not 0 ? order : string.CompareOrdinal(a.Value, b.Value)
        );
        return string.Join('&', pairs.Select(pair => $"{pair.Name}={pair.Value}"));
    }

    private static string Encoded(string text)
    {
        var encoded = new StringBuilder(text.Length);
        foreach (byte b in Encoding.UTF8.GetBytes(text))
        {
            if (char.IsAsciiLetterOrDigit((char)b) || b is (byte)'-' or (byte)'.' or (byte)'_' or (byte)'~')
                encoded.Append((char)b);
            else
                encoded.Append('%').Append(b.ToString("X2", System.Globalization.CultureInfo.InvariantCulture));
        }
        return encoded.ToString();
    }

    // Trims white space at the ends and turns white space inside into single spaces.
    private static string CollapseWhiteSpace(string value) =>
        string.Join(' ', value.Split([' ', '\t', '\r', '\n'], StringSplitOptions.RemoveEmptyEntries));

    private static string Hex(byte[] bytes) => Convert.ToHexStringLower(bytes);
}
