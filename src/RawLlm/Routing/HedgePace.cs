namespace RawLlm;

/// <summary>
/// Lets a chain learn how long to wait before it asks the next client as well (<see cref="FallbackOptions.HedgePace"/>): as long as all but
/// a twentieth of the calls took to begin.
/// </summary>
/// <remarks>
/// For each client and model, the last 128 calls count, streamed and whole answers separately: how long the answer took to begin or, if the
/// call lost a race, how long it had lasted until then. Failures, and calls that were sent more than once, do not count. A chain knows only
/// its own calls.
/// </remarks>
public sealed record HedgePace : IHedgeTimesSource
{
    /// <summary>The shortest delay. The default is one second.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The time is not above zero, or longer than 24 days.</exception>
    public TimeSpan MinDelay
    {
        get;
        init => field = Checked(value);
    } = TimeSpan.FromSeconds(1);

    /// <summary>
    /// The longest delay. The default is thirty seconds. If it is below <see cref="MinDelay"/>, <see cref="MinDelay"/> counts.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">The time is not above zero, or longer than 24 days.</exception>
    public TimeSpan MaxDelay
    {
        get;
        init => field = Checked(value);
    } = TimeSpan.FromSeconds(30);

    /// <summary>
    /// The number of calls that must be known before their times count instead of <see cref="FallbackOptions.HedgeAfter"/>, at most 128.
    /// The default is 20.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">The number is not from 1 to 128.</exception>
    public int MinCalls
    {
        get;
        init =>
            field = value is > 0 and <= HedgeTimes.Window
                ? value
                : throw new ArgumentOutOfRangeException(nameof(value), "MinCalls must be from 1 to 128.");
    } = 20;

    HedgeTimes IHedgeTimesSource.Begin() => new LearnedHedgeTimes(MinDelay, MaxDelay, MinCalls);

    private static TimeSpan Checked(TimeSpan value) =>
        value > TimeSpan.Zero && value.TotalMilliseconds <= int.MaxValue
            ? value
            : throw new ArgumentOutOfRangeException(nameof(value), "A delay must be positive and at most 24 days.");
}
