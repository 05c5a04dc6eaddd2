using System.Globalization;

namespace RawLlm.Protocols;

/// <summary>
/// Reads durations and moments as services write them. Never throws: invalid text returns false or 0; long durations are cut to
/// <see cref="Longest"/>.
/// </summary>
internal static class WaitTime
{
    /// <summary>The longest wait that is reported; it leaves room for callers to add to it.</summary>
    public static readonly TimeSpan Longest = TimeSpan.FromDays(3650);

    private const int LongestText = 64;

    private static readonly string[] Moments =
    [
        "ddd, dd MMM yyyy HH':'mm':'ss 'GMT'",
        "ddd, d MMM yyyy HH':'mm':'ss 'GMT'",
        "dddd, dd-MMM-yy HH':'mm':'ss 'GMT'",
        "ddd MMM d HH':'mm':'ss yyyy",
        "ddd MMM  d HH':'mm':'ss yyyy",
        "yyyy-MM-dd'T'HH':'mm':'ssK",
        "yyyy-MM-dd'T'HH':'mm':'ss'.'FFFFFFFK",
    ];

    /// <summary>Returns seconds as a duration within the limits.</summary>
    public static TimeSpan Of(double seconds) =>
        seconds >= Longest.TotalSeconds ? Longest
        : seconds > 0 ? TimeSpan.FromTicks((long)Math.Round(seconds * TimeSpan.TicksPerSecond))
        : TimeSpan.Zero;

    /// <summary>Reads a text that consists of a number: digits with or without a fraction, and neither sign nor exponent.</summary>
    public static bool TryReadNumber(ReadOnlySpan<char> text, out double value)
    {
        text = text.Trim();
        value = 0;
        return text.Length is > 0 and <= LongestText && ReadNumber(text, out value) == text.Length;
    }

    /// <summary>Reads a text that consists of a duration such as <c>17ms</c>, <c>6m0s</c> or <c>1h2m3.5s</c>.</summary>
    public static bool TryReadDuration(ReadOnlySpan<char> text, out TimeSpan wait)
    {
        text = text.Trim();
        wait = default;
        return text.Length is > 0 and <= LongestText && ReadDuration(text, out wait) == text.Length;
    }

    /// <summary>Reads the duration that a text begins with, with long or short units.</summary>
    /// <returns>The number of characters read; 0 if there is no duration.</returns>
    public static int ReadDuration(ReadOnlySpan<char> text, out TimeSpan wait)
    {
        double seconds = 0;
        int end = 0;
        for (int i = 0; i < text.Length; i = end)
        {
            i += Separator(text[i..], isFirst: i == 0);
            int digits = ReadNumber(text[i..], out double value);
            if (digits == 0)
                break;
            i += digits;
            i += Spaces(text[i..]);
            int letters = ReadUnit(text[i..], out double unit);
            if (letters == 0)
                break;
            seconds += value * unit;
            end = i + letters;
        }
        wait = Of(seconds);
        return end;
    }

    /// <summary>Reads the duration that a text begins with in clock format: <c>06:41:12</c>, or <c>5.03:23:11</c> with days.</summary>
    public static bool ReadClock(ReadOnlySpan<char> text, out TimeSpan wait)
    {
        int length = 0;
        while (length < text.Length && length < LongestText && (char.IsAsciiDigit(text[length]) || text[length] is ':' or '.'))
            length++;
        wait = default;
        // A number alone would be days. The text may end with the period of a sentence.
        if (
            !text[..length].Contains(':')
            || !TimeSpan.TryParseExact(text[..length].TrimEnd('.'), "c", CultureInfo.InvariantCulture, out wait)
        )
        {
            return false;
        }

        wait = wait > Longest ? Longest : wait;
        return true;
    }

    /// <summary>Reads a moment: an HTTP date in any of its three forms, or RFC 3339.</summary>
    public static bool TryReadMoment(string text, out DateTimeOffset moment)
    {
        text = text.Trim();
        moment = default;
        if (text.Length is 0 or > LongestText)
            return false;
        return DateTimeOffset.TryParseExact(
            Shorten(text),
            Moments,
            CultureInfo.InvariantCulture,
            DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal,
            out moment
        );
    }

    /// <summary>Returns the time from one moment to a later one; zero if that is in the past.</summary>
    public static TimeSpan Between(DateTimeOffset from, DateTimeOffset to)
    {
        var wait = to - from;
        return wait < TimeSpan.Zero ? TimeSpan.Zero
            : wait > Longest ? Longest
            : wait;
    }

    // RFC 3339 allows any number of digits after the decimal point; the platform accepts seven.
    private static string Shorten(string text)
    {
        int point = text.IndexOf('.');
        if (point < 0)
            return text;
        int end = point + 1;
        while (end < text.Length && char.IsAsciiDigit(text[end]))
            end++;
        return end - point > 8 ? string.Concat(text.AsSpan(0, point + 8), text.AsSpan(end)) : text;
    }

    private static int Spaces(ReadOnlySpan<char> text)
    {
        int i = 0;
        while (i < text.Length && text[i] == ' ')
            i++;
        return i;
    }

    // What may stand between two parts of a duration: "1 hour and 5 minutes", "1 hour, 5 minutes".
    private static int Separator(ReadOnlySpan<char> text, bool isFirst)
    {
        int length = isFirst || text is not [',', ..] ? 0 : 1;
        length += Spaces(text[length..]);
        if (!isFirst && length > 0 && text[length..].StartsWith("and ", StringComparison.OrdinalIgnoreCase))
            length += "and ".Length;
        return length + Spaces(text[length..]);
    }

    private static int ReadNumber(ReadOnlySpan<char> text, out double value)
    {
        value = 0;
        int i = 0;
        while (i < text.Length && char.IsAsciiDigit(text[i]))
            value = value * 10 + (text[i++] - '0');
        if (i == 0 || i + 1 >= text.Length || text[i] != '.' || !char.IsAsciiDigit(text[i + 1]))
            return i;
        double scale = 1;
        for (i++; i < text.Length && char.IsAsciiDigit(text[i]); i++)
            value += (text[i] - '0') * (scale /= 10);
        return i;
    }

    private static int ReadUnit(ReadOnlySpan<char> text, out double seconds)
    {
        int length = 0;
        while (length < text.Length && char.IsLetter(text[length]))
            length++;
        seconds = text[..length] switch
        {
            "ns" => 1e-9,
            "us" or "µs" or "μs" => 1e-6,
            "ms" or "millisecond" or "milliseconds" => 1e-3,
            "s" or "sec" or "secs" or "second" or "seconds" => 1,
            "m" or "min" or "mins" or "minute" or "minutes" => 60,
            "h" or "hr" or "hrs" or "hour" or "hours" => 3600,
            "d" or "day" or "days" => 86400,
            _ => 0,
        };
        return seconds > 0 ? length : 0;
    }
}
