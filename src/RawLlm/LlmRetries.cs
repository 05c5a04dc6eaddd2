namespace RawLlm;

/// <summary>How often and how long a client tries again. A request is sent again only while nothing of an answer was handed on.</summary>
public sealed record LlmRetries
{
    /// <summary>The defaults.</summary>
    public static LlmRetries Default { get; } = new();

    /// <summary>One try, no repetition; right where a resilience handler below repeats already.</summary>
    public static LlmRetries None { get; } = new() { MaxAttempts = 1 };

    /// <summary>How many times a request is sent at most, the first included; 3.</summary>
    public int MaxAttempts { get; init => field = value > 0 ? value : throw new ArgumentOutOfRangeException(nameof(value), "There is at least one attempt."); } = 3;

    /// <summary>The longest wait that a service may ask for; when it asks for longer the error comes at once, with <see cref="LlmException.RetryAfter"/>. 60 s; 40 days at most.</summary>
    public TimeSpan MaxRetryAfter { get; init => field = Checked(value); } = TimeSpan.FromSeconds(60);

    /// <summary>The wait before the second attempt is drawn from zero to this, and 50 ms at least unless this is less; twice as much for a service that is overloaded or whose limit is reached. 0.5 s, doubled for each attempt.</summary>
    public TimeSpan BaseDelay { get; init => field = Checked(value); } = TimeSpan.FromSeconds(0.5);

    /// <summary>The longest wait that the client chooses itself; 8 s, and 20 s for an overloaded service unless this is set.</summary>
    public TimeSpan MaxDelay { get => ChosenMaxDelay ?? TimeSpan.FromSeconds(8); init => ChosenMaxDelay = Checked(value); }

    /// <summary>The same; null where nobody has set it.</summary>
    internal TimeSpan? ChosenMaxDelay { get; private init; }

    /// <summary>
    /// How much the client may repeat while the service fails: a repetition costs 10, 8 where the service said when to come, 20 where a request that was sent was
    /// not answered in time; a success earns 1, and some of what its own repetitions cost. 100, which keeps an outage from multiplying the load; more for a batch
    /// that runs into a service's limit on purpose.
    /// </summary>
    /// <remarks>Besides, one repetition in ten seconds is free. Where it is used up, the error comes at once, with <see cref="LlmException.RetriesSuppressed"/>.</remarks>
    public int Budget { get; init => field = value >= 0 ? value : throw new ArgumentOutOfRangeException(nameof(value), "A budget cannot be negative; use zero for the free repetitions alone."); } = 100;

    private static TimeSpan Checked(TimeSpan value) =>
        value >= TimeSpan.Zero ? value : throw new ArgumentOutOfRangeException(nameof(value), "A wait cannot be negative; use TimeSpan.Zero for none, and LlmRetries.None to try once only.");
}
