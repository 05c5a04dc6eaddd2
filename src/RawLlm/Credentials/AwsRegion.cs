using System.Text;

namespace RawLlm;

/// <summary>Finds the AWS region if the caller specifies none.</summary>
internal static class AwsRegion
{
    private const string ShortTermKey = "bedrock-api-key-";

    // The variables that name a region, in order of precedence.
    private static readonly string[] Variables = ["AWS_REGION", "AWS_DEFAULT_REGION"];

    /// <summary>Checks a region before it goes into a host name.</summary>
    /// <exception cref="ArgumentException">The region contains an invalid character.</exception>
    public static string Check(string region, string parameter)
    {
        ArgumentNullException.ThrowIfNull(region, parameter);
        return AwsName.IsRegion(region)
            ? region
            : throw new ArgumentException(
                "An AWS region consists of lowercase letters, digits and dashes, such as eu-central-1.",
                parameter
            );
    }

    /// <summary>Returns the region from the environment; null if none is set.</summary>
    /// <param name="read">Reads an environment variable.</param>
    /// <param name="problem">What is wrong with the value; null if nothing is.</param>
    public static string? OfEnvironment(Func<string, string?> read, out string? problem)
    {
        problem = null;
        foreach (string variable in Variables)
        {
            if (read(variable)?.Trim() is not { Length: > 0 } region)
                continue;
            if (AwsName.IsRegion(region))
                return region;
            problem = $"the environment variable {variable} does not contain an AWS region such as eu-central-1; correct or unset it";
            return null;
        }
        return null;
    }

    /// <summary>Returns the region from the environment.</summary>
    /// <exception cref="InvalidOperationException">No region is set, or the value is not a region; the message says what to do.</exception>
    public static string Required(Func<string, string?> read)
    {
        string? region = OfEnvironment(read, out string? problem);
        return region
            ?? throw new InvalidOperationException(
                problem is null
                    ? "No AWS region is known: specify one, such as eu-central-1, or set the environment variable AWS_REGION."
                    : $"No AWS region is known: {problem}."
            );
    }

    /// <summary>Returns the region that a key was created for; null if the key does not name one.</summary>
    /// <remarks>
    /// A short-term Bedrock key is a signed URL in base64, whose credential names the region. A long-term key names none.
    /// Source: docs.aws.amazon.com/bedrock/latest/userguide/api-keys.html (2025).
    /// </remarks>
    public static string? OfKey(string key)
    {
        if (!key.StartsWith(ShortTermKey, StringComparison.Ordinal))
            return null;
        byte[] bytes = new byte[key.Length];
        if (!Convert.TryFromBase64String(Padded(key[ShortTermKey.Length..]), bytes, out int length))
            return null;
        // bedrock.amazonaws.com/?…&X-Amz-Credential=AKIA…%2F20250714%2Feu-central-1%2Fbedrock%2Faws4_request&…
        const string Credential = "X-Amz-Credential=";
        string address = Encoding.UTF8.GetString(bytes, 0, length);
        int start = address.IndexOf(Credential, StringComparison.OrdinalIgnoreCase);
        if (start < 0)
            return null;
        string[] scope = Uri.UnescapeDataString(address[(start + Credential.Length)..].Split('&')[0]).Split('/');
        return scope.Length == 5 && AwsName.IsRegion(scope[2]) ? scope[2] : null;
    }

    private static string Padded(string base64)
    {
        string text = base64.Replace('-', '+').Replace('_', '/').TrimEnd('=');
        return text.PadRight((text.Length + 3) / 4 * 4, '=');
    }
}
