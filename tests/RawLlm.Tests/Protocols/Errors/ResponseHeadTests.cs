using System.Globalization;
using RawLlm.Protocols;
using RawLlm.Tests.Faults;

namespace RawLlm.Tests.Protocols.Errors;

public sealed class ResponseHeadTests
{
    private const string Now = "Date: Fri, 30 Jan 2026 07:57:28 GMT";

    /// <summary>Headers, one per line, and the wait in milliseconds; null for none.</summary>
    public static TheoryData<string, double?> Waits =>
        new()
        {
            { "", null },
            { "Retry-After: 20", 20_000 },
            { "retry-after: 0", 0 },
            { "retry-after: 1.5", 1_500 },
            { "retry-after:  7 ", 7_000 },
            { "retry-after: 410400", 410_400_000 },
            { "retry-after: 00000000000030", 30_000 },
            { "retry-after: 99999999999999999999999999", 3650d * 86_400_000 },
            { "retry-after: 1e30", null },
            { "retry-after: NaN", null },
            { "retry-after: Infinity", null },
            { "retry-after: -1", null },
            { "retry-after: −5", null },
            { "retry-after: +5", null },
            { "retry-after: 1,5", null },
            { "retry-after: 1.", null },
            { "retry-after: .5", null },
            { "retry-after: 0x10", null },
            { "retry-after: ١٢", null },
            { "retry-after: soon", null },
            { "retry-after: 20s", 20_000 },
            { "retry-after: 1m30s", 90_000 },
            { "retry-after: 2 minutes", 120_000 },
            { "retry-after: 5 fortnights", null },
            { "retry-after-ms: 1500", 1_500 },
            { "retry-after-ms: 0.5", 0.5 },
            { "retry-after-ms: 250\nretry-after: 20", 250 },
            { "retry-after: 20\nretry-after-ms: 250", 250 },
            { "retry-after-ms: x\nretry-after: 20", 20_000 },
            { "retry-after-ms: -1\nretry-after: 20", 20_000 },
            { "retry-after-ms: 0\nretry-after: 1", 1_000 },
            { "retry-after-ms: 0", 0 },
            { "x-ms-retry-after-ms: 700", 700 },
            { "retry-after: \nretry-after: 3", 3_000 },
            { $"{Now}\nretry-after: Fri, 30 Jan 2026 07:57:58 GMT", 30_000 },
            { $"{Now}\nretry-after: Friday, 30-Jan-26 07:57:58 GMT", 30_000 },
            { $"{Now}\nretry-after: Fri Jan 30 07:57:58 2026", 30_000 },
            { $"{Now}\nretry-after: 2026-01-30T07:57:58Z", 30_000 },
            { $"{Now}\nretry-after: 2026-01-30T09:57:58.123456789+02:00", 30_123.4567 },
            { $"{Now}\nretry-after: Fri, 30 Jan 2026 07:57:00 GMT", 0 },
            { $"{Now}\nretry-after: Fri, 31 Dec 9999 23:59:59 GMT", 3650d * 86_400_000 },
            { $"{Now}\nretry-after: Fri, 31 Dec 100000 23:59:59 GMT", null },
            { $"{Now}\nretry-after: 12:30", null },
            { "retry-after: Fri, 30 Jan 2026 07:57:58 GMT", null },
            { "Date: yesterday\nretry-after: Fri, 30 Jan 2026 07:57:58 GMT", null },
            // The exhausted bucket, if no other header specifies the wait.
            {
                "x-ratelimit-remaining-requests: 0\nx-ratelimit-reset-requests: 6m0s\nx-ratelimit-remaining-tokens: 7\nx-ratelimit-reset-tokens: 17ms",
                360_000
            },
            {
                "x-ratelimit-remaining-requests: 0\nx-ratelimit-reset-requests: 17ms\nx-ratelimit-remaining-tokens: 0\nx-ratelimit-reset-tokens: 2s",
                2_000
            },
            { "x-ratelimit-remaining-requests: 1\nx-ratelimit-reset-requests: 6m0s", null },
            { "x-ratelimit-remaining-requests: 0\nx-ratelimit-reset-requests: 6m0s\nretry-after: 3", 3_000 },
            { "x-ratelimit-remaining-requests: 0\nx-ratelimit-reset-requests: 6m0s\nretry-after: nonsense", 360_000 },
            { "x-ratelimit-remaining-requests: 0\nx-ratelimit-reset-requests: -1", null },
            { "x-ratelimit-limit-requests: -1\nx-ratelimit-remaining-requests: 0\nx-ratelimit-reset-requests: 6m0s", null },
            { "x-ratelimit-limit-requests: 0\nx-ratelimit-remaining-requests: 0\nx-ratelimit-reset-requests: 6m0s", null },
            {
                $"{Now}\nanthropic-ratelimit-output-tokens-remaining: 0\nanthropic-ratelimit-output-tokens-reset: 2026-01-30T07:57:38Z",
                10_000
            },
            { "anthropic-ratelimit-output-tokens-remaining: 0\nanthropic-ratelimit-output-tokens-reset: 2026-01-30T07:57:38Z", null },
            { $"{Now}\nX-RateLimit-Remaining: 0\nX-RateLimit-Reset: 1769759908000", 60_000 },
            { $"{Now}\nX-RateLimit-Remaining: 0\nX-RateLimit-Reset: 1769759908", 60_000 },
            { "X-RateLimit-Remaining: 0\nX-RateLimit-Reset: 2", 2_000 },
            { $"{Now}\nX-RateLimit-Remaining: 0\nX-RateLimit-Reset: 1000", 1_000_000 },
            { $"{Now}\nX-RateLimit-Remaining: 0\nX-RateLimit-Reset: 99999999999999999999", null },
            { "RateLimit-Limit: 100\nRateLimit-Remaining: 0\nRateLimit-Reset: 50", 50_000 },
            { "RateLimit: limit=100, remaining=0, reset=5", 5_000 },
            { "RateLimit: \"default\";r=0;t=30", 30_000 },
            {
                "x-ratelimit-remaining-tokens-minute: 5\nx-ratelimit-reset-tokens-minute: 3.25\nx-ratelimit-remaining-tokens-day: 0\nx-ratelimit-reset-tokens-day: 33011.5",
                33_011_500
            },
        };

    [Theory]
    [MemberData(nameof(Waits))]
    [Case(130, 131)]
    public void RetryAfter_KnownHeaders_ReturnsDelay(string headers, double? milliseconds)
    {
        TimeSpan? expected = milliseconds is { } value ? TimeSpan.FromTicks((long)(value * TimeSpan.TicksPerMillisecond)) : null;

        Assert.Equal(expected, ResponseHead.RetryAfter(Parse(headers)));
        foreach (string culture in HostileCulture.Names)
            Assert.Equal(expected, HostileCulture.Under(culture, () => ResponseHead.RetryAfter(Parse(headers))));
    }

    /// <summary>Headers, and the limits as "subject limit/remaining reset", with a question mark for what is unknown.</summary>
    public static TheoryData<string, string, string> Limits =>
        new()
        {
            { "none", "content-type: application/json", "" },
            {
                "openai",
                "x-ratelimit-limit-requests: 500\nx-ratelimit-limit-tokens: 30000\nx-ratelimit-remaining-requests: 499\nx-ratelimit-remaining-tokens: 29900\nx-ratelimit-reset-requests: 120ms\nx-ratelimit-reset-tokens: 6m0s",
                "requests 500/499 120ms; tokens 30000/29900 360000ms"
            },
            {
                "groq",
                "x-ratelimit-limit-requests: 14400\nx-ratelimit-remaining-requests: 14370\nx-ratelimit-reset-requests: 2m59.56s\nx-ratelimit-limit-tokens: 18000\nx-ratelimit-remaining-tokens: 17997\nx-ratelimit-reset-tokens: 7.66s",
                "requests 14400/14370 179560ms; tokens 18000/17997 7660ms"
            },
            {
                "go durations",
                "x-ratelimit-reset-requests: 1h2m3.5s\nx-ratelimit-reset-tokens: 0",
                "requests ?/? 3723500ms; tokens ?/? 0ms"
            },
            { "reset of minus one", "x-ratelimit-limit-requests: 5\nx-ratelimit-reset-requests: -1", "requests 5/? ?" },
            {
                "anthropic",
                "anthropic-ratelimit-requests-limit: 4000\nanthropic-ratelimit-requests-remaining: 3999\nanthropic-ratelimit-requests-reset: 2025-09-13T11:13:20Z\nanthropic-ratelimit-tokens-limit: 2400000\nanthropic-ratelimit-input-tokens-limit: 2000000\nanthropic-ratelimit-input-tokens-remaining: 1988000\nanthropic-ratelimit-output-tokens-limit: 400000\nanthropic-ratelimit-output-tokens-reset: 2025-09-13T11:13:20Z",
                "requests 4000/3999 @2025-09-13T11:13:20; tokens 2400000/? ?; input 2000000/1988000 ?; output 400000/? @2025-09-13T11:13:20"
            },
            {
                "anthropic subscription",
                "anthropic-ratelimit-unified-status: allowed\nanthropic-ratelimit-unified-reset: 1769759907\nanthropic-ratelimit-unified-5h-reset: 1769759907",
                ""
            },
            {
                "azure unknown",
                "x-ratelimit-limit-requests: -1\nx-ratelimit-remaining-requests: -1\nx-ratelimit-limit-tokens: 0\nx-ratelimit-remaining-tokens: 0",
                ""
            },
            {
                "azure 2024, milliseconds",
                "x-ratelimit-abusepenalty-active: False\nx-ratelimit-limit-requests: 120\nx-ratelimit-limit-tokens: 120000\nx-ratelimit-remaining-requests: 119\nx-ratelimit-remaining-tokens: 119986\nx-ratelimit-renewalperiod-requests: 60\nx-ratelimit-renewalperiod-tokens: 60\nx-ratelimit-reset-requests: 500\nx-ratelimit-reset-tokens: 7",
                "requests 120/119 500ms; tokens 120000/119986 7ms"
            },
            {
                "azure 2026, seconds",
                "x-ratelimit-key: gpt-5.6-luna\nx-ratelimit-remaining-requests: 49\nx-ratelimit-reset-requests: 1\nx-ratelimit-limit-requests: 50\nx-ratelimit-renewalperiod-requests: 60\nx-ratelimit-remaining-tokens: 49974\nx-ratelimit-reset-tokens: 0\nx-ratelimit-limit-tokens: 50000\nx-ratelimit-renewalperiod-tokens: 60",
                "requests 50/49 1000ms; tokens 50000/49974 0ms"
            },
            {
                "azure exhausted",
                "x-ratelimit-remaining-requests: 0\nx-ratelimit-reset-requests: 58\nx-ratelimit-limit-requests: 50\nx-ratelimit-renewalperiod-requests: 60",
                "requests 50/0 58000ms"
            },
            {
                "openrouter",
                "X-RateLimit-Limit: 50\nX-RateLimit-Remaining: 0\nX-RateLimit-Reset: 1741305600000",
                "requests 50/0 @2025-03-07T00:00:00"
            },
            { "epoch seconds", "x-ratelimit-limit: 100\nx-ratelimit-reset: 1769759907", "requests 100/? @2026-01-30T07:58:27" },
            {
                "together",
                "x-ratelimit-limit: 10\nx-ratelimit-limit-tokens: 3000\nx-ratelimit-remaining: 19\nx-ratelimit-remaining-tokens: 2910\nx-ratelimit-reset: 2",
                "requests 10/19 2000ms; tokens 3000/2910 ?"
            },
            { "together tokens", "x-tokenlimit-limit: 3000\nx-tokenlimit-remaining: 2910", "tokens 3000/2910 ?" },
            {
                "mistral",
                "x-ratelimit-limit-req-minute: 360\nx-ratelimit-remaining-req-minute: 359\nx-ratelimit-limit-tokens-minute: 75000\nx-ratelimit-remaining-tokens-minute: 74932\nx-ratelimit-tokens-query-cost: 3\nx-ratelimit-limit-audio-seconds-minute: 2000",
                "requests 360/359 ?; tokens 75000/74932 ?"
            },
            {
                "windows, the shortest",
                "x-ratelimit-remaining-requests-day: 2879999\nx-ratelimit-remaining-requests-hour: 119999\nx-ratelimit-remaining-requests-minute: 1999\nx-ratelimit-remaining-tokens-day: 9223372036854767616",
                "requests ?/1999 ?; tokens ?/9223372036854767616 ?"
            },
            {
                "windows, the exhausted",
                "x-ratelimit-remaining-requests-minute: 1999\nx-ratelimit-remaining-requests-day: 0\nx-ratelimit-reset-requests-day: 2h",
                "requests ?/0 7200000ms"
            },
            { "window alone", "x-ratelimit-limit-minute: 400\nx-ratelimit-remaining-minute: 398", "requests 400/398 ?" },
            { "usage based gives way", "x-ratelimit-limit-tokens-usage-based: 90000\nx-ratelimit-limit-tokens: 5", "tokens 5/? ?" },
            {
                "usage based alone",
                "x-ratelimit-limit-tokens_usage_based: 90000\nx-ratelimit-reset-tokens_usage_based: 12ms",
                "tokens 90000/? 12ms"
            },
            {
                "fireworks",
                "x-ratelimit-limit-requests: 600\nx-ratelimit-limit-tokens-prompt: 60000\nx-ratelimit-limit-tokens-generated: 6000\nx-ratelimit-over-limit: no",
                "requests 600/? ?; input 60000/? ?; output 6000/? ?"
            },
            { "draft", "ratelimit-limit: 100, 100;w=60\nratelimit-remaining: 99\nratelimit-reset: 30", "requests 100/99 30000ms" },
            { "draft in one", "RateLimit-Policy: \"default\";q=100;w=60\nRateLimit: \"default\";r=50;t=30", "requests 100/50 30000ms" },
            { "images are no limit of ours", "x-ratelimit-limit-input-images: 50000\nx-ratelimit-remaining-input-images: 49999", "" },
            {
                "garbage",
                "x-ratelimit-limit-requests: X-RATELIMIT-XXX\nx-ratelimit-remaining-requests: many\nx-ratelimit-reset-requests: NaN\nx-ratelimit-: 5\nx-ratelimit-limit-limit: \nratelimit: =;,;=\nx-ratelimit-reset-tokens: 99999999999999999999999999999",
                ""
            },
            {
                "too large for a number",
                "x-ratelimit-limit-requests: 99999999999999999999\nx-ratelimit-remaining-requests: 5",
                "requests ?/5 ?"
            },
            { "fraction", "x-ratelimit-limit-requests: 120.0\nx-ratelimit-remaining-requests: 99.5", "requests 120/99 ?" },
            { "first of two", "x-ratelimit-limit-requests: 5\nX-RateLimit-Limit-Requests: 6", "requests 5/? ?" },
        };

    [Theory]
    [MemberData(nameof(Limits))]
    public void RateLimits_KnownHeaders_ReturnsLimits(string name, string headers, string expected)
    {
        Assert.True(expected == Show(ResponseHead.RateLimits(Parse(headers))), $"{name}: {Show(ResponseHead.RateLimits(Parse(headers)))}");
        foreach (string culture in HostileCulture.Names)
            Assert.Equal(expected, HostileCulture.Under(culture, () => Show(ResponseHead.RateLimits(Parse(headers)))));
    }

    [Fact]
    public void RateLimits_NoHeaders_ReturnsNull() => Assert.Null(ResponseHead.RateLimits([]));

    [Theory]
    [InlineData("x-request-id: req_1", "req_1")]
    [InlineData("X-Request-ID: req_1", "req_1")]
    [InlineData("request-id: req_011C", "req_011C")]
    [InlineData("x-amzn-RequestId: c198e874-36af", "c198e874-36af")]
    [InlineData("apim-request-id: a-1", "a-1")]
    [InlineData("x-ms-request-id: m-1", "m-1")]
    [InlineData("X-Generation-Id: gen-1", "gen-1")]
    [InlineData("mistral-correlation-id: 0199", "0199")]
    [InlineData("x-litellm-call-id: l-1", "l-1")]
    [InlineData("CF-RAY: 8f-FRA", "8f-FRA")]
    [InlineData("cf-ray: 8f-FRA\nx-request-id: req_1", "req_1")]
    [InlineData("cf-ray: 8f-FRA\nrequest-id: req_1", "req_1")]
    [InlineData("x-request-id: \nrequest-id: req_1", "req_1")]
    [InlineData("x-request-id:  req_1 ", "req_1")]
    [InlineData("x-request-id: a b\nrequest-id: req_1", "req_1")]
    [InlineData("x-request-id: \u202Eabc", null)]
    [InlineData("x-request-id: \u001b[31m", null)]
    [InlineData("server: x", null)]
    [InlineData("", null)]
    public void RequestId_SeveralHeaders_ReturnsServiceIdFirst(string headers, string? expected) =>
        Assert.Equal(expected, ResponseHead.RequestId(Parse(headers)));

    [Fact]
    public void RequestId_Overlong_IsIgnored() => Assert.Null(ResponseHead.RequestId([new("x-request-id", new string('x', 129))]));

    [Fact]
    public void Headers_OverlongValues_AreIgnored()
    {
        string digits = new('9', 1 << 20);
        KeyValuePair<string, string>[] headers =
        [
            new("retry-after", digits),
            new("retry-after-ms", digits),
            new("x-ratelimit-limit-requests", digits),
            new("x-ratelimit-" + digits, "1"),
            new("date", digits),
        ];

        Assert.Null(ResponseHead.RetryAfter(headers));
        Assert.Null(ResponseHead.RateLimits(headers));
    }

    [Fact]
    [Case(130)]
    public void RetryAfter_InHeaderBodyAndMessage_HeaderWins()
    {
        byte[] body = """{"error":{"message":"Please try again in 20s.","details":[{"retryDelay":"17s"}]}}"""u8.ToArray();

        Assert.Equal(5, Wait("retry-after: 5"));
        Assert.Equal(17, Wait("x-ratelimit-remaining-requests: 0\nx-ratelimit-reset-requests: 6m0s"));
        Assert.Equal(17, Wait("retry-after: 0"));

        double? Wait(string headers) => ErrorReader.Read(429, Parse(headers), body).RetryAfter?.TotalSeconds;
    }

    [Theory]
    [InlineData("Please try again in 20s.", 20_000d)]
    [InlineData("Please try again in 1m30s. Visit us.", 90_000d)]
    [InlineData("Please try again in 6ms.", 6d)]
    [InlineData("Please try again in 7m12.96s", 432_960d)]
    [InlineData("Please retry in 48.939935699s.", 48_939.9357)]
    [InlineData("Rate limit is exceeded. Try again in 20 seconds.", 20_000d)]
    [InlineData("Please retry after 2 minutes.", 120_000d)]
    [InlineData("5-hour usage limit reached. Resets in 13min.", 780_000d)]
    [InlineData("Weekly usage limit reached. Resets in 6hr 29min.", 23_340_000d)]
    [InlineData("Your limit will reset in 2 days.", 172_800_000d)]
    [InlineData("Please wait for 30 seconds.", 30_000d)]
    [InlineData("Try again in 1 hour, 5 minutes and 10 seconds.", 3_910_000d)]
    [InlineData("Try again in 5 seconds, 3 requests are left.", 5_000d)]
    [InlineData("Try again in 5 seconds and 3 requests are left.", 5_000d)]
    [InlineData("Try again in , 5 seconds.", null)]
    [InlineData("Try again in and 5 seconds.", null)]
    [InlineData("Please try again in a while.", null)]
    [InlineData("Please try again in 20", null)]
    [InlineData("Please try again in -3s", null)]
    [InlineData("Please try again in 99999999999999999999h", 3650d * 86_400_000)]
    [InlineData("Try again in", null)]
    [Case(130)]
    public void RetryAfter_InMessage_IsRead(string message, double? milliseconds)
    {
        TimeSpan? expected = milliseconds is { } value ? TimeSpan.FromTicks((long)Math.Round(value * TimeSpan.TicksPerMillisecond)) : null;
        byte[] body = System.Text.Encoding.UTF8.GetBytes($$$"""{"error":{"message":"{{{message}}}"}}""");

        Assert.Equal(expected, ErrorReader.Read(429, [], body).RetryAfter);
        foreach (string culture in HostileCulture.Names)
            Assert.Equal(expected, HostileCulture.Under(culture, () => ErrorReader.Read(429, [], body).RetryAfter));
    }

    [Fact]
    public void RetryAfter_RateLimitHeadersOnBadRequest_IsNull() =>
        Assert.Null(ErrorReader.Read(400, Parse("x-ratelimit-remaining-requests: 0\nx-ratelimit-reset-requests: 6m0s"), []).RetryAfter);

    [Fact]
    [Case(152)]
    public void ErrorMessage_AnyCulture_IsInvariant()
    {
        var headers = Parse("retry-after-ms: 1500");
        string expected = ErrorReader.Read(429, headers, []).Message;

        Assert.Contains("1.5 s", expected, StringComparison.Ordinal);
        foreach (string culture in HostileCulture.Names)
            Assert.Equal(expected, HostileCulture.Under(culture, () => ErrorReader.Read(429, headers, []).Message));
    }

    private static List<KeyValuePair<string, string>> Parse(string lines)
    {
        var headers = new List<KeyValuePair<string, string>>();
        foreach (string line in lines.Split('\n', StringSplitOptions.RemoveEmptyEntries))
        {
            int colon = line.IndexOf(':');
            headers.Add(new(line[..colon], line[(colon + 1)..]));
        }
        return headers;
    }

    private static string Show(RateLimits? limits)
    {
        if (limits is null)
            return "";
        (string Name, RateLimit? Limit)[] all =
        [
            ("requests", limits.Requests),
            ("tokens", limits.Tokens),
            ("input", limits.InputTokens),
            ("output", limits.OutputTokens),
        ];
        return string.Join(
            "; ",
            all.Where(l => l.Limit is not null)
                .Select(l => $"{l.Name} {Number(l.Limit!.Limit)}/{Number(l.Limit.Remaining)} {Reset(l.Limit)}")
        );
    }

    private static string Number(long? number) => number?.ToString(CultureInfo.InvariantCulture) ?? "?";

    private static string Reset(RateLimit limit) =>
        limit.ResetAfter is { } after ? after.TotalMilliseconds.ToString(CultureInfo.InvariantCulture) + "ms"
        : limit.ResetAt is { } at ? "@" + at.UtcDateTime.ToString("yyyy-MM-dd'T'HH':'mm':'ss", CultureInfo.InvariantCulture)
        : "?";
}
