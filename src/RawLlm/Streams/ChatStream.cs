using System.Diagnostics;
using System.Runtime.CompilerServices;
using RawLlm.Protocols;
using RawLlm.Telemetry;
using RawLlm.Transport;

namespace RawLlm;

/// <summary>A streamed answer: a cursor over lent events, and an async sequence of them.</summary>
/// <remarks>
/// <para>There are three ways to read it: lent events (<c>await foreach (var e in stream)</c>, nothing allocated per event), owned updates
/// (<see cref="UpdatesAsync"/>) and strings (<see cref="TextAsync"/>). Use one of them, once.</para>
/// <para>Only one reader at a time. Dispose the stream, or let the loop do so: leaving early closes the connection, so that the service
/// stops generating.</para>
/// <para>Canceling the token of a read, or the one that the stream was opened with, ends a read that waits for bytes, and the next read
/// that needs any. Up to fifteen events that were already found may still arrive and, once the answer's end was found, the rest of the
/// answer.</para>
/// <para>An error that ends a read ends the stream: every later read throws the same error. After a read that was canceled while it waited,
/// later reads throw an <see cref="LlmException"/> that says so. A read that fails before it touches the body (its token was already
/// canceled, or another read is in progress) does not end the stream.</para>
/// </remarks>
public sealed partial class ChatStream : IAsyncEnumerable<StreamEvent>, IAsyncDisposable
{
    // Returned: the buffers have been returned, too.
    private const int Disposed = 1;
    private const int Returned = 2;

    // Copied as a whole: written field by field, it could be read only after all fields had left the processor's store buffer, 5 ns later.
    private static readonly ValueTask<bool> Moved = new(true);

    private StreamOpening? _opening;
    private StreamDecoder _decoder;
    private Stream _body;
    private HttpAnswer? _answer;
    private RareStreamState? _rareState;
    private CancellationToken _token;
    private CancellationTokenSource? _joined;
    private CancellationToken _joinedWith;

    // May wrap around to zero: only whether the two differ matters.
    private uint _eventsAtLastWait;
    private uint _eventCount;
    private int _isReading;
    private int _isDisposed;
    private bool _isEnumerated;
    private bool _isEnded;
    private bool _isCommitted;
    private bool _hasBytes;
    private bool _isReopening;

    /// <summary>
    /// Creates a stream that reads a body with a decoder of its wire; both are disposed with the stream. No timeouts apply.
    /// </summary>
    public ChatStream(Stream body, StreamDecoder decoder)
    {
        ArgumentNullException.ThrowIfNull(body);
        ArgumentNullException.ThrowIfNull(decoder);
        _body = body;
        _decoder = decoder;
    }

    /// <summary>Creates a stream that reads an answer; until some of it has been delivered, the opening can request it again.</summary>
    internal ChatStream(HttpAnswer answer, StreamDecoder decoder, StreamOpening? opening = null)
        : this(answer.Body, decoder)
    {
        _opening = opening;
        SetAnswer(answer);
    }

    /// <summary>
    /// The event that the last read moved to, lent until the next read; of kind <see cref="StreamEventKind.None"/> before the first read.
    /// </summary>
    public StreamEvent Current
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => _isDisposed == 0 ? _decoder.Current : default;
    }

    /// <summary>The service's rate limits and what remains of them; null if it sent no such headers.</summary>
    // Parsed on demand, so that it does not delay the first text.
    public RateLimits? RateLimits => _answer is null ? null : ResponseHead.RateLimits(_answer.Headers);

    /// <summary>The service's ID for the request, to quote to its support; null if it sent none.</summary>
    public string? RequestId => _answer is null ? null : ResponseHead.RequestId(_answer.Headers);

    /// <summary>
    /// The response's headers as the server spelled them, without cookies and keys, if <see cref="LlmClientOptions.KeepRaw"/> is set;
    /// otherwise empty. Read again on each access.
    /// </summary>
    public IReadOnlyList<KeyValuePair<string, string>> Headers =>
        _answer is { } answer && Client is { } client ? client.Errors.Headers(answer, Secrets) : [];

    /// <summary>The deviations from the wire's specification that were tolerated so far.</summary>
    public IReadOnlyList<Quirk> Quirks => _decoder.Quirks;

    /// <summary>
    /// The cost of the answer, calculated from its usage so far; null if it is not known, as before the end of most answers.
    /// </summary>
    /// <remarks>Calculated for the model that answered once it is known, and for the requested model until then.</remarks>
    public Cost? Cost => Total(OwnCost);

    /// <summary>Why the first choice ended; <see cref="StopReason.Unknown"/> until it has.</summary>
    public StopReason StopReason => _rareState?.StopReason ?? StopReason.Unknown;

    /// <summary>The stop reason of the first choice in the service's own words; null until the first choice has ended.</summary>
    public string? RawStopReason => _rareState?.RawStopReason;

    /// <summary>
    /// The service's explanation of why the first choice ended, in addition to the stop reason; usually null, and null until the first
    /// choice has ended.
    /// </summary>
    public string? StopMessage => _rareState?.StopMessage;

    /// <summary>The stop sequence that ended the first choice (<see cref="ChatChoice.StopSequence"/>); null until it has ended.</summary>
    public string? StopSequence => _rareState?.StopSequence;

    /// <summary>
    /// The failed attempts before the answer that is being read, including those at other services of a <see cref="FallbackChain"/>;
    /// usually empty. Final once an event other than <see cref="StreamEventKind.Connected"/> was read.
    /// </summary>
    public IReadOnlyList<LlmAttempt> Attempts => (_opening is { } opening ? opening.Earlier : _rareState?.Earlier)?.Failed ?? [];

    /// <summary>The answer's usage so far; null while it is not known.</summary>
    public Usage? Usage => _decoder.Usage;

    /// <summary>The service's ID for the answer; null until the service has sent it, usually with the first event.</summary>
    public string? Id => _rareState?.Id ?? _decoder.AnswerId;

    /// <summary>
    /// The model that answers, by the service's own name for it; null until the service has sent it, usually with the first event.
    /// Bedrock's Converse never sends one; use <see cref="RequestedModel"/> there.
    /// </summary>
    public string? Model => _rareState?.Model ?? _decoder.AnswerModel;

    /// <summary>
    /// The client, which knows the service, its prices and the secrets that no error may repeat. Called without a delegate, so that a
    /// program that never asks for a cost does not link the prices.
    /// </summary>
    internal LlmClient? Client { get; set; }

    /// <summary>
    /// The model that was requested from the service that answers; null for a body that the caller supplied. With a
    /// <see cref="FallbackChain"/> it changes together with <see cref="Provider"/>.
    /// </summary>
    public string? RequestedModel { get; internal set; }

    /// <summary>Keys in the request's headers, which no error may repeat; usually null.</summary>
    [DebuggerBrowsable(DebuggerBrowsableState.Never)]
    internal List<string>? Secrets
    {
        get => _rareState?.Secrets;
        set
        {
            if (value is not null)
                RareState.Secrets = value;
        }
    }

    /// <summary>Whether the request has brought its own credential; usually false.</summary>
    internal bool UsesRequestCredential
    {
        get => _rareState is { UsesRequestCredential: true };
        set
        {
            if (value || _rareState is not null)
                RareState.UsesRequestCredential = value;
        }
    }

    /// <summary>The telemetry of the call; usually null.</summary>
    // Callers check the switch first, so that the code behind it can be trimmed away.
    internal CallTelemetry? Telemetry
    {
        private get => _rareState?.Telemetry;
        set
        {
            if (value is not null)
                RareState.Telemetry = value;
        }
    }

    /// <summary>
    /// The name of the service that answers; null for a body that the caller supplied. With a <see cref="FallbackChain"/> it may change
    /// until an event other than <see cref="StreamEventKind.Connected"/> was read, and at each seam
    /// (<see cref="StreamEventKind.Switched"/>).
    /// </summary>
    public string? Provider => Client?.Provider.Name;

    /// <summary>Whether the events are gathered into one answer, and only that is delivered.</summary>
    internal bool IsGathered { get; init; }

    // The caller's token that the stream was opened with; _token is the watchdog's, which is canceled with it and by timeouts.
    private CancellationToken Opened => _answer?.CancellationToken ?? default;

    private RareStreamState RareState => _rareState ??= new RareStreamState();

    /// <summary>Moves to the next event.</summary>
    /// <returns>False when the answer is complete and all of it was read.</returns>
    /// <exception cref="LlmException">The answer broke off, or the service reported an error.</exception>
    /// <exception cref="OperationCanceledException">The token, or the one that the stream was opened with, was canceled.</exception>
    /// <exception cref="InvalidOperationException">Another read is in progress.</exception>
    /// <exception cref="ObjectDisposedException">The stream was disposed.</exception>
    public ValueTask<bool> ReadAsync(CancellationToken cancellationToken = default)
    {
        return TryTakeAhead() || (_decoder.CanLookAhead && TryReadLikely(cancellationToken)) ? Moved : ReadNextAsync(cancellationToken);
    }

    /// <summary>Moves to the next event if it has already arrived, without waiting for the connection.</summary>
    /// <remarks>
    /// Call it after <see cref="ReadAsync"/> has returned true, to handle events that arrived together as one batch: write all of them,
    /// then flush once. It observes only the token that the stream was opened with.
    /// </remarks>
    /// <returns>
    /// False if no further event has arrived. Only <see cref="ReadAsync"/> reports whether and how the answer ended: it waits for the next
    /// event, returns false at the end, or throws the error that ended the answer.
    /// </returns>
    /// <exception cref="InvalidOperationException">Another read is in progress.</exception>
    /// <exception cref="ObjectDisposedException">The stream was disposed.</exception>
    public bool TryRead() => TryTakeAhead() || TryReadArrived();

    /// <summary>Reads only the text of the first choice, piece by piece.</summary>
    /// <inheritdoc cref="ReadAsync" path="/exception"/>
    public IAsyncEnumerable<string> TextAsync(CancellationToken cancellationToken = default) => new TextPieces(this, cancellationToken);

    /// <summary>Reads all events as owned copies.</summary>
    /// <inheritdoc cref="ReadAsync" path="/exception"/>
    public IAsyncEnumerable<StreamUpdate> UpdatesAsync(CancellationToken cancellationToken = default) =>
        new TokenSequence<StreamUpdate>(cancellationToken, ReadUpdatesAsync);

    /// <summary>Reads the rest of the stream and returns the whole answer.</summary>
    /// <remarks>
    /// If some of the answer was read by hand before, the reply contains only what came after that, and <see cref="ChatReply.IsComplete"/>
    /// is false; use <see cref="ReplyBuilder"/> to keep everything.
    /// </remarks>
    /// <inheritdoc cref="ReadAsync" path="/exception"/>
    public async Task<ChatReply> ReplyAsync(CancellationToken cancellationToken = default)
    {
        ClaimEnumeration();
        var builder = new ReplyBuilder();
        bool isCut = _isCommitted;
        await using (ConfigureAwait(false))
        {
            try
            {
                while (await ReadAsync(cancellationToken).ConfigureAwait(false))
                    builder.Add(Current);
            }
            catch (LlmException e) when (builder.HasContent)
            {
                throw e.With(partial: Describe(builder.Build()));
            }
            var reply = Describe(builder.Build());
            return isCut ? reply with { IsComplete = false } : reply;
        }
    }

    /// <summary>Configures whether the awaits of a loop or an <c>await using</c> return to the caller's context.</summary>
    /// <param name="continueOnCapturedContext">Whether code after an await runs in the caller's context.</param>
    public Configured ConfigureAwait(bool continueOnCapturedContext) => new(this, continueOnCapturedContext);

    /// <summary>Sets the token that cancels the loop's reads.</summary>
    public WithToken WithCancellation(CancellationToken cancellationToken) => new(this, cancellationToken);

    /// <summary>Returns an enumerator of the events; a second enumeration throws.</summary>
    public Enumerator GetAsyncEnumerator(CancellationToken cancellationToken = default)
    {
        ClaimEnumeration();
        return new(this, cancellationToken);
    }

    IAsyncEnumerator<StreamEvent> IAsyncEnumerable<StreamEvent>.GetAsyncEnumerator(CancellationToken cancellationToken) =>
        GetAsyncEnumerator(cancellationToken);

    /// <summary>Closes the connection and returns all buffers; a second call does nothing.</summary>
    public async ValueTask DisposeAsync()
    {
        if (Interlocked.CompareExchange(ref _isDisposed, Disposed, 0) != 0)
            return;
        _opening?.Stop();
        _rareState?.Seams?.Stop();
        // A read in progress is ended by its token, and then closes the answer and returns the buffers itself: .NET's response body must
        // not be disposed during a read. For a body that the caller supplied, nothing else would end the read.
        if (_answer is null)
        {
            try
            {
                await _body.DisposeAsync().ConfigureAwait(false);
            }
            catch (Exception)
            {
                // The answer's outcome is already known, and the buffers must still be returned.
            }
        }
        // Reads mark their beginning and end without a fence. After this barrier, either the mark is seen here, or the read sees the
        // disposal; and code that copies a lent text sees the disposal before it hands the copy on. After the end, no code reads a buffer
        // any more.
        if (!_isEnded || Volatile.Read(ref _isReading) != 0)
            Interlocked.MemoryBarrierProcessWide();
        ReturnBuffersUnlessRead();
        if (_answer is null || Volatile.Read(ref _isDisposed) == Returned)
            return;
        if (!_isEnded)
            _answer.Watchdog.Cancel();
        _answer.CloseIfTokenIgnored();
    }

    /// <summary>Disposes the stream because another client of a chain was first; the chain's call continues.</summary>
    internal ValueTask DropAsync()
    {
        if (TelemetrySwitch.IsSupported)
            Telemetry?.LeaveChain();
        return DisposeAsync();
    }

    /// <summary>Throws if the stream was disposed meanwhile: what was copied of a lent event may then belong to another stream.</summary>
    internal void ThrowIfDisposed() => ObjectDisposedException.ThrowIf(Volatile.Read(ref _isDisposed) != 0, this);

    /// <summary>Records a quirk that is not in the answer itself.</summary>
    internal void Record(Quirk quirk) => _decoder.Record(quirk);

    /// <summary>The number of wire events decoded from the current answer, including the end mark.</summary>
    internal long FrameCount => _decoder.FrameCount;

    /// <summary>Adds to a whole answer what its events do not contain, such as the cost and what the response's head says.</summary>
    internal ChatReply Describe(ChatReply reply) =>
        reply with
        {
            Id = reply.Id ?? Id,
            Model = reply.Model ?? Model,
            Cost = Total(CostOf(reply.Usage, reply.Model ?? Model)),
            Quirks = Quirks,
            RateLimits = RateLimits,
            RequestId = RequestId,
            Headers = Headers,
            Provider = Provider,
            RequestedModel = RequestedModel,
            UsageConvention = Client?.Provider.Protocol.UsageConvention,
            Attempts = Attempts,
        };

    private async IAsyncEnumerator<StreamUpdate> ReadUpdatesAsync(CancellationToken cancellationToken)
    {
        ClaimEnumeration();
        await using (ConfigureAwait(false))
        {
            while (await ReadAsync(cancellationToken).ConfigureAwait(false))
            {
                var update = Current.ToUpdate();
                ThrowIfDisposed();
                yield return update;
            }
        }
    }

    private Cost? CostOf(Usage? usage, string? answered) =>
        Client?.CostOf(usage, answered, RequestedModel!, _answer is null ? null : ResponseHead.Cost(_answer.Headers));

    internal void ClaimEnumeration()
    {
        if (Interlocked.Exchange(ref _isEnumerated, true))
        {
            throw new InvalidOperationException(
                "A stream can be read only once. Keep the events you need with ToUpdate() or a ReplyBuilder."
            );
        }
    }
}
