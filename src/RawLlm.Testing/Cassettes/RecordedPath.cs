using System.Text;

namespace RawLlm.Testing;

/// <summary>Reduces a URL to its path and query, with possible secrets and accounts masked.</summary>
internal static class RecordedPath
{
    private const char Mask = '*';
    private const int AwsAccountDigits = 12;
    private const int ShortestId = 24;

    private static readonly HashSet<string> KnownQueries = new(StringComparer.OrdinalIgnoreCase)
    {
        "alt",
        "api-version",
        "limit",
        "page",
        "pageSize",
        "after",
        "after_id",
        "before_id",
        "order",
        "task",
        "beta",
    };

    private static readonly HashSet<string> OwnerSegments = new(StringComparer.OrdinalIgnoreCase)
    {
        "accounts",
        "organizations",
        "projects",
        "teams",
        "workspaces",
    };

    // What follows is the name of a model, which may look like anything.
    private static readonly HashSet<string> ModelSegments = new(StringComparer.OrdinalIgnoreCase)
    {
        "deployments",
        "engines",
        "model",
        "models",
    };

    public static string Of(Uri url)
    {
        var text = new StringBuilder();
        string[] segments = url.AbsolutePath.Split('/');
        for (int i = 0; i < segments.Length; i++)
        {
            if (i > 0)
                text.Append('/');
            if (i > 0 && segments[i].Length > 0 && (OwnerSegments.Contains(segments[i - 1]) || IsId(segments[i]) || IsKey(segments, i)))
                text.Append(Mask);
            else
                AppendWithoutAccounts(segments[i], text);
        }
        char separator = '?';
        foreach (string pair in url.Query.TrimStart('?').Split('&', StringSplitOptions.RemoveEmptyEntries))
        {
            int equals = pair.IndexOf('=', StringComparison.Ordinal);
            string name = equals < 0 ? pair : pair[..equals];
            text.Append(separator);
            if (KnownQueries.Contains(name))
                text.Append(pair);
            else if (equals >= 0)
                text.Append(name).Append('=').Append(Mask);
            else
                text.Append(Mask);
            separator = '&';
        }
        return text.ToString();
    }

    /// <summary>Returns the parts of the path that look like keys, as they are in the URL.</summary>
    public static IEnumerable<string> KeysIn(Uri url)
    {
        string[] segments = url.AbsolutePath.Split('/');
        for (int i = 0; i < segments.Length; i++)
        {
            if (IsKey(segments, i))
                yield return segments[i];
        }
    }

    // Some gateways take their key in the path: https://gateway.example/sk-.../v1/
    private static bool IsKey(string[] segments, int index) =>
        !(index > 0 && ModelSegments.Contains(segments[index - 1])) && SecretText.IsLikely(Uri.UnescapeDataString(segments[index]));

    // The URLs of gateways contain the ID of an account, in hexadecimal digits.
    private static bool IsId(string segment)
    {
        if (segment.Length < ShortestId)
            return false;
        foreach (char c in segment)
        {
            if (!char.IsAsciiHexDigit(c) && c != '-')
                return false;
        }
        return true;
    }

    // An ARN contains the account number: arn:aws:bedrock:us-east-1:123456789012:inference-profile/...
    private static void AppendWithoutAccounts(string segment, StringBuilder text)
    {
        int at = 0;
        while (at < segment.Length)
        {
            int digits = 0;
            while (at + digits < segment.Length && char.IsAsciiDigit(segment[at + digits]))
                digits++;
            // In "%3A" the digit belongs to the escape.
            bool isEscape = digits > 0 && at > 0 && segment[at - 1] == '%';
            if (digits == AwsAccountDigits && !isEscape)
                text.Append(Mask);
            else
                text.Append(segment, at, digits);
            at += digits;
            if (at < segment.Length)
                text.Append(segment[at++]);
        }
    }
}
