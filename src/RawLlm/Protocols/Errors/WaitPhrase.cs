namespace RawLlm.Protocols;

/// <summary>Finds the wait that a message asks for in words: "Please try again in 1m30s."</summary>
internal static class WaitPhrase
{
    private static readonly string[] Phrases =
    [
        "try again in ",
        "try again after ",
        "retry in ",
        "retry after ",
        "reset after ",
        "reset in ",
        "resets in ",
        "please wait ",
        "please wait for ",
        Clock,
    ];

    // Azure API Management (2018 to 2026): "Quota will be replenished in 5.03:23:11".
    private const string Clock = "replenished in ";

    /// <summary>Returns the wait; null if the message contains none.</summary>
    public static TimeSpan? Read(ErrorBody body) => Read(body.Message) ?? Read(body.UpstreamMessage);

    private static TimeSpan? Read(string? message)
    {
        if (message is null)
            return null;
        foreach (string phrase in Phrases)
        {
            int start = message.IndexOf(phrase, StringComparison.OrdinalIgnoreCase);
            if (start >= 0 && WaitTime.ReadDuration(message.AsSpan(start + phrase.Length), out var wait) > 0)
                return wait;
        }
        int clock = message.IndexOf(Clock, StringComparison.OrdinalIgnoreCase);
        return clock >= 0 && WaitTime.ReadClock(message.AsSpan(clock + Clock.Length), out var rest) ? rest : null;
    }
}
