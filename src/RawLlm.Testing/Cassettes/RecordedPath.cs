using System.Text;

namespace RawLlm.Testing;

/// <summary>Path and query of an address without what may be secret or names an account.</summary>
internal static class RecordedPath
{
    private const char Mask = '*';
    private const int AwsAccountDigits = 12;
    private const int ShortestId = 24;

    private static readonly HashSet<string> KnownQueries = new(StringComparer.OrdinalIgnoreCase)
    {
        "alt", "api-version", "limit", "page", "pageSize", "after", "after_id", "before_id", "order", "task", "beta",
    };

    private static readonly HashSet<string> OwnerSegments = new(StringComparer.OrdinalIgnoreCase) { "accounts", "organizations", "projects", "teams", "workspaces" };

    public static string Of(Uri url)
    {
        var text = new StringBuilder();
        string[] segments = url.AbsolutePath.Split('/');
        for (int i = 0; i < segments.Length; i++)
        {
            if (i > 0)
                text.Append('/');
            if (i > 0 && segments[i].Length > 0 && (OwnerSegments.Contains(segments[i - 1]) || IsId(segments[i])))
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

    // Gateways are addressed by the id of an account, in hexadecimal digits.
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

    // A name of Amazon's holds the number of the account: arn:aws:bedrock:us-east-1:123456789012:inference-profile/...
    private static void AppendWithoutAccounts(string segment, StringBuilder text)
    {
        int at = 0;
        while (at < segment.Length)
        {
            int digits = 0;
            while (at + digits < segment.Length && char.IsAsciiDigit(segment[at + digits]))
                digits++;
            // Behind "%3A" the digit belongs to the escape.
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
