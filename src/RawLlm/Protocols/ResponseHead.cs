namespace RawLlm.Protocols;

/// <summary>What the headers of a response say beyond HTTP: the request's id, the limits left, how long to wait. Total: garbage is ignored.</summary>
public static class ResponseHead
{
    /// <summary>The service's id of the request, under any of the names that services use.</summary>
    public static string? RequestId(IReadOnlyList<KeyValuePair<string, string>> headers) => null;

    /// <summary>What is left of the service's limits; null when no header says.</summary>
    public static RateLimits? RateLimits(IReadOnlyList<KeyValuePair<string, string>> headers) => null;

    /// <summary>How long the service asks to wait before the next try; null when it does not say.</summary>
    public static TimeSpan? RetryAfter(IReadOnlyList<KeyValuePair<string, string>> headers) => null;
}
