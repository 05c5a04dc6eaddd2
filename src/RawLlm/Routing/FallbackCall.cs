using RawLlm.Telemetry;

namespace RawLlm;

/// <summary>One call of a chain: who is asked now, what failed so far, and who is next. Not thread-safe.</summary>
internal sealed class FallbackCall(FallbackChain chain, ChatRequest request, int[] order)
{
    private readonly TimeProvider _time = chain.Clients[order[0]].Options.Time;
    private readonly long _start = chain.Clients[order[0]].Options.Time.GetTimestamp();
    private readonly List<LlmAttempt> _attempts = [];
    private LlmException? _failure;
    private int _place;
    private int _sent;

    /// <summary>Who is asked now.</summary>
    public LlmClient Client => chain.Clients[order[_place]];

    /// <summary>What it is asked.</summary>
    public ChatRequest Request => chain.Options.RequestFor?.Invoke(Client, request) ?? request;

    /// <summary>Whoever listens to the call; null as a rule.</summary>
    public ChainTelemetry? Telemetry { get => TelemetrySwitch.IsSupported ? field : null; init; }

    /// <summary>What failed so far.</summary>
    public IReadOnlyList<LlmAttempt> Attempts => _attempts;

    /// <summary>When the call began, by a client's own clock: the time for the whole call is that of all clients together.</summary>
    public long Start(TimeProvider time) => ReferenceEquals(time, _time) ? _start : time.GetTimestamp();

    /// <summary>Counts a request that was sent, and failed.</summary>
    public void Add(LlmAttempt attempt)
    {
        _sent++;
        _attempts.Add(attempt);
    }

    /// <summary>Whether the same client may be asked once more: within the bound of all, and not where another one need not be waited for.</summary>
    public bool MayAskAgain(LlmException failure) =>
        _sent < chain.Options.MaxAttempts && !(Meaning(failure) is LlmErrorKind.RateLimited or LlmErrorKind.Overloaded && MayMoveOn(failure));

    /// <summary>Whether the next client may be asked after a failure.</summary>
    public bool MayMoveOn(LlmException failure) => _sent < chain.Options.MaxAttempts && Next(failure) > 0;

    /// <summary>Whether an exception says that this client cannot answer: what another wire than the first cannot carry is no mistake of the caller's.</summary>
    public bool IsFailure(Exception e) => e is LlmException || (e is ArgumentException && _place > 0);

    /// <summary>Goes on to the next client.</summary>
    /// <exception cref="LlmException">There is none, or the failure is none that another client is asked after.</exception>
    public void MoveOn(Exception e)
    {
        var failure = e as LlmException ?? new LlmException(LlmErrorKind.Unsupported, e.Message, e) { Provider = Client.Provider.Name, Model = Client.Model, Phase = LlmPhase.Configure };
        if (failure.Phase == LlmPhase.Configure)
            _attempts.Add(new LlmAttempt($"{Client.Provider.Name}:{Client.Model}", failure.Kind, TimeSpan.Zero));
        if (failure.RetryAfter is { } asked)
            chain.Rest(order[_place], asked);
        // Of several the first that would not pass by itself tells most.
        if (_failure is null or { IsRetryable: true })
            _failure = failure;
        int next = _sent < chain.Options.MaxAttempts ? Next(failure) : 0;
        if (next == 0)
            throw _attempts.Count > 1 ? _failure.With(attempts: [.. _attempts]) : _failure;
        _place = next;
    }

    private static LlmErrorKind Meaning(LlmException failure) => failure.Kind == LlmErrorKind.StreamError ? failure.CauseKind ?? failure.Kind : failure.Kind;

    // The place of the next client that may succeed; zero where there is none.
    private int Next(LlmException failure)
    {
        if (failure.OutputCommitted || !IsElsewhereToBeTried(failure))
            return 0;
        for (int place = _place + 1; place < order.Length; place++)
        {
            if (Meaning(failure) != LlmErrorKind.ContextLengthExceeded || TakesMore(chain.Clients[order[place]], failure))
                return place;
        }
        return 0;
    }

    private bool IsElsewhereToBeTried(LlmException failure) => failure.IsRetryable || Meaning(failure) switch
    {
        LlmErrorKind.Authentication or LlmErrorKind.PermissionDenied => chain.Options.OnAuthentication,
        LlmErrorKind.ContentFiltered => chain.Options.OnContentFilter,
        // Wrong or too large for one is so for all, as a rule; and the time of all is used up.
        LlmErrorKind.BadRequest or LlmErrorKind.RequestTooLarge or LlmErrorKind.InvalidConfiguration or LlmErrorKind.LimitExceeded or LlmErrorKind.DeadlineExceeded => false,
        _ => true,
    };

    private bool TakesMore(LlmClient client, LlmException failure)
    {
        long? known = failure.MaximumTokens ?? Client.Provider.CapabilitiesOf(Client.Model).ContextTokens;
        return client.Provider.CapabilitiesOf(client.Model).ContextTokens > known;
    }
}
