using System.Globalization;

namespace RawLlm.Protocols;

/// <summary>The rate limits in a response's headers, in all dialects: one cell for each subject and window.</summary>
internal sealed class RateLimitTable
{
    private const int Subjects = 4;
    private const int Windows = 6;
    private const int Requests = 0;
    private const int Tokens = 1;
    private const int InputTokens = 2;
    private const int OutputTokens = 3;
    private const int LongestName = 64;
    private const int LongestValue = 200;

    private static readonly string[] Prefixes = ["x-ratelimit-", "anthropic-ratelimit-", "ratelimit-", "x-rate-limit-"];

    private readonly Cell?[] _cells = new Cell?[Subjects * Windows];
    private readonly DateTimeOffset? _date;

    /// <summary>Reads the headers. Headers that contain no limit, or are not understood, are ignored.</summary>
    /// <param name="headers">The response's headers.</param>
    /// <param name="date">The service's clock according to the response, to which moments are relative.</param>
    public RateLimitTable(IReadOnlyList<KeyValuePair<string, string>> headers, DateTimeOffset? date)
    {
        _date = date;
        foreach (var (name, value) in headers)
        {
            if (name.Length <= LongestName && value.Length <= LongestValue)
                Read(name, value);
        }
    }

    /// <summary>Returns the limits for the user; null if there are none.</summary>
    public RateLimits? ToRateLimits()
    {
        var requests = Pick(Requests);
        var tokens = Pick(Tokens);
        var input = Pick(InputTokens);
        var output = Pick(OutputTokens);
        return requests is null && tokens is null && input is null && output is null
            ? null
            : new RateLimits
            {
                Requests = requests,
                Tokens = tokens,
                InputTokens = input,
                OutputTokens = output,
            };
    }

    /// <summary>Returns how long it takes until no limit is exhausted; null if none is, or if the service does not say.</summary>
    public TimeSpan? ResetOfExhausted()
    {
        TimeSpan? longest = null;
        foreach (var cell in _cells)
        {
            if (cell is not { IsExhausted: true })
                continue;
            var (after, at) = cell.Reset();
            var wait = after ?? (at is { } moment && _date is { } now ? WaitTime.Between(now, moment) : null);
            if (wait is not null && (longest is null || wait > longest))
                longest = wait;
        }
        return longest;
    }

    private RateLimit? Pick(int subject)
    {
        // The window that applies is the exhausted one, otherwise the shortest.
        Cell? best = null;
        for (int window = 0; window < Windows; window++)
        {
            if (_cells[subject * Windows + window] is { IsEmpty: false } cell && (best is null || (cell.IsExhausted && !best.IsExhausted)))
                best = cell;
        }
        if (best is null)
            return null;
        var (after, at) = best.Reset();
        return new RateLimit(best.KnownLimit, best.KnownRemaining, after, at);
    }

    private void Read(string name, string value)
    {
        if (
            name.Equals("ratelimit", StringComparison.OrdinalIgnoreCase)
            || name.Equals("ratelimit-policy", StringComparison.OrdinalIgnoreCase)
        )
        {
            ReadStructured(value);
            return;
        }
        if (name.StartsWith("x-tokenlimit-", StringComparison.OrdinalIgnoreCase))
        {
            ReadWords(name.AsSpan(13), Tokens, value);
            return;
        }
        foreach (string prefix in Prefixes)
        {
            if (name.StartsWith(prefix, StringComparison.OrdinalIgnoreCase))
            {
                ReadWords(name.AsSpan(prefix.Length), -1, value);
                return;
            }
        }
    }

    // The words of a name come in any order: limit-requests, requests-limit, remaining-tokens-minute, limit-tokens_usage_based.
    private void ReadWords(ReadOnlySpan<char> words, int subject, string value)
    {
        char field = '\0';
        int window = 0;
        Span<char> buffer = stackalloc char[LongestName];
        ReadOnlySpan<char> lower = buffer[..words.ToLowerInvariant(buffer)];
        foreach (var range in lower.SplitAny('-', '_'))
        {
            switch (lower[range])
            {
                case "limit":
                    field = 'l';
                    break;
                case "remaining":
                    field = 'r';
                    break;
                case "reset":
                    field = 't';
                    break;
                case "renewalperiod":
                    field = 'p';
                    break;
                case "request" or "requests" or "req":
                    subject = Requests;
                    break;
                case "token" or "tokens":
                    subject = subject < 0 ? Tokens : subject;
                    break;
                case "input" or "prompt":
                    subject = InputTokens;
                    break;
                case "output" or "generated" or "completion":
                    subject = OutputTokens;
                    break;
                case "second" or "minute":
                    window = 1;
                    break;
                case "hour":
                    window = 2;
                    break;
                case "day":
                    window = 3;
                    break;
                case "week" or "month":
                    window = 4;
                    break;
                case "usage" or "based" or "project":
                    window = 5;
                    break;
                default:
                    return;
            }
        }
        if (field != '\0')
            Set(Math.Max(subject, Requests), window, field, value);
    }

    // IETF drafts: limit=100, remaining=50, reset=5 and "default";r=50;t=30 and "default";q=100;w=60.
    private void ReadStructured(string value)
    {
        foreach (var range in value.AsSpan().SplitAny(',', ';'))
        {
            var pair = value.AsSpan(range).Trim();
            int equals = pair.IndexOf('=');
            if (equals <= 0)
                continue;
            string text = pair[(equals + 1)..].ToString();
            switch (pair[..equals])
            {
                case "limit" or "q":
                    Set(Requests, 0, 'l', text);
                    break;
                case "remaining" or "r":
                    Set(Requests, 0, 'r', text);
                    break;
                case "reset" or "t":
                    Set(Requests, 0, 't', text);
                    break;
            }
        }
    }

    private void Set(int subject, int window, char field, string value)
    {
        var cell = _cells[subject * Windows + window] ??= new Cell();
        switch (field)
        {
            case 'l':
                cell.Limit ??= Count(value);
                break;
            case 'r':
                cell.Remaining ??= Count(value);
                break;
            case 't':
                cell.ResetText ??= value;
                break;
            case 'p':
                cell.Period ??= Count(value);
                break;
        }
    }

    // A count may be followed by a fraction or parameters: 100, 100;w=60.
    private static long? Count(string value)
    {
        var text = value.AsSpan().Trim();
        bool isNegative = text is ['-', ..];
        if (isNegative)
            text = text[1..];
        int length = 0;
        while (length < text.Length && char.IsAsciiDigit(text[length]))
            length++;
        if (length < text.Length && text[length] is not ('.' or ',' or ';' or ' '))
            return null;
        return long.TryParse(text[..length], NumberStyles.None, CultureInfo.InvariantCulture, out long count)
            ? (isNegative ? -1 : count)
            : null;
    }

    private sealed class Cell
    {
        private const double FirstEpochSecond = 1e9;
        private const double FirstEpochMillisecond = 1e11;
        private const double LastEpochMillisecond = 253402300799999;

        public long? Limit { get; set; }

        public long? Remaining { get; set; }

        public long? Period { get; set; }

        public string? ResetText { get; set; }

        // Azure (2024) sends 0 or -1 for a limit that it does not disclose; the remaining number then has no meaning either.
        public long? KnownLimit => Limit > 0 ? Limit : null;

        public long? KnownRemaining => Remaining > 0 || (Remaining == 0 && Limit is not <= 0) ? Remaining : null;

        public bool IsExhausted => KnownRemaining == 0;

        public bool IsEmpty => KnownLimit is null && KnownRemaining is null && Reset() is (null, null);

        public (TimeSpan? After, DateTimeOffset? At) Reset()
        {
            if (ResetText is not { } text)
                return default;
            if (WaitTime.TryReadNumber(text, out double number))
            {
                if (number < FirstEpochSecond)
                    return (WaitTime.Of(Seconds(number)), null);
                double milliseconds = number < FirstEpochMillisecond ? number * 1000 : number;
                return milliseconds <= LastEpochMillisecond ? (null, DateTimeOffset.FromUnixTimeMilliseconds((long)milliseconds)) : default;
            }
            if (WaitTime.TryReadDuration(text, out var wait))
                return (wait, null);
            return WaitTime.TryReadMoment(text, out var moment) ? (null, moment) : default;
        }

        // Azure's bare number was in milliseconds in 2024 and is in seconds in 2026; how much of the limit is used tells which (seen in
        // recordings).
        private double Seconds(double number)
        {
            if (Period is not { } period || KnownLimit is not { } limit || KnownRemaining is not { } remaining)
                return number;
            double expected = (double)Math.Max(0, limit - remaining) / limit * period;
            return number > 2 * expected + 1 ? number / 1000 : number;
        }
    }
}
