namespace RawLlm.Testing;

/// <summary>
/// The headers whose values a cassette contains. No others are written, because not all names of headers that carry keys and accounts are
/// known.
/// </summary>
internal static class RecordedHeaders
{
    private static readonly HashSet<string> OfRequests = new(StringComparer.OrdinalIgnoreCase)
    {
        "accept",
        "accept-encoding",
        "content-encoding",
        "content-type",
        "anthropic-version",
        "anthropic-beta",
        "openai-beta",
        "x-github-api-version",
    };

    // The headers that the library reads, and those that help to diagnose an answer.
    private static readonly HashSet<string> OfResponses = new(StringComparer.OrdinalIgnoreCase)
    {
        "content-encoding",
        "content-type",
        "date",
        "ratelimit",
        "retry-after",
        "retry-after-ms",
        "x-ms-retry-after-ms",
        "x-should-retry",
        "x-amzn-errortype",
        "x-request-id",
        "request-id",
        "x-amzn-requestid",
        "apim-request-id",
        "x-ms-request-id",
        "x-generation-id",
        "mistral-correlation-id",
        "x-litellm-call-id",
        "x-litellm-response-cost",
        "x-correlation-id",
        "nvcf-reqid",
        "x-trace-id",
        "cf-ray",
        "openai-processing-ms",
        "openai-version",
        "x-amzn-bedrock-input-token-count",
        "x-amzn-bedrock-output-token-count",
        "x-amzn-bedrock-invocation-latency",
    };

    private static readonly string[] ResponsePrefixes =
    [
        "x-ratelimit-",
        "anthropic-ratelimit-",
        "ratelimit-",
        "x-rate-limit-",
        "x-tokenlimit-",
    ];

    private static readonly string[] Accounts = ["organization", "project", "account"];

    public static bool MayRecordRequest(string name, IReadOnlyList<string> kept) => OfRequests.Contains(name) || IsKept(name, kept);

    public static bool MayRecordResponse(string name, IReadOnlyList<string> kept)
    {
        if (OfResponses.Contains(name) || IsKept(name, kept))
            return true;
        foreach (string prefix in ResponsePrefixes)
        {
            if (name.StartsWith(prefix, StringComparison.OrdinalIgnoreCase))
                return true;
        }
        return false;
    }

    /// <summary>
    /// Whether a header's name suggests that its value is a secret or an account, so that bodies are searched for the value as well.
    /// </summary>
    public static bool IsSecret(string name)
    {
        foreach (string word in Accounts)
        {
            if (name.Contains(word, StringComparison.OrdinalIgnoreCase))
                return true;
        }
        return SecretNames.IsSecret(name);
    }

    private static bool IsKept(string name, IReadOnlyList<string> kept)
    {
        foreach (string own in kept)
        {
            if (own.Equals(name, StringComparison.OrdinalIgnoreCase))
                return true;
        }
        return false;
    }
}
