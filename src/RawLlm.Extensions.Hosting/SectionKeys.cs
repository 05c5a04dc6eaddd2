using System.Globalization;
using Microsoft.Extensions.Configuration;

namespace RawLlm.Extensions.Hosting;

/// <summary>
/// Reads a configuration section key by key, because the configuration binder needs reflection or a source generator in the program.
/// </summary>
internal static class SectionKeys
{
    private const string Headers = "Headers";

    private static readonly string[] OfClient =
    [
        "Provider",
        "Model",
        "BaseUrl",
        "ApiKey",
        "ApiVersion",
        Headers,
        nameof(LlmClientOptions.AllowKeyOverPlainHttp),
        nameof(LlmClientOptions.Timeouts),
        nameof(LlmClientOptions.Retries),
    ];

    private static readonly string[] OfTimeouts =
    [
        nameof(LlmTimeouts.Connect),
        nameof(LlmTimeouts.StreamHeaders),
        nameof(LlmTimeouts.ReplyHeaders),
        nameof(LlmTimeouts.FirstEvent),
        nameof(LlmTimeouts.Idle),
        nameof(LlmTimeouts.Stall),
        nameof(LlmTimeouts.ReplyDeadline),
        nameof(LlmTimeouts.StreamDeadline),
    ];

    private static readonly string[] OfRetries =
    [
        nameof(LlmRetries.MaxAttempts),
        nameof(LlmRetries.MaxRetryAfter),
        nameof(LlmRetries.BaseDelay),
        nameof(LlmRetries.MaxDelay),
        nameof(LlmRetries.Budget),
    ];

    /// <summary>Refuses unknown keys, which would otherwise be ignored silently.</summary>
    /// <exception cref="ArgumentException">A key is unknown; the message names it and the known keys.</exception>
    public static void Check(IConfiguration section)
    {
        // The root of a configuration also contains the settings of others, such as environment variables.
        if (section is IConfigurationSection)
            Check(section, "", OfClient);
    }

    /// <summary>Returns a value without surrounding white space; null if it is missing or blank.</summary>
    public static string? Text(IConfiguration section, string key) =>
        section[key] is { } value && !string.IsNullOrWhiteSpace(value) ? value.Trim() : null;

    /// <summary>Returns the headers from the section; null if there are none.</summary>
    /// <exception cref="ArgumentException">They are not names with values. The message shows no value.</exception>
    public static IReadOnlyDictionary<string, string>? ReadHeaders(IConfiguration section)
    {
        var group = section.GetSection(Headers);
        if (!string.IsNullOrWhiteSpace(group.Value))
            throw new ArgumentException($"{Headers} is a subsection, not a value. Its keys are the names of the headers.");
        Dictionary<string, string>? headers = null;
        foreach (var child in group.GetChildren())
        {
            if (child.GetChildren().Any())
                throw new ArgumentException($"{Headers}:{child.Key} is a value, not a subsection: remove the keys below it.");
            if (Text(group, child.Key) is { } value)
                (headers ??= new(StringComparer.OrdinalIgnoreCase))[child.Key] = value;
        }
        return headers;
    }

    /// <summary>Returns the options with what the section sets of them.</summary>
    /// <exception cref="ArgumentException">A key is unknown or a value is invalid.</exception>
    public static LlmClientOptions Read(IConfiguration section, LlmClientOptions options)
    {
        if (Text(section, nameof(LlmClientOptions.AllowKeyOverPlainHttp)) is { } allows)
        {
            options = options with
            {
                AllowKeyOverPlainHttp = bool.TryParse(allows, out bool isAllowed)
                    ? isAllowed
                    : throw new ArgumentException($"{nameof(LlmClientOptions.AllowKeyOverPlainHttp)} is neither true nor false."),
            };
        }
        if (Group(section, nameof(LlmClientOptions.Timeouts), OfTimeouts) is { } times)
            options = options with { Timeouts = Read(times, options.Timeouts) };
        if (Group(section, nameof(LlmClientOptions.Retries), OfRetries) is { } retries)
            options = options with { Retries = Read(retries, options.Retries) };
        return options;
    }

    private static LlmTimeouts Read(IConfigurationSection section, LlmTimeouts known) =>
        known with
        {
            Connect = Wait(section, nameof(LlmTimeouts.Connect)) ?? known.Connect,
            StreamHeaders = Wait(section, nameof(LlmTimeouts.StreamHeaders)) ?? known.StreamHeaders,
            ReplyHeaders = Wait(section, nameof(LlmTimeouts.ReplyHeaders)) ?? known.ReplyHeaders,
            FirstEvent = Wait(section, nameof(LlmTimeouts.FirstEvent)) ?? known.FirstEvent,
            Idle = Wait(section, nameof(LlmTimeouts.Idle)) ?? known.Idle,
            Stall = Wait(section, nameof(LlmTimeouts.Stall)) ?? known.Stall,
            ReplyDeadline = Wait(section, nameof(LlmTimeouts.ReplyDeadline)) ?? known.ReplyDeadline,
            StreamDeadline = Wait(section, nameof(LlmTimeouts.StreamDeadline)) ?? known.StreamDeadline,
        };

    private static LlmRetries Read(IConfigurationSection section, LlmRetries known)
    {
        known = known with
        {
            MaxAttempts = Number(section, nameof(LlmRetries.MaxAttempts), min: 1) ?? known.MaxAttempts,
            MaxRetryAfter = Delay(section, nameof(LlmRetries.MaxRetryAfter)) ?? known.MaxRetryAfter,
            BaseDelay = Delay(section, nameof(LlmRetries.BaseDelay)) ?? known.BaseDelay,
            Budget = Number(section, nameof(LlmRetries.Budget), min: 0) ?? known.Budget,
        };
        // Setting MaxDelay has an effect even if the value does not change.
        return Delay(section, nameof(LlmRetries.MaxDelay)) is { } maxDelay ? known with { MaxDelay = maxDelay } : known;
    }

    private static IConfigurationSection? Group(IConfiguration section, string key, string[] known)
    {
        var group = section.GetSection(key);
        if (!string.IsNullOrWhiteSpace(group.Value))
            throw new ArgumentException($"{key} is a subsection, not a value. Its keys are {string.Join(", ", known)}.");
        Check(group, key + ":", known);
        return group.GetChildren().Any() ? group : null;
    }

    private static void Check(IConfiguration section, string place, string[] known)
    {
        foreach (var child in section.GetChildren())
        {
            if (!known.Contains(child.Key, StringComparer.OrdinalIgnoreCase))
                throw new ArgumentException($"'{place}{child.Key}' is not a known key. The keys are {string.Join(", ", known)}.");
            if (!IsGroup(child.Key) && child.GetChildren().Any())
                throw new ArgumentException($"{place}{child.Key} is a value, not a subsection: remove the keys below it.");
        }
    }

    private static bool IsGroup(string key) =>
        key.Equals(Headers, StringComparison.OrdinalIgnoreCase)
        || key.Equals(nameof(LlmClientOptions.Timeouts), StringComparison.OrdinalIgnoreCase)
        || key.Equals(nameof(LlmClientOptions.Retries), StringComparison.OrdinalIgnoreCase);

    private static TimeSpan? Wait(IConfigurationSection section, string key) =>
        Text(section, key) switch
        {
            null => null,
            var text when text.Equals("Infinite", StringComparison.OrdinalIgnoreCase) => Timeout.InfiniteTimeSpan,
            var text => Time(text) is { } time && (time > TimeSpan.Zero || time == Timeout.InfiniteTimeSpan)
                ? time
                : throw new ArgumentException(
                    $"{section.Key}:{key} is not a time above zero. Write hours, minutes and seconds, as in 00:01:30, or Infinite for no limit."
                ),
        };

    private static TimeSpan? Delay(IConfigurationSection section, string key) =>
        Text(section, key) switch
        {
            null => null,
            var text => Time(text) is { } time && time >= TimeSpan.Zero
                ? time
                : throw new ArgumentException($"{section.Key}:{key} is not a time. Write hours, minutes and seconds, as in 00:01:30."),
        };

    // A number without a colon would mean days.
    private static TimeSpan? Time(string text) =>
        text.Contains(':') && TimeSpan.TryParse(text, CultureInfo.InvariantCulture, out var time) ? time : null;

    private static int? Number(IConfigurationSection section, string key, int min) =>
        Text(section, key) switch
        {
            null => null,
            var text => int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int number) && number >= min
                ? number
                : throw new ArgumentException($"{section.Key}:{key} is not a whole number of at least {min}."),
        };
}
