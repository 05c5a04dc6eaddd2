namespace RawLlm;

/// <summary>
/// How often a client retries, and how long it waits. A request is sent again only as long as no part of an answer was delivered.
/// </summary>
public sealed record LlmRetries
{
    /// <summary>The defaults.</summary>
    public static LlmRetries Default { get; } = new();

    /// <summary>One attempt and no retries; for use with a resilience handler that already retries.</summary>
    public static LlmRetries None { get; } = new() { MaxAttempts = 1 };

    /// <summary>The maximum number of attempts, including the first. The default is 3.</summary>
    public int MaxAttempts
    {
        get;
        init => field = value > 0 ? value : throw new ArgumentOutOfRangeException(nameof(value), "MaxAttempts must be at least 1.");
    } = 3;

    /// <summary>
    /// The longest wait that the client accepts from a service. If the service asks for more, the error is thrown at once, with
    /// <see cref="LlmException.RetryAfter"/>. The default is 60 seconds; a wait of 40 days or more is never accepted.
    /// </summary>
    public TimeSpan MaxRetryAfter
    {
        get;
        init => field = Checked(value);
    } = TimeSpan.FromSeconds(60);

    /// <summary>
    /// The upper bound of the random wait before the second attempt. The default is 0.5 seconds. It doubles for each further attempt, and
    /// it is twice as long if the service is overloaded or its rate limit is reached. A wait is at least 50 ms, unless the bound is
    /// shorter.
    /// </summary>
    public TimeSpan BaseDelay
    {
        get;
        init => field = Checked(value);
    } = TimeSpan.FromSeconds(0.5);

    /// <summary>
    /// The longest wait that the client chooses itself. The default is 8 seconds, and 20 seconds for an overloaded service unless this
    /// property is set.
    /// </summary>
    public TimeSpan MaxDelay
    {
        get => ChosenMaxDelay ?? TimeSpan.FromSeconds(8);
        init => ChosenMaxDelay = Checked(value);
    }

    /// <summary>The value of <see cref="MaxDelay"/>; null if it was not set.</summary>
    internal TimeSpan? ChosenMaxDelay { get; private init; }

    /// <summary>
    /// How much the client may retry while a service fails. A retry costs 10, or 8 if the service said when to retry, or 20 if a
    /// request was sent and not answered in time. A success earns 1 and returns part of what its own retries cost. The default is
    /// 100, which keeps an outage from multiplying the load; use more for a batch that runs into a service's rate limit on purpose.
    /// </summary>
    /// <remarks>
    /// In addition, one retry every ten seconds is free. When the budget is used up,
    /// the error is thrown at once, with <see cref="LlmException.RetriesSuppressed"/>.
    /// </remarks>
    public int Budget
    {
        get;
        init =>
            field =
                value >= 0
                    ? value
                    : throw new ArgumentOutOfRangeException(
                        nameof(value),
                        "Budget cannot be negative; use 0 to allow only the free retries."
                    );
    } = 100;

    private static TimeSpan Checked(TimeSpan value) =>
        value >= TimeSpan.Zero
            ? value
            : throw new ArgumentOutOfRangeException(
                nameof(value),
                "A delay cannot be negative; use TimeSpan.Zero for no delay, or LlmRetries.None for no retries."
            );
}
