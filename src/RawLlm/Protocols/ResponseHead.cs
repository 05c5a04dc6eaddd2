using System.Globalization;

namespace RawLlm.Protocols;

/// <summary>
/// Reads the response headers that matter beyond HTTP: the request ID, the remaining rate limits, how long to wait. Never throws for
/// invalid values; it ignores them.
/// </summary>
public static class ResponseHead
{
    private const int LongestId = 128;

    // The service's own headers come first; those of a cloud's front end or a content delivery network come last.
    private static readonly string[] IdNames =
    [
        "x-request-id",
        "request-id",
        "x-amzn-requestid",
        "apim-request-id",
        "x-ms-request-id",
        "x-generation-id",
        "mistral-correlation-id",
        "x-litellm-call-id",
        "x-correlation-id",
        "nvcf-reqid",
        "x-trace-id",
        "cf-ray",
    ];

    /// <summary>Returns the service's ID of the request, from any of the headers that services use.</summary>
    public static string? RequestId(IReadOnlyList<KeyValuePair<string, string>> headers)
    {
        ArgumentNullException.ThrowIfNull(headers);
        foreach (string name in IdNames)
        {
            if (Find(headers, name)?.Trim() is { Length: > 0 and <= LongestId } id && IsPrintable(id))
                return id;
        }
        return null;
    }

    /// <summary>Returns the cost of the answer in US dollars, as reported by LiteLLM's proxy; null if no header contains it.</summary>
    internal static decimal? Cost(IReadOnlyList<KeyValuePair<string, string>> headers) =>
        Find(headers, "x-litellm-response-cost") is { } text
        && decimal.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out decimal cost)
        && cost > 0
            ? cost
            : null;

    /// <summary>Returns what is left of the service's rate limits; null if no header contains them.</summary>
    public static RateLimits? RateLimits(IReadOnlyList<KeyValuePair<string, string>> headers)
    {
        ArgumentNullException.ThrowIfNull(headers);
        return new RateLimitTable(headers, Date(headers)).ToRateLimits();
    }

    /// <summary>Returns how long the service asks to wait before the next attempt; null if it does not say.</summary>
    /// <remarks>
    /// Reads <c>retry-after-ms</c> first, then <c>retry-after</c> (seconds, a duration, or a date, which is relative to the response's own
    /// <c>date</c> header; a client adds the time of receipt if that header is missing), then the reset time of the exhausted limits. A
    /// moment in the past returns zero; no wait exceeds ten years.
    /// </remarks>
    public static TimeSpan? RetryAfter(IReadOnlyList<KeyValuePair<string, string>> headers) =>
        StatedWait(headers) ?? ResetOfExhausted(headers);

    /// <summary>Returns the wait that the service states explicitly.</summary>
    internal static TimeSpan? StatedWait(IReadOnlyList<KeyValuePair<string, string>> headers)
    {
        ArgumentNullException.ThrowIfNull(headers);
        TimeSpan? wait = null;
        foreach (string name in (ReadOnlySpan<string>)["retry-after-ms", "x-ms-retry-after-ms"])
        {
            if (wait is null && Find(headers, name) is { } text && WaitTime.TryReadNumber(text, out double milliseconds))
                wait = WaitTime.Of(milliseconds / 1000);
        }
        // Azure (2026) sends 0 milliseconds and 1 second in the same response.
        return wait > TimeSpan.Zero ? wait : Seconds(headers) ?? wait;
    }

    /// <summary>Returns how long it takes until the exhausted limits are reset.</summary>
    internal static TimeSpan? ResetOfExhausted(IReadOnlyList<KeyValuePair<string, string>> headers) =>
        new RateLimitTable(headers, Date(headers)).ResetOfExhausted();

    /// <summary>Returns whether the service asks to send the request again; null if it does not say.</summary>
    internal static bool? ShouldRetry(IReadOnlyList<KeyValuePair<string, string>> headers) =>
        Find(headers, "x-should-retry")?.Trim() is { } text && bool.TryParse(text, out bool should) ? should : null;

    /// <summary>Returns the first value of a header that is not blank.</summary>
    internal static string? Find(IReadOnlyList<KeyValuePair<string, string>> headers, string name)
    {
        for (int i = 0; i < headers.Count; i++)
        {
            if (headers[i].Key.Equals(name, StringComparison.OrdinalIgnoreCase) && !string.IsNullOrWhiteSpace(headers[i].Value))
                return headers[i].Value;
        }
        return null;
    }

    private static TimeSpan? Seconds(IReadOnlyList<KeyValuePair<string, string>> headers)
    {
        if (Find(headers, "retry-after") is not { } text)
            return null;
        if (WaitTime.TryReadNumber(text, out double seconds))
            return WaitTime.Of(seconds);
        if (WaitTime.TryReadDuration(text, out var wait))
            return wait;
        return WaitTime.TryReadMoment(text, out var moment) && Date(headers) is { } now ? WaitTime.Between(now, moment) : null;
    }

    /// <summary>Returns when the response was made, by the server's clock; null if the server does not say.</summary>
    internal static DateTimeOffset? Date(IReadOnlyList<KeyValuePair<string, string>> headers) =>
        Find(headers, "date") is { } text && WaitTime.TryReadMoment(text, out var moment) ? moment : null;

    private static bool IsPrintable(string text)
    {
        foreach (char c in text)
        {
            if (c is < '!' or > '~')
                return false;
        }
        return true;
    }
}
