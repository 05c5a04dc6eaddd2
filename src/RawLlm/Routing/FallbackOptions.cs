namespace RawLlm;

/// <summary>When a chain goes on to its next client, and how often it asks at all.</summary>
public sealed record FallbackOptions
{
    /// <summary>The defaults.</summary>
    public static FallbackOptions Default { get; } = new();

    /// <summary>How many times a request is sent at most, to all clients together, the first included; 4. Of several batches of vectors each is a request. Each client's own <see cref="LlmRetries.MaxAttempts"/> holds besides.</summary>
    public int MaxAttempts { get; init => field = value > 0 ? value : throw new ArgumentOutOfRangeException(nameof(value), "There is at least one attempt."); } = 4;

    /// <summary>Whether a key that is refused, or may not do this, is a reason to go on; false, since it is a mistake that somebody should see.</summary>
    public bool OnAuthentication { get; init; }

    /// <summary>Whether content that one service refuses is offered to the next; false.</summary>
    public bool OnContentFilter { get; init; }

    /// <summary>Whether a budget that does not cover what one model may cost is a reason to go on, to a cheaper one; false.</summary>
    public bool OnBudget { get; init; }

    /// <summary>What all calls of the chain may spend, with those of others that share the budget, beside the clients' own budgets; null for no bound. docs/budgets.md tells what is counted.</summary>
    /// <remarks>A chain costs little to make: one of a single client is the way to give a session a budget of its own.</remarks>
    public Budget? Budget { get; init; }

    /// <summary>What one call may spend, at all clients together; null for no bound.</summary>
    public BudgetLimits? CallBudget { get; init; }

    /// <summary>
    /// After how long without anything of an answer the next client is asked as well; whoever begins first is heard and the other one is ended, which its service may
    /// bill all the same. Null, as a rule, never asks two.
    /// </summary>
    /// <remarks>
    /// Once for each call at most, within <see cref="MaxAttempts"/>, and nobody who wants to be left alone. Of a whole answer the end counts, of a stream its first text, thought
    /// or the like. Requests with functions or with something to be stored are refused.
    /// </remarks>
    /// <exception cref="ArgumentOutOfRangeException">The time is not above zero, or longer than 24 days.</exception>
    public TimeSpan? HedgeAfter { get; init => field = value is null || (value > TimeSpan.Zero && value.Value.TotalMilliseconds <= int.MaxValue) ? value : throw new ArgumentOutOfRangeException(nameof(value), "A time must be above zero and at most 24 days."); }

    /// <summary>Has the chain learn how long to wait, from how long its clients take to begin; null keeps to <see cref="HedgeAfter"/>, which holds until enough is known.</summary>
    public HedgePace? HedgePace { get; init; }

    /// <summary>Of how many calls a second client may be asked at most, as a share of all: 0.05, one in twenty.</summary>
    /// <remarks>Counted over about a hundred calls, of which all that may be can be used at once, and one at any rate. <see cref="FallbackChain.Hedges"/> tells how often it was refused.</remarks>
    /// <exception cref="ArgumentOutOfRangeException">The share is not above 0, or above 1.</exception>
    public double HedgeShare { get; init => field = value is > 0 and <= 1 ? value : throw new ArgumentOutOfRangeException(nameof(value), "A share is above 0, and at most 1; leave HedgeAfter out to ask nobody else."); } = 0.05;

    /// <summary>How a stream goes on at the next client where it breaks after something of its answer was handed on; null, as a rule, ends it with the error.</summary>
    /// <remarks>The same client may stand in the chain twice, to go on at the service that broke off. Both attempts count as sent (<see cref="MaxAttempts"/>), and are paid.</remarks>
    public StreamFailover? StreamFailover { get; init; }

    /// <summary>
    /// True to take the models of all clients for one that gives the same vectors, though their names differ, as those of one model do at several services. False as a rule:
    /// <see cref="FallbackChain.EmbedAsync(EmbeddingRequest, CancellationToken)"/> is then for clients whose models have the very same name.
    /// </summary>
    public bool SameEmbeddings { get; init; }

    /// <summary>What a client is asked in place of the request, for models, headers and extra members that are one service's own; null asks all the same.</summary>
    /// <remarks>
    /// May be called again for each attempt at a call. What it throws is the caller's. Where the clients ask several hosts, a <see cref="ChatRequest.Credential"/> of the request goes to none of them:
    /// to give it on as it is is an <see cref="ArgumentException"/>.
    /// </remarks>
    public Func<LlmClient, ChatRequest, ChatRequest>? RequestFor { get; init; }
}
