namespace RawLlm;

/// <summary>Lets a chain learn how long to wait before it asks the next client as well (<see cref="FallbackOptions.HedgePace"/>): as long as all but a twentieth of the calls took to begin.</summary>
/// <remarks>
/// What a client's last 128 calls of a model took to begin counts, answers that are streamed and whole ones apart; of one that lost the time until then. Failures, and calls that
/// were sent more than once, do not count. A chain knows what it has seen itself.
/// </remarks>
public sealed record HedgePace : IHedgeTimesSource
{
    /// <summary>The shortest delay; one second.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The time is not above zero, or longer than 24 days.</exception>
    public TimeSpan Least { get; init => field = Checked(value); } = TimeSpan.FromSeconds(1);

    /// <summary>The longest delay; thirty seconds. Where it is below <see cref="Least"/>, that one counts.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The time is not above zero, or longer than 24 days.</exception>
    public TimeSpan Most { get; init => field = Checked(value); } = TimeSpan.FromSeconds(30);

    /// <summary>How many calls have to be known before their times count, and <see cref="FallbackOptions.HedgeAfter"/> no more; 20, and 128 at most.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The number is not from 1 to 128.</exception>
    public int LeastCalls { get; init => field = value is > 0 and <= HedgeTimes.Window ? value : throw new ArgumentOutOfRangeException(nameof(value), "From 1 to 128 calls are kept."); } = 20;

    HedgeTimes IHedgeTimesSource.Begin() => new LearntHedgeTimes(Least, Most, LeastCalls);

    private static TimeSpan Checked(TimeSpan value) => value > TimeSpan.Zero && value.TotalMilliseconds <= int.MaxValue ? value : throw new ArgumentOutOfRangeException(nameof(value), "A time must be above zero and at most 24 days.");
}
