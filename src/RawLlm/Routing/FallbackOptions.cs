namespace RawLlm;

/// <summary>When a chain moves on to its next client, and how many requests it sends at most.</summary>
public sealed record FallbackOptions
{
    /// <summary>The defaults.</summary>
    public static FallbackOptions Default { get; } = new();

    /// <summary>
    /// The maximum number of times a request is sent, to all clients together, including the first. The default is 4. If embeddings need
    /// several batches, each is a request. Each client's own <see cref="LlmRetries.MaxAttempts"/> also applies.
    /// </summary>
    public int MaxAttempts
    {
        get;
        init => field = value > 0 ? value : throw new ArgumentOutOfRangeException(nameof(value), "MaxAttempts must be at least 1.");
    } = 4;

    /// <summary>
    /// Whether the chain moves on if an API key is rejected or lacks permission. The default is false, because that is a mistake to be
    /// noticed.
    /// </summary>
    public bool FallbackOnAuthentication { get; init; }

    /// <summary>Whether content that one service refuses is sent to the next. The default is false.</summary>
    public bool FallbackOnContentFilter { get; init; }

    /// <summary>
    /// Whether the chain moves on, to a cheaper model, if a budget does not cover what a model may cost. The default is false.
    /// </summary>
    public bool FallbackOnBudget { get; init; }

    /// <summary>
    /// The budget of all calls of the chain, and of others that share it, in addition to the clients' own budgets; null for no limit.
    /// docs/budgets.md explains what is counted.
    /// </summary>
    /// <remarks>A chain is cheap to create: one with a single client is the way to give a session a budget of its own.</remarks>
    public Budget? Budget { get; init; }

    /// <summary>The spending limits of one call, at all clients together; null for no limit.</summary>
    public BudgetLimits? CallBudget { get; init; }

    /// <summary>
    /// How long the chain waits for an answer to begin before it asks the next client as well. The first to begin is used and the other one
    /// is ended, which its service may bill all the same. With null, the default, the chain never asks two.
    /// </summary>
    /// <remarks>
    /// At most once for each call, within <see cref="MaxAttempts"/>, and never a service that asked clients to back off. For a whole
    /// answer, its end counts; for a stream, its first text, reasoning or similar event. Requests with tools, or with something to be
    /// stored, are rejected.
    /// </remarks>
    /// <exception cref="ArgumentOutOfRangeException">The time is not above zero, or longer than 24 days.</exception>
    public TimeSpan? HedgeAfter
    {
        get;
        init =>
            field =
                value is null || (value > TimeSpan.Zero && value.Value.TotalMilliseconds <= int.MaxValue)
                    ? value
                    : throw new ArgumentOutOfRangeException(
                        nameof(value),
                        "HedgeAfter must be positive and at most 24 days, or null to never ask a second client."
                    );
    }

    /// <summary>
    /// Lets the chain learn how long to wait, from how long its clients take to begin; null keeps to <see cref="HedgeAfter"/>, which
    /// otherwise applies until enough is known.
    /// </summary>
    public HedgePace? HedgePace { get; init; }

    /// <summary>The maximum share of calls that may ask a second client. The default is 0.05, one in twenty.</summary>
    /// <remarks>
    /// Counted over about a hundred calls, whose whole share, and at least one, may be used at once. <see cref="FallbackChain.Hedges"/>
    /// counts how often a second client was not allowed.
    /// </remarks>
    /// <exception cref="ArgumentOutOfRangeException">The share is not above 0, or is greater than 1.</exception>
    public double MaxHedgeShare
    {
        get;
        init =>
            field = value is > 0 and <= 1
                ? value
                : throw new ArgumentOutOfRangeException(
                    nameof(value),
                    "MaxHedgeShare must be above 0 and at most 1; leave HedgeAfter unset to never ask a second client."
                );
    } = 0.05;

    /// <summary>
    /// How a stream continues at the next client if it breaks after some of its answer was delivered; with null, the default, it ends with
    /// the error.
    /// </summary>
    /// <remarks>
    /// The same client may be in the chain twice, to continue at the service that broke off. Both attempts count as sent
    /// (<see cref="MaxAttempts"/>), and are paid for.
    /// </remarks>
    public StreamFailover? StreamFailover { get; init; }

    /// <summary>
    /// Whether the models of all clients give the same embeddings although their names differ, as one model may have different names at
    /// several services. The default is false: <see cref="FallbackChain.EmbedAsync(EmbeddingRequest, CancellationToken)"/> then requires
    /// that all models have exactly the same name.
    /// </summary>
    public bool TreatEmbeddingsAsCompatible { get; init; }

    /// <summary>
    /// Returns the request to send to a client instead of the original, for models, headers and extra members that belong to one service;
    /// null sends all clients the same request.
    /// </summary>
    /// <remarks>
    /// May be called again for each attempt of a call. Its exceptions go to the caller. If the clients use several hosts, a
    /// <see cref="ChatRequest.Credential"/> of the original request may not be sent to any of them, nor may a header whose name suggests a
    /// key (such as <c>Authorization</c> or <c>x-api-key</c>): returning either unchanged causes an <see cref="ArgumentException"/>.
    /// </remarks>
    public Func<LlmClient, ChatRequest, ChatRequest>? RequestFor { get; init; }
}
