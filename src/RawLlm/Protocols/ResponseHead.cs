using System.Globalization;

namespace RawLlm.Protocols;

/// <summary>What the headers of a response say beyond HTTP: the request's id, the limits left, how long to wait. Total: garbage is ignored.</summary>
public static class ResponseHead
{
    private const int LongestId = 128;

    // The service's own name comes first; the names of what stands before it (a cloud's front, a content network) come last.
    private static readonly string[] IdNames =
    [
        "x-request-id", "request-id", "x-amzn-requestid", "apim-request-id", "x-ms-request-id", "x-generation-id", "mistral-correlation-id",
        "x-litellm-call-id", "x-correlation-id", "nvcf-reqid", "x-trace-id", "cf-ray",
    ];

    /// <summary>The service's id of the request, under any of the names that services use.</summary>
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

    /// <summary>What the answer cost, in US dollars, as LiteLLM's proxy says it; null when no header does.</summary>
    internal static decimal? Cost(IReadOnlyList<KeyValuePair<string, string>> headers) =>
        Find(headers, "x-litellm-response-cost") is { } text && decimal.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out decimal cost) && cost > 0 ? cost : null;

    /// <summary>What is left of the service's limits; null when no header says.</summary>
    public static RateLimits? RateLimits(IReadOnlyList<KeyValuePair<string, string>> headers)
    {
        ArgumentNullException.ThrowIfNull(headers);
        return new RateLimitTable(headers, Date(headers)).ToRateLimits();
    }

    /// <summary>How long the service asks to wait before the next try; null when it does not say.</summary>
    /// <remarks>
    /// First <c>retry-after-ms</c>, then <c>retry-after</c> (seconds, a duration, or a date, which counts from the response's own <c>date</c>; a client puts in the time of receipt where it has none),
    /// then the reset of the limits of which nothing is left. A moment in the past gives zero; nothing is longer than ten years.
    /// </remarks>
    public static TimeSpan? RetryAfter(IReadOnlyList<KeyValuePair<string, string>> headers) => StatedWait(headers) ?? ResetOfExhausted(headers);

    /// <summary>What the service asks for in so many words.</summary>
    internal static TimeSpan? StatedWait(IReadOnlyList<KeyValuePair<string, string>> headers)
    {
        ArgumentNullException.ThrowIfNull(headers);
        TimeSpan? wait = null;
        foreach (string name in (ReadOnlySpan<string>)["retry-after-ms", "x-ms-retry-after-ms"])
        {
            if (wait is null && Find(headers, name) is { } text && WaitTime.TryReadNumber(text, out double milliseconds))
                wait = WaitTime.Of(milliseconds / 1000);
        }
        // Azure (2026) says 0 milliseconds and 1 second in one response.
        return wait > TimeSpan.Zero ? wait : Seconds(headers) ?? wait;
    }

    /// <summary>How long it is until the limits of which nothing is left are full again.</summary>
    internal static TimeSpan? ResetOfExhausted(IReadOnlyList<KeyValuePair<string, string>> headers) =>
        new RateLimitTable(headers, Date(headers)).ResetOfExhausted();

    /// <summary>Whether the service says that the request should be sent again; null when it does not say.</summary>
    internal static bool? ShouldRetry(IReadOnlyList<KeyValuePair<string, string>> headers) =>
        Find(headers, "x-should-retry")?.Trim() is { } text && bool.TryParse(text, out bool should) ? should : null;

    /// <summary>The first value of a header that has one.</summary>
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

    /// <summary>When the response was made, by the server's clock; null where it does not tell.</summary>
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
