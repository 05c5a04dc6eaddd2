using System.Diagnostics.CodeAnalysis;
using RawLlm.Telemetry;

namespace RawLlm;

/// <summary>One call of a chain: who is asked now, what failed so far, and who is next. Not thread-safe, but for what it shares with one that is asked beside it.</summary>
internal sealed class FallbackCall : WiderCall
{
    private readonly FallbackChain _chain;
    private readonly ChatRequest _request;
    private readonly bool _hasOneRequest;
    private readonly int[] _order;

    // By place: a request made for a client may name another model than the client's own.
    private readonly string?[] _models;
    private readonly FallbackTally _tally;
    private readonly TimeProvider _time;
    private readonly long _start;
    private Func<LlmClient, bool>? _serves;
    private int _place;
    private int _isUnderWay;

    // What ended an attempt, which is listed then.
    private LlmException? _listed;

    /// <summary>A call that asks no client yet.</summary>
    /// <param name="chain">The chain.</param>
    /// <param name="request">What is asked.</param>
    /// <param name="order">Whom to ask, by their places in the chain.</param>
    /// <param name="hasOneRequest">True where all clients are asked the same: <see cref="FallbackOptions.RequestFor"/> is for conversations.</param>
    public FallbackCall(FallbackChain chain, ChatRequest request, int[] order, bool hasOneRequest = false)
    {
        _hasOneRequest = hasOneRequest;
        _chain = chain;
        _request = request;
        _order = order;
        _models = new string?[order.Length];
        _tally = new FallbackTally();
        _time = chain.Clients[order[0]].Options.Time;
        _start = _time.GetTimestamp();
    }

    private FallbackCall(FallbackCall first, int place)
    {
        (_chain, _request, _hasOneRequest, _order, _models, _tally, _time, _start) = (first._chain, first._request, first._hasOneRequest, first._order, first._models, first._tally, first._time, first._start);
        _place = place;
        Spending = first.Spending;
        Telemetry = first.Telemetry;
    }

    /// <summary>Who is asked now.</summary>
    public LlmClient Client => _chain.Clients[_order[_place]];

    /// <summary>Where it is noted that this client's service wants to be left alone.</summary>
    public EndpointHealth Health => _chain.HealthOf(_order[_place]);

    /// <summary>What it is asked now.</summary>
    public ChatRequest Ask()
    {
        var asked = RequestOf(Client);
        if (Continuation is not null)
            asked = Continuation(Client, asked);
        _models[_place] = asked.Model;
        return asked;
    }

    /// <summary>Asks one client after the other until one answers.</summary>
    /// <param name="asked">What the first is asked.</param>
    /// <param name="ask">Asks whoever is asked now.</param>
    /// <param name="isStream">Whether the answer is streamed.</param>
    /// <param name="cancellationToken">What it is asked with.</param>
    /// <inheritdoc cref="MoveOn" path="/exception"/>
    public async Task<T> AskInTurnAsync<T>(ChatRequest asked, Func<FallbackCall, ChatRequest, CancellationToken, Task<T>> ask, bool isStream, CancellationToken cancellationToken)
    {
        while (true)
        {
            try
            {
                return await ask(this, asked, cancellationToken).ConfigureAwait(false);
            }
            catch (Exception e) when (IsFailure(e))
            {
                MoveOn(e, isStream);
            }
            // What RequestFor throws is the caller's.
            asked = Ask();
        }
    }

    /// <summary>What a client is asked as long as nothing was answered.</summary>
    /// <exception cref="ArgumentException">It would bear the key that the call was made with, which of the chain's services only one may see; and whatever <see cref="FallbackOptions.RequestFor"/> throws.</exception>
    public ChatRequest RequestOf(LlmClient client)
    {
        if (_hasOneRequest || _chain.Options.RequestFor is not { } requestFor)
            return _request;
        var asked = requestFor(client, _request) ?? _request;
        if (!_chain.IsOneHost && _request.Credential is { } given && ReferenceEquals(given, asked.Credential))
            ThrowSharedKey(client);
        return asked;
    }

    /// <summary>What a client is asked behind a seam; null before there is one.</summary>
    public Func<LlmClient, ChatRequest, ChatRequest>? Continuation { get; set; }

    /// <summary>True where the last move found somebody to ask.</summary>
    public bool Moved { get; private set; }

    /// <summary>Now, by the clock of the call.</summary>
    public long Now => _time.GetTimestamp();

    /// <summary>Whoever listens to the call; null as a rule.</summary>
    public ChainTelemetry? Telemetry { get => TelemetrySwitch.IsSupported ? field : null; init; }

    /// <summary>Ends what this one does once another one was first; never as a rule.</summary>
    public CancellationToken Stop { get; set; }

    /// <summary>What failed so far.</summary>
    public IReadOnlyList<LlmAttempt> Attempts => _tally.Attempts;

    /// <summary>What all of them together failed by; null while nothing did.</summary>
    public LlmException? Failure => _tally.Failure;

    /// <summary>When the call began, by a client's own clock: the time for the whole call is that of all clients together.</summary>
    public long Start(TimeProvider time) => ReferenceEquals(time, _time) ? _start : time.GetTimestamp();

    /// <summary>A request is sent.</summary>
    public void Send() => Volatile.Write(ref _isUnderWay, 1);

    /// <summary>Counts a request that was sent, and failed.</summary>
    public void Add(LlmAttempt attempt) => End(attempt);

    /// <summary>Takes note of the error that ends a client's call, and whose attempt is counted.</summary>
    public void NoteEnd(LlmException failure) => _listed = failure;

    /// <summary>The next of several requests of the call begins: its attempts are counted anew.</summary>
    public void BeginRequest() => _tally.BeginRequest();

    /// <summary>Whether the same client may be asked once more: within the bound of all, and not where another one need not be waited for.</summary>
    public bool MayAskAgain(LlmException failure) =>
        _tally.Sent < _chain.Options.MaxAttempts && !(failure.Meaning is LlmErrorKind.RateLimited or LlmErrorKind.Overloaded && MayMoveOn(failure));

    /// <summary>Whether the next client may be asked after a failure.</summary>
    public bool MayMoveOn(LlmException failure) => _tally.Sent < _chain.Options.MaxAttempts && Next(failure) > 0;

    /// <summary>Whether an exception says that this client cannot answer: what another wire than that of the chain's first cannot carry, whoever is asked first now, is no mistake of the caller's.</summary>
    public bool IsFailure(Exception e) => e is LlmException || (e is ArgumentException && _order[_place] > 0);

    /// <summary>Goes on to the next client.</summary>
    /// <param name="e">What ended the one before.</param>
    /// <param name="isStream">Whether the answer is streamed.</param>
    /// <exception cref="LlmException">There is none, or no time for it, or the failure is none that another client is asked after.</exception>
    public void MoveOn(Exception e, bool isStream)
    {
        TryMoveOn(e, isStream);
        if (!Moved)
            throw _tally.Failure!;
    }

    /// <summary>Goes on to the next client where there is one, and time for it; <see cref="Moved"/> tells.</summary>
    /// <inheritdoc cref="MoveOn" path="/param"/>
    public void TryMoveOn(Exception e, bool isStream) => TryMoveOn(Fail(e), isStream, isBreak: false);

    /// <summary>Takes note of an answer that came and is not taken.</summary>
    /// <param name="failure">What is wrong with it.</param>
    /// <param name="start">When this client was asked.</param>
    public void Decline(LlmException failure, long start) => _tally.Add(LlmAttempt.Of(Endpoint, failure, _time.GetElapsedTime(start)) with { MayBeBilled = true });

    /// <summary>Whether another client may be asked after something of the answer was handed on.</summary>
    /// <param name="failure">What broke the answer.</param>
    /// <param name="serves">Whether a client can take it over.</param>
    public bool MayGoOn(LlmException failure, Func<LlmClient, bool> serves)
    {
        _serves = serves;
        return _tally.Sent + 1 < _chain.Options.MaxAttempts && Next(failure, isBreak: true) is > 0 and var next && HasTime(_chain.Clients[_order[next]], isStream: true);
    }

    /// <summary>Goes on to the next client after something of the answer was handed on.</summary>
    /// <param name="failure">What broke the answer.</param>
    /// <param name="endpoint">Who gave it.</param>
    /// <param name="start">When the attempt began.</param>
    public void Break(LlmException failure, string endpoint, long start)
    {
        _tally.Add(LlmAttempt.Of(endpoint, failure, _time.GetElapsedTime(start)) with { MayBeBilled = true });
        TryMoveOn(Fail(failure), isStream: true, isBreak: true);
    }

    /// <summary>Whether the client may be asked once more in another way.</summary>
    public bool MayAskAnew => _tally.Sent < _chain.Options.MaxAttempts && HasTime(Client, isStream: true);

    /// <summary>Says who is heard, where two were asked.</summary>
    public void MoveTo(LlmClient client)
    {
        for (int place = 0; Client != client && place < _order.Length; place++)
        {
            if (_chain.Clients[_order[place]] == client)
                _place = place;
        }
    }

    /// <summary>Takes note that this client cannot answer.</summary>
    public LlmException Fail(Exception e)
    {
        var failure = e as LlmException ?? new LlmException(LlmErrorKind.Unsupported, e.Message, e) { Provider = Client.Provider.Name, Model = Model, Phase = LlmPhase.Configure };
        // A handler of the caller's own may say so of what was handed to it.
        if (failure.Phase == LlmPhase.Configure && failure != _listed)
            _tally.Add(LlmAttempt.Of(Endpoint, failure, TimeSpan.Zero), wasSent: false);
        if (failure.RetryAfter is { } asked)
            Health.Rest(asked);
        _tally.Add(failure);
        return failure;
    }

    /// <summary>Whether no other client is asked after a failure, however many are left.</summary>
    public bool IsEndedBy(LlmException failure) => failure.OutputCommitted || !IsElsewhereToBeTried(failure);

    /// <summary>The call of the next client, which is asked as well; null where there is none, or none that may be asked now.</summary>
    public FallbackCall? Beside()
    {
        if (!MayAskBeside)
            return null;
        _tally.AskBeside(true);
        return new FallbackCall(this, _place + 1);
    }

    /// <summary>Whether there is a next client that may be asked now.</summary>
    // Those that want to be left alone come last.
    public bool MayAskBeside => _place + 1 < _order.Length && _tally.Sent + 2 <= _chain.Options.MaxAttempts && !_chain.IsResting(_order[_place + 1]);

    /// <summary>One of two has ended, and the other one is waited for.</summary>
    public void EndBeside() => _tally.AskBeside(false);

    /// <summary>Takes note that another one was first; of one that waits to be asked again only what failed is known, and listed already.</summary>
    /// <param name="start">When this client was asked.</param>
    public void Lose(long start) => End(new LlmAttempt(Endpoint, LlmErrorKind.HedgeLost, _time.GetElapsedTime(start)) { MayBeBilled = true });

    // An attempt may fail just while it loses: it is counted once, by whoever comes first.
    private void End(LlmAttempt attempt)
    {
        if (Interlocked.Exchange(ref _isUnderWay, 0) != 0)
            _tally.Add(attempt);
    }

    private string Model => _models[_place] ?? Client.Model;

    private string Endpoint => LlmAttempt.EndpointOf(Client.Provider, Model);

    [DoesNotReturn]
    private static void ThrowSharedKey(LlmClient client) => throw new ArgumentException(
        $"The credential of the request would go to {client.Provider.Name} as it was given, and the clients of this chain ask several services: leave ChatRequest.Credential empty, or have FallbackOptions.RequestFor give each client one of its own (or null, for the key of its Provider).", "request");

    private void TryMoveOn(LlmException failure, bool isStream, bool isBreak)
    {
        int next = _tally.Sent < _chain.Options.MaxAttempts ? Next(failure, isBreak) : 0;
        Moved = next > 0 && HasTime(_chain.Clients[_order[next]], isStream);
        if (Moved)
            _place = next;
    }

    // The place of the next client that may succeed; zero where there is none.
    private int Next(LlmException failure, bool isBreak = false)
    {
        if (isBreak ? !IsElsewhereToBeTried(failure) : IsEndedBy(failure))
            return 0;
        for (int place = _place + 1; place < _order.Length; place++)
        {
            var client = _chain.Clients[_order[place]];
            if ((failure.Meaning != LlmErrorKind.ContextLengthExceeded || TakesMore(client, failure)) && _serves?.Invoke(client) != false)
                return place;
        }
        return 0;
    }

    // Whoever has no time left could send nothing, and would only hide what failed.
    private bool HasTime(LlmClient client, bool isStream)
    {
        var deadline = isStream ? client.Options.Timeouts.StreamDeadline : client.Options.Timeouts.ReplyDeadline;
        var time = client.Options.Time;
        return deadline == Timeout.InfiniteTimeSpan || time.GetElapsedTime(Start(time)) < deadline;
    }

    private bool IsElsewhereToBeTried(LlmException failure) => failure.IsRetryable || failure.Meaning switch
    {
        LlmErrorKind.Authentication or LlmErrorKind.PermissionDenied => _chain.Options.OnAuthentication,
        LlmErrorKind.ContentFiltered => _chain.Options.OnContentFilter,
        // Of an answer that was ended something was handed on, or paid at least.
        LlmErrorKind.BudgetExceeded => _chain.Options.OnBudget && failure.Phase == LlmPhase.Configure,
        // Wrong or too large for one is so for all, as a rule; and the time of all is used up.
        LlmErrorKind.BadRequest or LlmErrorKind.RequestTooLarge or LlmErrorKind.InvalidConfiguration or LlmErrorKind.LimitExceeded or LlmErrorKind.DeadlineExceeded => false,
        _ => true,
    };

    private bool TakesMore(LlmClient client, LlmException failure)
    {
        long? known = failure.MaximumTokens ?? Client.Provider.CapabilitiesOf(Model).ContextTokens;
        return client.Provider.CapabilitiesOf(RequestOf(client).Model ?? client.Model).ContextTokens > known;
    }
}
