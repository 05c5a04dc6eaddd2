using System.Diagnostics.CodeAnalysis;
using RawLlm.Telemetry;

namespace RawLlm;

/// <summary>
/// One call of a chain: which client is asked now, what has failed so far, and which client is next. Not thread-safe, except for what it
/// shares with a call that runs in parallel.
/// </summary>
internal sealed class FallbackCall : OuterCall
{
    private readonly FallbackChain _chain;
    private readonly ChatRequest _request;
    private readonly bool _hasOneRequest;
    private readonly int[] _order;

    // By place: a request made for a client may name a model other than the client's own.
    private readonly string?[] _models;
    private readonly FallbackProgress _progress;
    private readonly TimeProvider _time;
    private readonly long _start;
    private Func<LlmClient, bool>? _canServe;
    private int _place;
    private int _isUnderWay;

    // The error that ended an attempt which is already listed.
    private LlmException? _finalFailure;

    /// <summary>Creates a call that asks no client yet.</summary>
    /// <param name="chain">The chain.</param>
    /// <param name="request">The request.</param>
    /// <param name="order">The clients to ask, by their places in the chain.</param>
    /// <param name="hasOneRequest">Whether all clients get the same request: <see cref="FallbackOptions.RequestFor"/> is for
    /// conversations.</param>
    public FallbackCall(FallbackChain chain, ChatRequest request, int[] order, bool hasOneRequest = false)
    {
        _hasOneRequest = hasOneRequest;
        _chain = chain;
        _request = request;
        _order = order;
        _models = new string?[order.Length];
        _progress = new FallbackProgress();
        _time = chain.Clients[order[0]].Options.Time;
        _start = _time.GetTimestamp();
    }

    private FallbackCall(FallbackCall first, int place)
    {
        (_chain, _request, _hasOneRequest, _order, _models, _progress, _time, _start) = (
            first._chain,
            first._request,
            first._hasOneRequest,
            first._order,
            first._models,
            first._progress,
            first._time,
            first._start
        );
        _place = place;
        Spending = first.Spending;
        Telemetry = first.Telemetry;
    }

    /// <summary>The current client.</summary>
    public LlmClient Client => _chain.Clients[_order[_place]];

    /// <summary>Records until when this client's service asked clients to back off.</summary>
    public EndpointHealth Health => _chain.HealthOf(_order[_place]);

    /// <summary>Returns the request for the current client, and records its model.</summary>
    public ChatRequest PrepareRequest()
    {
        var asked = RequestOf(Client);
        if (Continuation is not null)
            asked = Continuation(Client, asked);
        _models[_place] = asked.Model;
        return asked;
    }

    /// <summary>Asks one client after another until one answers.</summary>
    /// <param name="asked">The request for the first client.</param>
    /// <param name="ask">Asks the current client.</param>
    /// <param name="isStream">Whether the answer is streamed.</param>
    /// <param name="cancellationToken">The token passed to each client.</param>
    /// <inheritdoc cref="MoveOn" path="/exception"/>
    public async Task<T> AskInTurnAsync<T>(
        ChatRequest asked,
        Func<FallbackCall, ChatRequest, CancellationToken, Task<T>> ask,
        bool isStream,
        CancellationToken cancellationToken
    )
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
            // Exceptions from RequestFor go to the caller.
            asked = PrepareRequest();
        }
    }

    /// <summary>Returns the request for a client as long as nothing has been answered.</summary>
    /// <exception cref="ArgumentException">It would contain a key that the call was made with, as its credential or in a header, which only
    /// one of the chain's services may see; also whatever <see cref="FallbackOptions.RequestFor"/> throws.</exception>
    public ChatRequest RequestOf(LlmClient client)
    {
        if (_hasOneRequest || _chain.Options.RequestFor is not { } requestFor)
            return _request;
        var asked = requestFor(client, _request) ?? _request;
        if (!_chain.IsOneHost && _request.Credential is { } given && ReferenceEquals(given, asked.Credential))
            ThrowSharedKey(client);
        if (!_chain.IsOneHost && KeyHeaders.Shared(_request.Headers, asked.Headers) is { } header)
            ThrowSharedHeader(client, header);
        return asked;
    }

    /// <summary>Makes the request for a client after a seam; null before there is one.</summary>
    public Func<LlmClient, ChatRequest, ChatRequest>? Continuation { get; set; }

    /// <summary>Whether the last move found a client to ask.</summary>
    public bool HasMoved { get; private set; }

    /// <summary>The current time by the call's clock.</summary>
    public long Now => _time.GetTimestamp();

    /// <summary>The telemetry of the call; usually null.</summary>
    public ChainTelemetry? Telemetry
    {
        get => TelemetrySwitch.IsSupported ? field : null;
        init;
    }

    /// <summary>Ends this call's work once another client was first; usually never canceled.</summary>
    public CancellationToken Stop { get; set; }

    /// <summary>The attempts that have failed so far.</summary>
    public IReadOnlyList<LlmAttempt> Attempts => _progress.Attempts;

    /// <summary>The error of all attempts together; null if none has failed.</summary>
    public LlmException? Failure => _progress.Failure;

    /// <summary>Returns when the call began, by a client's own clock: the deadline covers all clients together.</summary>
    public long Start(TimeProvider time) => ReferenceEquals(time, _time) ? _start : time.GetTimestamp();

    /// <summary>Records that a request is sent.</summary>
    public void Send() => Volatile.Write(ref _isUnderWay, 1);

    /// <summary>Counts a request that was sent, and failed.</summary>
    public void Add(LlmAttempt attempt) => End(attempt);

    /// <summary>Records the error that ends a client's call, and whose attempt is counted.</summary>
    public void RecordFinalFailure(LlmException failure) => _finalFailure = failure;

    /// <summary>Begins the next of several requests of the call; its attempts are counted from zero.</summary>
    public void BeginRequest() => _progress.BeginRequest();

    /// <summary>
    /// Whether the same client may be asked again: within the limit for all clients, and not if another client needs no wait.
    /// </summary>
    public bool MayAskAgain(LlmException failure) =>
        _progress.Sent < _chain.Options.MaxAttempts
        && !(failure.Meaning is LlmErrorKind.RateLimited or LlmErrorKind.Overloaded && MayMoveOn(failure));

    /// <summary>Whether the next client may be asked after a failure.</summary>
    public bool MayMoveOn(LlmException failure) => _progress.Sent < _chain.Options.MaxAttempts && Next(failure) > 0;

    /// <summary>
    /// Whether an exception means that this client cannot answer. If the wire of a client other than the chain's first cannot carry the
    /// request, that is not the caller's mistake, whichever client is asked first now.
    /// </summary>
    public bool IsFailure(Exception e) => e is LlmException || (e is ArgumentException && _order[_place] > 0);

    /// <summary>Moves to the next client.</summary>
    /// <param name="e">The error that ended the previous client's call.</param>
    /// <param name="isStream">Whether the answer is streamed.</param>
    /// <exception cref="LlmException">There is no next client or no time for it, or after this failure no other client is
    /// asked.</exception>
    public void MoveOn(Exception e, bool isStream)
    {
        TryMoveOn(e, isStream);
        if (!HasMoved)
            throw _progress.Failure!;
    }

    /// <summary>Moves to the next client if there is one, and time for it; <see cref="HasMoved"/> says whether it did.</summary>
    /// <inheritdoc cref="MoveOn" path="/param"/>
    public void TryMoveOn(Exception e, bool isStream) => TryMoveOn(Fail(e), isStream, isBreak: false);

    /// <summary>Records an answer that arrived but is not accepted.</summary>
    /// <param name="failure">What is wrong with it.</param>
    /// <param name="start">When this client was asked.</param>
    public void Decline(LlmException failure, long start) =>
        _progress.Add(LlmAttempt.Of(Endpoint, failure, _time.GetElapsedTime(start)) with { MayBeBilled = true });

    /// <summary>Whether another client may be asked after some of the answer was delivered.</summary>
    /// <param name="failure">The error that broke the answer.</param>
    /// <param name="serves">Whether a client can take over.</param>
    public bool MayGoOn(LlmException failure, Func<LlmClient, bool> serves)
    {
        _canServe = serves;
        return _progress.Sent + 1 < _chain.Options.MaxAttempts
            && Next(failure, isBreak: true) is > 0 and var next
            && HasTime(_chain.Clients[_order[next]], isStream: true);
    }

    /// <summary>Moves to the next client after some of the answer was delivered.</summary>
    /// <param name="failure">The error that broke the answer.</param>
    /// <param name="endpoint">The provider and model that gave it.</param>
    /// <param name="start">When the attempt began.</param>
    public void Break(LlmException failure, string endpoint, long start)
    {
        _progress.Add(LlmAttempt.Of(endpoint, failure, _time.GetElapsedTime(start)) with { MayBeBilled = true });
        TryMoveOn(Fail(failure), isStream: true, isBreak: true);
    }

    /// <summary>Whether the client may be asked again in another way.</summary>
    public bool MayAskAgainDifferently => _progress.Sent < _chain.Options.MaxAttempts && HasTime(Client, isStream: true);

    /// <summary>Sets which client's answer is used, if two were asked.</summary>
    public void MoveTo(LlmClient client)
    {
        for (int place = 0; Client != client && place < _order.Length; place++)
        {
            if (_chain.Clients[_order[place]] == client)
                _place = place;
        }
    }

    /// <summary>Records that this client cannot answer.</summary>
    public LlmException Fail(Exception e)
    {
        var failure =
            e as LlmException
            ?? new LlmException(LlmErrorKind.Unsupported, e.Message, e)
            {
                Provider = Client.Provider.Name,
                Model = Model,
                Phase = LlmPhase.Configure,
            };
        // A handler of the caller's may throw such an error for a request that it was given.
        if (failure.Phase == LlmPhase.Configure && failure != _finalFailure)
            _progress.Add(LlmAttempt.Of(Endpoint, failure, TimeSpan.Zero), wasSent: false);
        // The limit of one tenant's account must not move all others to another service.
        if (failure is { RetryAfter: { } asked, IsOfRequestCredential: false })
            Health.BackOff(asked);
        _progress.Add(failure);
        return failure;
    }

    /// <summary>Whether a failure ends the call, however many clients are left.</summary>
    public bool IsEndedBy(LlmException failure) => failure.OutputCommitted || !IsElsewhereToBeTried(failure);

    /// <summary>
    /// Returns the call of the next client, which is asked in parallel; null if there is none, or none that may be asked now.
    /// </summary>
    public FallbackCall? BeginParallel()
    {
        if (!MayAskInParallel)
            return null;
        _progress.SetParallel(true);
        return new FallbackCall(this, _place + 1);
    }

    /// <summary>Whether there is a next client that may be asked in parallel now.</summary>
    // Clients whose services asked for back-off are last.
    public bool MayAskInParallel =>
        _place + 1 < _order.Length && _progress.Sent + 2 <= _chain.Options.MaxAttempts && !_chain.IsResting(_order[_place + 1]);

    /// <summary>Records that one of two calls has ended; the other one is awaited.</summary>
    public void EndParallel() => _progress.SetParallel(false);

    /// <summary>
    /// Records that another client was first. If this one is waiting to be asked again, only its failure is known, and is already listed.
    /// </summary>
    /// <param name="start">When this client was asked.</param>
    public void RecordLoss(long start) =>
        End(new LlmAttempt(Endpoint, LlmErrorKind.HedgeLost, _time.GetElapsedTime(start)) { MayBeBilled = true });

    // An attempt may fail at the moment it loses: it is counted once, by whichever comes first.
    private void End(LlmAttempt attempt)
    {
        if (Interlocked.Exchange(ref _isUnderWay, 0) != 0)
            _progress.Add(attempt);
    }

    private string Model => _models[_place] ?? Client.Model;

    private string Endpoint => LlmAttempt.EndpointOf(Client.Provider, Model);

    [DoesNotReturn]
    private static void ThrowSharedKey(LlmClient client) =>
        throw new ArgumentException(
            $"The request's credential would be sent unchanged to {client.Provider.Name}, but the clients of this chain use several services: leave ChatRequest.Credential unset, or let FallbackOptions.RequestFor give each client a credential of its own (or null, for the key of its Provider).",
            "request"
        );

    [DoesNotReturn]
    private static void ThrowSharedHeader(LlmClient client, string header) =>
        throw new ArgumentException(
            $"The request's header {header}, which may contain a key, would be sent unchanged to {client.Provider.Name}, but the clients of this chain use several services: leave it out of ChatRequest.Headers, or let FallbackOptions.RequestFor give each client headers of its own.",
            "request"
        );

    private void TryMoveOn(LlmException failure, bool isStream, bool isBreak)
    {
        int next = _progress.Sent < _chain.Options.MaxAttempts ? Next(failure, isBreak) : 0;
        HasMoved = next > 0 && HasTime(_chain.Clients[_order[next]], isStream);
        if (HasMoved)
            _place = next;
    }

    // Returns the place of the next client that may succeed; zero if there is none.
    private int Next(LlmException failure, bool isBreak = false)
    {
        if (isBreak ? !IsElsewhereToBeTried(failure) : IsEndedBy(failure))
            return 0;
        for (int place = _place + 1; place < _order.Length; place++)
        {
            var client = _chain.Clients[_order[place]];
            if (
                (failure.Meaning != LlmErrorKind.ContextLengthExceeded || HasMoreRoom(client, failure))
                && _canServe?.Invoke(client) != false
            )
                return place;
        }
        return 0;
    }

    // A client without time left could send nothing, and would only hide what failed.
    private bool HasTime(LlmClient client, bool isStream)
    {
        var deadline = isStream ? client.Options.Timeouts.StreamDeadline : client.Options.Timeouts.ReplyDeadline;
        var time = client.Options.Time;
        return deadline == Timeout.InfiniteTimeSpan || time.GetElapsedTime(Start(time)) < deadline;
    }

    private bool IsElsewhereToBeTried(LlmException failure) =>
        failure.IsRetryable
        || failure.Meaning switch
        {
            LlmErrorKind.Authentication or LlmErrorKind.PermissionDenied => _chain.Options.FallbackOnAuthentication,
            LlmErrorKind.ContentFiltered => _chain.Options.FallbackOnContentFilter,
            // If an answer was ended, some of it was delivered, or at least paid for.
            LlmErrorKind.BudgetExceeded => _chain.Options.FallbackOnBudget && failure.Phase == LlmPhase.Configure,
            // A request that is wrong or too large for one service usually is for all; and the deadline is shared.
            LlmErrorKind.BadRequest
            or LlmErrorKind.RequestTooLarge
            or LlmErrorKind.InvalidConfiguration
            or LlmErrorKind.LimitExceeded
            or LlmErrorKind.DeadlineExceeded => false,
            _ => true,
        };

    private bool HasMoreRoom(LlmClient client, LlmException failure)
    {
        long? known = failure.MaximumTokens ?? Client.Provider.CapabilitiesOf(Model).ContextTokens;
        return client.Provider.CapabilitiesOf(RequestOf(client).Model ?? client.Model).ContextTokens > known;
    }
}
