using System.Runtime.ExceptionServices;
using RawLlm.Protocols;
using RawLlm.Telemetry;
using RawLlm.Transport;

namespace RawLlm;

/// <summary>One call of a client: its attempts so far, and whether and when another follows. Not thread-safe.</summary>
/// <remarks>The one layer that sends again. It may do so while nothing of an answer was handed on.</remarks>
internal sealed class LlmCall(LlmClient client, WireRequest wire, ChatRequest? request, CancellationToken cancellationToken)
{
    private const long NotBegun = long.MinValue;

    private long _start = NotBegun;
    private long _attemptStart;
    private List<LlmAttempt>? _attempts;

    // Most calls need none.
    private Retry? _retry;
    private long _brokenAt;
    private bool _hasLeftThoughtsOut;

    /// <summary>The call of several clients that this is a part of; null for one alone.</summary>
    public FallbackCall? Chain { get; init; }

    /// <summary>When it began, where that was before its first attempt; else known with that.</summary>
    public long Start { get => _start; init => _start = value; }

    /// <summary>Whoever listens to the call; null as a rule.</summary>
    public CallTelemetry? Telemetry { get => TelemetrySwitch.IsSupported ? field : null; init; }

    /// <summary>What bounds its spending; null as a rule.</summary>
    public CallSpending? Spending { get; init; }

    /// <summary>True for a conversation: only that holds thoughts, and is asked once without them.</summary>
    public bool IsConversation { get; init; }

    /// <summary>Ends what the call does on its own, since another one was first; never as a rule.</summary>
    public CancellationToken Stop => Chain?.Stop ?? default;

    /// <summary>The request as it goes out: another one than at first where the service refused the thoughts in that. Whoever made the call disposes of it.</summary>
    public WireRequest Wire => wire;

    /// <summary>The model that is asked.</summary>
    public string Model => request?.Model ?? client.Model;

    /// <summary>The attempts before the one that is under way; null when there was none.</summary>
    public EarlierAttempts? Earlier
    {
        get
        {
            var earlier = Chain is { Attempts.Count: > 0 } ? [.. Chain.Attempts] : _attempts;
            return earlier is null ? null : new(earlier, Endpoint, client.Options.Time, _attemptStart);
        }
    }

    /// <summary>Keys among the headers of the request, and what a credential of the caller's own has set; null where there is none.</summary>
    public List<string>? Secrets => KeyHeaders.Secrets(request?.Headers, wire);

    /// <summary>Sends until the head of a success has come; of a stream, one that is no web page.</summary>
    /// <param name="stop">Ends the sending and the reading of an error, not the answer.</param>
    /// <exception cref="LlmException">The service refused, or no response came, and it is not tried again; or no budget covers another try.</exception>
    public async Task<HttpAnswer> OpenAsync(CancellationToken stop)
    {
        while (true)
        {
            LlmException? failure = null;
            bool? serverSays = null;
            // Signed anew each time: a signature that holds the time would be out of date.
            if (_attempts is not null)
                AuthenticateAgain();
            _attemptStart = client.Options.Time.GetTimestamp();
            if (_start == NotBegun)
                _start = Chain?.Start(client.Options.Time) ?? _attemptStart;
            if (Spending is not null)
            {
                ThrowIfCancelled(stop);
                Spending.Reserve(after: null);
            }
            Chain?.Send();
            var sending = TelemetrySwitch.IsSupported && Telemetry is { } listening ? Send(listening, stop) : client.Exchange.Send(wire, _start, _attemptStart, cancellationToken, stop, Attempt);
            HttpAnswer? answer = null;
            try
            {
                await sending.Head.ConfigureAwait(false);
                answer = await sending.ToAnswerAsync().ConfigureAwait(false);
            }
            catch (Exception e)
            {
                var thrown = sending.Fail(e, stop);
                if (thrown is not LlmException known)
                {
                    Spending?.Fail(mayBeBilled: true);
                    ExceptionDispatchInfo.Throw(thrown);
                    throw;
                }
                failure = Named(known);
            }
            if (answer is not null)
            {
                bool isPage = IsPage(answer);
                if (!isPage && answer.Status is >= 200 and < 300 and not (204 or 205))
                {
                    if (Spending is not null && wire.IsStream)
                        answer.Body = Spending.Watch(answer.Body, answer.MediaType, ResponseHead.Cost(answer.Headers));
                    // The race is lost while the answer is read.
                    if (Chain is { Stop: { CanBeCanceled: true } lost })
                        lost.UnsafeRegister(static watchdog => ((Watchdog)watchdog!).Cancel(), answer.Watchdog);
                    return answer;
                }
                serverSays = isPage ? null : ResponseHead.ShouldRetry(answer.Headers);
                failure = await EndAsync(answer, isPage, stop).ConfigureAwait(false);
            }
            await WaitOrThrowAsync(failure!, serverSays, bodyBytes: 0, stop).ConfigureAwait(false);
        }
    }

    /// <summary>Ends an answer that broke off or holds an error, and waits for the next attempt, or throws what ended this one.</summary>
    /// <param name="answer">The answer.</param>
    /// <param name="failure">What is wrong with it.</param>
    /// <param name="body">What that was read from; empty where the body did not come, or the failure tells of it already.</param>
    /// <param name="hasEvent">Whether an event of it had come, though nobody was handed it.</param>
    public Task EndBrokenAsync(HttpAnswer answer, LlmException failure, ReadOnlySpan<byte> body = default, bool hasEvent = false)
    {
        answer.Dispose();
        return WaitOrThrowAsync(client.Errors.Enrich(failure, answer, wire, request, body), ResponseHead.ShouldRetry(answer.Headers), answer.BytesRead, Stop, hasEvent);
    }

    /// <summary>After an attempt of which nothing was handed on: waits for the next one, or throws the failure when there is none.</summary>
    /// <param name="failure">What ended the attempt.</param>
    /// <param name="serverSays">What the service's <c>x-should-retry</c> says.</param>
    /// <param name="bodyBytes">How much of the answer's body had come.</param>
    /// <param name="stop">Ends the waiting.</param>
    /// <param name="hasEvent">Whether an event of the answer had come.</param>
    public async Task WaitOrThrowAsync(LlmException failure, bool? serverSays, long bodyBytes, CancellationToken stop, bool hasEvent = false)
    {
        if (Stop.IsCancellationRequested)
        {
            GiveUp();
            throw new OperationCanceledException(Stop);
        }
        var attempt = LlmAttempt.Of(Endpoint, failure, client.Options.Time.GetElapsedTime(_attemptStart)) with { MayBeBilled = hasEvent || failure.MayBeBilled };
        Spending?.Fail(attempt.MayBeBilled);
        (_attempts ??= []).Add(attempt);
        Chain?.Add(attempt);
        bool isSameAgain = IsBrokenOff(failure) && bodyBytes > 0 && bodyBytes == _brokenAt;
        _brokenAt = IsBrokenOff(failure) ? bodyBytes : 0;
        var delay = TimeSpan.Zero;
        bool isChanged = failure.RefusesThoughts && LeavesThoughtsOut(failure);
        bool isLast = !isChanged && (isSameAgain || Chain?.MayAskAgain(failure) == false || !Retry.TryNext(failure, serverSays, Left(), out delay));
        if (TelemetrySwitch.IsSupported)
            Telemetry?.AttemptFailed(failure, attempt.Elapsed, isLast ? null : delay);
        if (isLast)
        {
            failure = Final(failure, isSameAgain);
            Chain?.NoteEnd(failure);
            ExceptionDispatchInfo.Throw(failure);
        }
        // Before the wait: nobody waits for what would be refused.
        if (Spending is not null)
            ReserveAgain(failure);
        if (!isChanged)
            await DelayAsync(delay, stop).ConfigureAwait(false);
    }

    /// <summary>Something of the answer is handed on, or it is whole: nothing is sent again.</summary>
    public void Succeeded()
    {
        if (_retry is null)
            client.Budget.Succeeded(spent: 0);
        else
            _retry.Succeeded();
    }

    /// <summary>A whole answer was read, which is counted where there is a budget.</summary>
    public void Succeeded(ChatReply reply)
    {
        Spending?.Settle(reply);
        Succeeded();
    }

    /// <summary>The attempt under way is left, and nobody asks what became of it.</summary>
    /// <returns>False, so that a filter can call it before the stack is left.</returns>
    public bool GiveUp()
    {
        Spending?.Fail(mayBeBilled: true);
        return false;
    }

    /// <summary>An error about an answer, with what its head tells.</summary>
    public LlmException Enrich(LlmException failure, HttpAnswer answer) => client.Errors.Enrich(failure, answer, wire, request);

    private string Endpoint => LlmAttempt.EndpointOf(client.Provider, Model);

    private int Attempt => (_attempts?.Count ?? 0) + 1;

    private Retry Retry => _retry ??= new(client.Options.Retries, client.Budget, client.Options.Random);

    // Once: where the service still refuses them, it is not for what it is given back.
    private bool LeavesThoughtsOut(LlmException failure)
    {
        if (!IsConversation || _hasLeftThoughtsOut || Chain?.MayAskAgain(failure) == false)
            return false;
        _hasLeftThoughtsOut = true;
        if (client.Requests.WriteWithoutThoughts(request!, wire) is not { } without)
            return false;
        if (!Retry.TryAnother())
        {
            without.Dispose();
            return false;
        }
        wire.Dispose();
        wire = without;
        return true;
    }

    private HttpSending Send(CallTelemetry listening, CancellationToken stop)
    {
        var current = listening.BeginSending(wire.Secrets);
        var sending = client.Exchange.Send(wire, _start, _attemptStart, cancellationToken, stop, Attempt);
        listening.EndSending(current);
        return sending;
    }

    // A credential of the caller's own may fail, and what is held for the attempt is held for none then.
    private void AuthenticateAgain()
    {
        try
        {
            client.Requests.Authenticate(wire, request);
        }
        catch
        {
            Spending?.Fail(mayBeBilled: false);
            throw;
        }
    }

    // Between the holding and the sending: what is never sent holds nothing, and nobody bills it.
    private void ThrowIfCancelled(CancellationToken stop)
    {
        if (!cancellationToken.IsCancellationRequested && !stop.IsCancellationRequested)
            return;
        Spending!.Fail(mayBeBilled: false);
        cancellationToken.ThrowIfCancellationRequested();
        stop.ThrowIfCancellationRequested();
    }

    private void ReserveAgain(LlmException failure)
    {
        try
        {
            Spending!.Reserve(failure);
        }
        catch (LlmException e) when (Chain is null)
        {
            throw e.With(attempts: [.. _attempts!, LlmAttempt.Of(Endpoint, e, TimeSpan.Zero)]);
        }
    }

    // An answer that breaks off at the same byte twice breaks off there always, and each time is billed.
    private static bool IsBrokenOff(LlmException failure) => failure.Kind is LlmErrorKind.StreamTruncated or LlmErrorKind.ConnectionLost;

    private LlmException Final(LlmException failure, bool isSameAgain)
    {
        if (_attempts!.Count > 1)
            failure = failure.With(attempts: Chain is null ? _attempts : null, note: isSameAgain ? " Two attempts broke off at the same byte, so that it was not tried again." : null);
        return _retry is { IsSuppressed: true } ? failure.With(retriesSuppressed: true, hint: " It was not tried again, because too many requests of this client were refused or failed of late (LlmRetries.Budget).") : failure;
    }

    private TimeSpan Left()
    {
        var deadline = wire.IsStream ? client.Options.Timeouts.StreamDeadline : client.Options.Timeouts.ReplyDeadline;
        return Watchdog.IsUnlimited(deadline) ? TimeSpan.MaxValue : deadline - client.Options.Time.GetElapsedTime(_start);
    }

    private async Task DelayAsync(TimeSpan delay, CancellationToken stop)
    {
        // Twice two: for three at once the platform has a class of its own, of which a native program needs nothing else (6 KB).
        using var ended = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, client.Exchange.Closed);
        using var linked = CancellationTokenSource.CreateLinkedTokenSource(ended.Token, stop);
        try
        {
            await Task.Delay(delay, client.Options.Time, linked.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            Spending?.Fail(mayBeBilled: false);
            cancellationToken.ThrowIfCancellationRequested();
            stop.ThrowIfCancellationRequested();
            throw new ObjectDisposedException(nameof(LlmClient));
        }
    }

    private bool IsPage(HttpAnswer answer) => wire.IsStream && answer.Status is >= 200 and < 300 and not (204 or 205) && ContentTypeCheck.IsWebPage(answer.MediaType);

    private LlmException Named(LlmException e) => e.With(provider: client.Provider.Name, model: Model);

    private async Task<LlmException> EndAsync(HttpAnswer answer, bool isPage, CancellationToken stop)
    {
        using (answer)
        using (stop.UnsafeRegister(static watchdog => ((Watchdog)watchdog!).Cancel(), answer.Watchdog))
        {
            LlmException failure;
            try
            {
                failure = isPage ? await client.Errors.ReadPageAsync(answer, wire, request).ConfigureAwait(false) : await ReadFailureAsync(answer).ConfigureAwait(false);
            }
            catch (LlmException e)
            {
                failure = Named(e);
            }
            catch (Exception) when (GiveUp())
            {
                throw;
            }
            if (!stop.IsCancellationRequested)
                return failure;
            // A body that was left takes the caller's cancelling for a connection that broke.
            GiveUp();
            cancellationToken.ThrowIfCancellationRequested();
            throw new OperationCanceledException(stop);
        }
    }

    private async Task<LlmException> ReadFailureAsync(HttpAnswer answer)
    {
        if (answer.Status is 204 or 205)
            return client.Errors.Enrich(new LlmException(LlmErrorKind.MalformedResponse, $"The server answered with status {answer.Status}, which holds no answer.") { Status = answer.Status, Phase = LlmPhase.AwaitHeaders, IsRetryable = true }, answer, wire, request);
        if (answer.Status is >= 300 and < 400)
            return client.Errors.Enrich(ErrorReader.ReadRedirect(answer.Status, answer.Headers), answer, wire, request);
        // Before the body, which may take its time.
        var headers = client.Errors.DatedHeaders(answer);
        using var body = await BodyReader.ReadErrorAsync(answer, client.Options.Limits.ErrorBodyBytes).ConfigureAwait(false);
        return client.Errors.Enrich(client.Provider.Protocol.ReadError(answer.Status, headers, body.Span, client.Options.Limits), answer, wire, request, body.Span);
    }
}
