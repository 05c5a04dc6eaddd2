using System.Collections.ObjectModel;
using System.Globalization;

namespace RawLlm.Testing;

/// <summary>The headers of scripted responses.</summary>
internal static class ServedHeaders
{
    /// <summary>Checks and copies the headers that a test specifies.</summary>
    /// <exception cref="ArgumentException">A header is not allowed in a response.</exception>
    public static IReadOnlyDictionary<string, string> Check(IReadOnlyDictionary<string, string> headers)
    {
        ArgumentNullException.ThrowIfNull(headers);
        var own = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
        using var response = new HttpResponseMessage { Content = new ByteArrayContent([]) };
        foreach (var (name, value) in headers)
        {
            ArgumentNullException.ThrowIfNull(value, nameof(headers));
            if (!response.Headers.TryAddWithoutValidation(name, value) && !response.Content.Headers.TryAddWithoutValidation(name, value))
                throw new ArgumentException($"\"{name}\" is not a valid header name.", nameof(headers));
            own[name] = value;
        }
        return new ReadOnlyDictionary<string, string>(own);
    }

    /// <summary>Adds the limits in OpenAI's headers, such as <c>x-ratelimit-remaining-requests</c>, with resets as durations.</summary>
    /// <remarks>Source: platform.openai.com/docs/guides/rate-limits, "Rate limits in headers". OpenAI has no separate headers for input and
    /// output tokens; services that have them name them in this way.</remarks>
    public static void AddAsOpenAI(RateLimits limits, DateTimeOffset now, Dictionary<string, string> headers) =>
        AddAll(
            limits,
            (subject, limit) =>
            {
                Add(headers, $"x-ratelimit-limit-{subject}", limit.Limit);
                Add(headers, $"x-ratelimit-remaining-{subject}", limit.Remaining);
                if ((limit.ResetAfter ?? limit.ResetAt - now) is { } wait)
                    headers[$"x-ratelimit-reset-{subject}"] = Duration(wait);
            }
        );

    /// <summary>
    /// Adds the limits in Anthropic's headers, such as <c>anthropic-ratelimit-requests-remaining</c>, with resets as points in time.
    /// </summary>
    /// <remarks>Source: docs.claude.com, "Rate limits", "Response headers".</remarks>
    public static void AddAsAnthropic(RateLimits limits, DateTimeOffset now, Dictionary<string, string> headers) =>
        AddAll(
            limits,
            (subject, limit) =>
            {
                Add(headers, $"anthropic-ratelimit-{subject}-limit", limit.Limit);
                Add(headers, $"anthropic-ratelimit-{subject}-remaining", limit.Remaining);
                if ((limit.ResetAt ?? now + limit.ResetAfter) is { } moment)
                {
                    headers[$"anthropic-ratelimit-{subject}-reset"] = moment.UtcDateTime.ToString(
                        "yyyy-MM-dd'T'HH:mm:ss.FFFFFFF'Z'",
                        CultureInfo.InvariantCulture
                    );
                }
            }
        );

    private static void AddAll(RateLimits limits, Action<string, RateLimit> add)
    {
        foreach (
            var (subject, limit) in ((string, RateLimit?)[])
                [
                    ("requests", limits.Requests),
                    ("tokens", limits.Tokens),
                    ("input-tokens", limits.InputTokens),
                    ("output-tokens", limits.OutputTokens),
                ]
        )
        {
            if (limit is not null)
                add(subject, limit);
        }
    }

    private static void Add(Dictionary<string, string> headers, string name, long? count)
    {
        if (count is { } known)
            headers[name] = known.ToString(CultureInfo.InvariantCulture);
    }

    // 17ms, 6m0s, 1h2m3.5s
    private static string Duration(TimeSpan wait)
    {
        if (wait < TimeSpan.FromSeconds(1))
            return string.Create(CultureInfo.InvariantCulture, $"{Math.Max(0, Math.Ceiling(wait.TotalMilliseconds))}ms");
        string hours = wait.TotalHours >= 1 ? string.Create(CultureInfo.InvariantCulture, $"{(long)wait.TotalHours}h") : "";
        string minutes = wait.TotalMinutes >= 1 ? string.Create(CultureInfo.InvariantCulture, $"{wait.Minutes}m") : "";
        return string.Create(CultureInfo.InvariantCulture, $"{hours}{minutes}{wait.Seconds + wait.Milliseconds / 1000m:0.###}s");
    }
}
