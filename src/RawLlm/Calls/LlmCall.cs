using System.Diagnostics;
using System.Runtime.ExceptionServices;
using RawLlm.Protocols;
using RawLlm.Telemetry;
using RawLlm.Transport;

namespace RawLlm;

/// <summary>One call of a client: its attempts so far, and whether and when another follows. Not thread-safe.</summary>
/// <remarks>The only layer that sends a request again, and only while nothing of an answer has been delivered.</remarks>
internal sealed class LlmCall(LlmClient client, WireRequest wire, ChatRequest? request, CancellationToken cancellationToken)
{
    private const long NotBegun = long.MinValue;

    private long _start = NotBegun;
    private long _attemptStart;
    private List<LlmAttempt>? _attempts;

    // Most calls need none.
    private Retry? _retry;
    private long _brokenAt;
    private bool _hasLeftReasoningOut;
    private IRefusedCall? _refused;
    private WireProtocol? _dialect;

    /// <summary>The fallback chain's call that this is part of; null for a client alone.</summary>
    public FallbackCall? Chain { get; init; }

    /// <summary>When the call began, if that was before its first attempt; otherwise the first attempt sets it.</summary>
    public long Start
    {
        get => _start;
        init => _start = value;
    }

    /// <summary>The telemetry of the call; usually null.</summary>
    public CallTelemetry? Telemetry
    {
        get => TelemetrySwitch.IsSupported ? field : null;
        init;
    }

    /// <summary>The limits on its spending; usually null.</summary>
    public CallSpending? Spending { get; init; }

    /// <summary>
    /// Whether this is a conversation: only a conversation contains reasoning, and is sent once more without it if the service refuses it.
    /// </summary>
    public bool IsConversation { get; init; }

    /// <summary>The batch of embeddings that is sent; null for any other call.</summary>
    public EmbeddingRequest? Batch { get; init; }

    /// <summary>Ends the call's own work because another client was first; usually never canceled.</summary>
    public CancellationToken Stop => Chain?.Stop ?? default;

    /// <summary>
    /// The request as it is sent: not the original one if the service refused the reasoning in it, or something else that was left out or
    /// replaced. The code that created the call disposes it.
    /// </summary>
    public WireRequest Wire => wire;

    /// <summary>The requested model.</summary>
    public string Model => request?.Model ?? client.Model;

    /// <summary>The attempts before the current one; null if there were none.</summary>
    public EarlierAttempts? Earlier
    {
        get
        {
            var earlier = Chain is { Attempts.Count: > 0 } ? new List<LlmAttempt>(Chain.Attempts) : _attempts;
            return earlier is null ? null : new(earlier, Endpoint, client.Options.Time, _attemptStart);
        }
    }

    /// <summary>Keys in the request's headers, and those that a custom credential has set; null if there are none.</summary>
    [DebuggerBrowsable(DebuggerBrowsableState.Never)]
    public List<string>? Secrets => KeyHeaders.Secrets(request?.Headers, wire);

    /// <summary>Whether the request brings its own credential.</summary>
    public bool UsesOwnCredential => client.Errors.UsesOwnCredential(request);

    /// <summary>
    /// Sends the request, with retries, until a successful response head arrives. For a stream, a web page does not count.
    /// </summary>
    /// <param name="stop">Ends sending and the reading of an error, but not the answer.</param>
    /// <exception cref="LlmException">The service refused, or no response arrived, and no further attempt is made; or no budget covers
    /// another attempt.</exception>
    public async Task<HttpAnswer> OpenAsync(CancellationToken stop)
    {
        while (true)
        {
            LlmException? failure = null;
            bool? serverSays = null;
            // Signed again for each attempt: a signature that contains the time would be out of date.
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
            var sending =
                TelemetrySwitch.IsSupported && Telemetry is { } listening
                    ? Send(listening, stop)
                    : client.Exchange.Send(wire, _start, _attemptStart, cancellationToken, stop, Attempt);
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
                    // Another client may win the race while this answer is read.
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

    /// <summary>
    /// Ends an answer that broke off or contains an error, and waits for the next attempt, or throws the error that ended this one.
    /// </summary>
    /// <param name="answer">The answer.</param>
    /// <param name="failure">What is wrong with it.</param>
    /// <param name="body">The bytes that the error was read from; empty if the body did not arrive, or if the failure already describes
    /// it.</param>
    /// <param name="hasEvent">Whether an event of it had arrived, although it was not delivered.</param>
    public Task EndBrokenAsync(HttpAnswer answer, LlmException failure, ReadOnlySpan<byte> body = default, bool hasEvent = false)
    {
        answer.Dispose();
        return WaitOrThrowAsync(
            client.Errors.Enrich(failure, answer, wire, request, body),
            ResponseHead.ShouldRetry(answer.Headers),
            answer.BytesRead,
            Stop,
            hasEvent
        );
    }

    /// <summary>
    /// Waits for the next attempt after one of which nothing was delivered, or throws the failure if there is no next one.
    /// </summary>
    /// <param name="failure">What ended the attempt.</param>
    /// <param name="serverSays">The value of the service's <c>x-should-retry</c>.</param>
    /// <param name="bodyBytes">How many bytes of the answer's body had arrived.</param>
    /// <param name="stop">Ends the wait.</param>
    /// <param name="hasEvent">Whether an event of the answer had arrived.</param>
    /// <returns>The wait; the failure is thrown before it.</returns>
    public Task WaitOrThrowAsync(LlmException failure, bool? serverSays, long bodyBytes, CancellationToken stop, bool hasEvent = false)
    {
        if (Stop.IsCancellationRequested)
        {
            Abandon();
            throw new OperationCanceledException(Stop);
        }
        var attempt = LlmAttempt.Of(Endpoint, failure, client.Options.Time.GetElapsedTime(_attemptStart)) with
        {
            MayBeBilled = hasEvent || failure.MayBeBilled,
        };
        Spending?.Fail(attempt.MayBeBilled);
        (_attempts ??= []).Add(attempt);
        Chain?.Add(attempt);
        bool isSameAgain = IsBrokenOff(failure) && bodyBytes > 0 && bodyBytes == _brokenAt;
        _brokenAt = IsBrokenOff(failure) ? bodyBytes : 0;
        var delay = TimeSpan.Zero;
        bool isChanged =
            (failure.RefusesReasoning && LeavesReasoningOut(failure)) || (client.Learning is { } learning && Adapts(learning, failure));
        bool isLast =
            !isChanged && (isSameAgain || Chain?.MayAskAgain(failure) == false || !Retry.TryNext(failure, serverSays, Left(), out delay));
        if (TelemetrySwitch.IsSupported)
            Telemetry?.AttemptFailed(failure, attempt.Elapsed, isLast ? null : delay);
        if (isLast)
        {
            failure = Final(failure, isSameAgain);
            Chain?.RecordFinalFailure(failure);
            ExceptionDispatchInfo.Throw(failure);
        }
        // Before the wait, so that no caller waits for an attempt that is then refused.
        if (Spending is not null)
            ReserveAgain(failure);
        return isChanged ? Task.CompletedTask : DelayAsync(delay, stop);
    }

    /// <summary>Records that some of the answer is delivered, or that it is complete: nothing is sent again.</summary>
    public void Succeeded()
    {
        _refused?.Succeeded();
        if (_retry is null)
            client.Budget.Succeeded(spent: 0);
        else
            _retry.Succeeded();
    }

    /// <summary>Records a whole answer, which counts toward the budget if there is one.</summary>
    public void Succeeded(ChatReply reply)
    {
        Spending?.Settle(reply);
        Succeeded();
    }

    /// <summary>Abandons the current attempt, whose outcome no longer matters.</summary>
    /// <returns>False, so that a filter can call it before the stack unwinds.</returns>
    public bool Abandon()
    {
        Spending?.Fail(mayBeBilled: true);
        return false;
    }

    /// <summary>Adds to an error about an answer what the answer's head says.</summary>
    public LlmException Enrich(LlmException failure, HttpAnswer answer) => client.Errors.Enrich(failure, answer, wire, request);

    private string Endpoint => LlmAttempt.EndpointOf(client.Provider, Model);

    private int Attempt => (_attempts?.Count ?? 0) + 1;

    private Retry Retry => _retry ??= new(client.Options.Retries, client.Budget, client.Options.Random);

    // Only once: if the service still refuses, the data that was sent back is not the cause.
    private bool LeavesReasoningOut(LlmException failure)
    {
        if (!IsConversation || _hasLeftReasoningOut || Chain?.MayAskAgain(failure) == false)
            return false;
        _hasLeftReasoningOut = true;
        if (!Replace(client.Requests.WriteWithoutReasoning(request!, wire, _dialect)))
            return false;
        // This refusal is dealt with; the next one may come without a body of its own.
        _refused?.Drop();
        return true;
    }

    // If the service names something that the dialect can leave out or replace, the request is sent in that dialect.
    private bool Adapts(IRefusalLearning learning, LlmException failure)
    {
        if (MayAdapt && !failure.OutputCommitted && IsRefusal(failure) && Chain?.MayAskAgain(failure) != false)
        {
            _refused ??= learning.Begin(Model);
            if (
                _refused.Adapt(failure, request!, wire) is { } dialect
                && Replace(client.Requests.WriteAdapted(request!, Batch, wire, dialect, _hasLeftReasoningOut))
            )
            {
                _dialect = dialect;
                return true;
            }
        }
        _refused?.Drop();
        return false;
    }

    private bool MayAdapt => IsConversation || Batch is not null;

    // llama.cpp (2026) reports with status 500 what a template refuses.
    private static bool IsRefusal(LlmException failure) =>
        (failure.CauseKind ?? failure.Kind) is LlmErrorKind.BadRequest or LlmErrorKind.Unsupported
        || failure is { Kind: LlmErrorKind.ServerError, Status: 500 };

    private bool Replace(WireRequest? other)
    {
        if (other is null)
            return false;
        if (!Retry.TryAnother())
        {
            other.Dispose();
            return false;
        }
        _refused?.Note(other);
        wire.Dispose();
        wire = other;
        return true;
    }

    private HttpSending Send(CallTelemetry listening, CancellationToken stop)
    {
        var current = listening.BeginSending(wire.Secrets);
        var sending = client.Exchange.Send(wire, _start, _attemptStart, cancellationToken, stop, Attempt);
        listening.EndSending(current);
        return sending;
    }

    // A custom credential may throw; the amount reserved for the attempt is released then.
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

    // Called between reserving the amount and sending: an attempt that is never sent reserves nothing, and is not billed.
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

    // An answer that breaks off at the same byte twice always breaks off there, and each attempt is billed.
    private static bool IsBrokenOff(LlmException failure) => failure.Kind is LlmErrorKind.StreamTruncated or LlmErrorKind.ConnectionLost;

    private LlmException Final(LlmException failure, bool isSameAgain)
    {
        if (_attempts!.Count > 1)
        {
            failure = failure.With(
                attempts: Chain is null ? _attempts : null,
                note: isSameAgain ? " Two attempts broke off at the same byte, so the request was not sent again." : null
            );
        }

        return _retry is { IsSuppressed: true }
            ? failure.With(
                retriesSuppressed: true,
                hint: " The request was not sent again, because too many recent requests of this client failed or were refused (LlmRetries.Budget)."
            )
            : failure;
    }

    private TimeSpan Left()
    {
        var deadline = wire.IsStream ? client.Options.Timeouts.StreamDeadline : client.Options.Timeouts.ReplyDeadline;
        return Watchdog.IsUnlimited(deadline) ? TimeSpan.MaxValue : deadline - client.Options.Time.GetElapsedTime(_start);
    }

    private async Task DelayAsync(TimeSpan delay, CancellationToken stop)
    {
        // Linked two at a time: for three tokens .NET has a separate class, which a native program would need only for this (6 KB).
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

    private bool IsPage(HttpAnswer answer) =>
        wire.IsStream && answer.Status is >= 200 and < 300 and not (204 or 205) && ContentTypeCheck.IsWebPage(answer.MediaType);

    private LlmException Named(LlmException e) =>
        e.With(
            provider: client.Provider.Name,
            model: Model,
            usedRequestCredential: e.Phase is not (LlmPhase.Configure or LlmPhase.Connect) && UsesOwnCredential
        );

    private async Task<LlmException> EndAsync(HttpAnswer answer, bool isPage, CancellationToken stop)
    {
        using (answer)
        using (stop.UnsafeRegister(static watchdog => ((Watchdog)watchdog!).Cancel(), answer.Watchdog))
        {
            LlmException failure;
            try
            {
                if (!isPage && FailureOfHead(answer) is { } known)
                {
                    failure = client.Errors.Enrich(known, answer, wire, request);
                }
                else
                {
                    // Before the body, which may take a while.
                    var headers = client.Errors.DatedHeaders(answer);
                    using var body = new PooledBody();
                    await BodyReader.ReadErrorAsync(answer, body, client.Options.Limits.ErrorBodyBytes).ConfigureAwait(false);
                    if (!isPage && MayAdapt && client.Learning is { } learning)
                        (_refused ??= learning.Begin(Model)).Read(body.Span);
                    known = isPage
                        ? ContentTypeCheck.Check(answer.Status, answer.MediaType, body.Span)!
                        : client.Provider.Protocol.ReadError(answer.Status, headers, body.Span, client.Options.Limits);
                    failure = client.Errors.Enrich(known, answer, wire, request, body.Span);
                }
            }
            catch (LlmException e)
            {
                failure = Named(e);
            }
            catch (Exception) when (Abandon())
            {
                throw;
            }
            if (!stop.IsCancellationRequested)
                return failure;
            // An abandoned body reports the caller's cancellation as a broken connection.
            Abandon();
            cancellationToken.ThrowIfCancellationRequested();
            throw new OperationCanceledException(stop);
        }
    }

    // The error for an answer without a body that would say more; null for any other.
    private LlmException? FailureOfHead(HttpAnswer answer) =>
        answer.Status switch
        {
            204 or 205 => new LlmException(
                LlmErrorKind.MalformedResponse,
                $"The server answered with status {answer.Status}, which has no body and so no answer."
            )
            {
                Status = answer.Status,
                Phase = LlmPhase.AwaitHeaders,
                IsRetryable = true,
            },
            >= 300 and < 400 => ErrorReader.ReadRedirect(answer.Status, answer.Headers, wire.Url),
            _ => null,
        };
}
