using System.Runtime.CompilerServices;
using RawLlm.Protocols;
using RawLlm.Telemetry;
using RawLlm.Transport;

namespace RawLlm;

/// <summary>A streamed answer: a cursor over lent events, and an async sequence of them.</summary>
/// <remarks>
/// <para>Three tiers over one engine: lent events (<c>await foreach (var e in stream)</c>, nothing allocated per event), owned updates
/// (<see cref="UpdatesAsync"/>) and strings (<see cref="TextAsync"/>). Use one of them, once.</para>
/// <para>One reader at a time. Dispose it, or let the loop do so: leaving early ends the connection, so that the service stops working
/// for nobody.</para>
/// <para>A token, that of a read or the one that the stream was opened with, ends a read that waits for bytes, and the next one that has to look at any.
/// Up to fifteen events that were found already may still come, and once the answer's end was found, what is left of it.</para>
/// <para>What ends a read ends the stream: every later read throws the same error, and after a read that was cancelled while it waited an
/// <see cref="LlmException"/> that says so. A read that is refused before it looks at the body, because its token was cancelled beforehand or another
/// one is under way, ends nothing.</para>
/// </remarks>
public sealed partial class ChatStream : IAsyncEnumerable<StreamEvent>, IAsyncDisposable
{
    // The second one once the buffers are given back too.
    private const int Disposed = 1;
    private const int Returned = 2;

    // Copied as a whole: written field by field, it could be read only once all of them had left the processor's store buffer, 5 ns later.
    private static readonly ValueTask<bool> Moved = new(true);

    private StreamOpening? _opening;
    private StreamDecoder _decoder;
    private Stream _body;
    private HttpAnswer? _answer;
    private StreamNotes? _notes;
    private CancellationToken _token;
    private CancellationTokenSource? _joined;
    private CancellationToken _joinedWith;

    // May begin again at zero: only whether they differ counts.
    private uint _eventsAtLastWait;
    private uint _eventCount;
    private int _isReading;
    private int _isDisposed;
    private bool _isEnumerated;
    private bool _isEnded;
    private bool _isCommitted;
    private bool _hasBytes;
    private bool _isReopening;

    /// <summary>Reads a body with a decoder of its wire; both are disposed with the stream. No limit of time holds.</summary>
    public ChatStream(Stream body, StreamDecoder decoder)
    {
        ArgumentNullException.ThrowIfNull(body);
        ArgumentNullException.ThrowIfNull(decoder);
        _body = body;
        _decoder = decoder;
    }

    /// <summary>Reads an answer; before anything of it was handed on, it may be asked for again through the opening.</summary>
    internal ChatStream(HttpAnswer answer, StreamDecoder decoder, StreamOpening? opening = null)
        : this(answer.Body, decoder)
    {
        _opening = opening;
        Take(answer);
    }

    /// <summary>The event that the last read moved to, lent until the next one; of kind <see cref="StreamEventKind.None"/> before the first.</summary>
    public StreamEvent Current
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => _isDisposed == 0 ? _decoder.Current : default;
    }

    /// <summary>What is left of the service's limits; null when it sent no such headers.</summary>
    // Read when asked for: nobody's first text waits for it.
    public RateLimits? RateLimits => _answer is null ? null : ResponseHead.RateLimits(_answer.Headers);

    /// <summary>The service's id of the request, for its support.</summary>
    public string? RequestId => _answer is null ? null : ResponseHead.RequestId(_answer.Headers);

    /// <summary>The headers of the response, where <see cref="LlmClientOptions.KeepsRaw"/> is set: each as the server spelt it, without cookies and keys. Empty where it is not; read anew each time.</summary>
    public IReadOnlyList<KeyValuePair<string, string>> Headers => _answer is { } answer && Client is { } client ? client.Errors.Headers(answer, Secrets) : [];

    /// <summary>Deviations from the wire's specification that were tolerated so far.</summary>
    public IReadOnlyList<Quirk> Quirks => _decoder.Quirks;

    /// <summary>What the answer cost by the usage that has come so far; null when that is not known, as before the end of most answers.</summary>
    /// <remarks>Reckoned for the model that answered once that is known, and for the one that was asked until then.</remarks>
    public Cost? Cost => Total(OwnCost);

    /// <summary>Why the first choice ended; <see cref="StopReason.Unknown"/> until it has.</summary>
    public StopReason StopReason => _notes?.StopReason ?? StopReason.Unknown;

    /// <summary>The service's own word for it; null until the first choice has ended.</summary>
    public string? RawStopReason => _notes?.RawStopReason;

    /// <summary>What the service says of why the first choice ended, beside the reason; null as a rule, and until the first choice has ended.</summary>
    public string? StopMessage => _notes?.StopMessage;

    /// <summary>The tries that failed before the answer that is read, at other services of a <see cref="FallbackChain"/> too; empty as a rule. Known for certain once an event besides <see cref="StreamEventKind.Connected"/> was read.</summary>
    public IReadOnlyList<LlmAttempt> Attempts => (_opening is { } opening ? opening.Earlier : _notes?.Earlier)?.Failed ?? [];

    /// <summary>What the answer has used by what has come so far; null while that is not known.</summary>
    public Usage? Usage => _decoder.Usage;

    /// <summary>The service's id of the answer; null until the service has told it, with the first event as a rule.</summary>
    public string? Id => _notes?.Id ?? _decoder.AnswerId;

    /// <summary>The model that answers, by the service's own name; null until the service has told it, with the first event as a rule.</summary>
    public string? Model => _notes?.Model ?? _decoder.AnswerModel;

    /// <summary>Knows the service, what it costs, and whose secrets no error may repeat. Asked without a delegate, so that a program that asks for no cost links no prices.</summary>
    internal LlmClient? Client { get; set; }

    /// <summary>The model that was asked.</summary>
    internal string? AskedModel { get; set; }

    /// <summary>Keys among the headers of the request, which no error may repeat; null as a rule.</summary>
    internal List<string>? Secrets
    {
        get => _notes?.Secrets;
        set
        {
            if (value is not null)
                Notes.Secrets = value;
        }
    }

    /// <summary>Whoever listens to the call; null as a rule.</summary>
    // Whoever asks asks the switch first: what stands behind it is then linked nowhere.
    internal CallTelemetry? Telemetry
    {
        private get => _notes?.Telemetry;
        set
        {
            if (value is not null)
                Notes.Telemetry = value;
        }
    }

    /// <summary>The name of the service that answers; null for a body of one's own. Behind a <see cref="FallbackChain"/> it may change until an event besides <see cref="StreamEventKind.Connected"/> was read, and at each seam (<see cref="StreamEventKind.Switched"/>).</summary>
    public string? Provider => Client?.Provider.Name;

    /// <summary>True where the events go into one answer, and only that is handed on.</summary>
    internal bool IsGathered { get; init; }

    // The caller's own token that the stream was opened with; _token is that of the watchdog, which is cancelled with it and by limits of time.
    private CancellationToken Opened => _answer?.CancellationToken ?? default;

    private StreamNotes Notes => _notes ??= new StreamNotes();

    /// <summary>Moves to the next event.</summary>
    /// <returns>False when the answer is whole and all of it was read.</returns>
    /// <exception cref="LlmException">The answer broke off, or the service reported an error.</exception>
    /// <exception cref="OperationCanceledException">The token, or the one that the stream was opened with, was cancelled.</exception>
    /// <exception cref="InvalidOperationException">Another read is under way.</exception>
    /// <exception cref="ObjectDisposedException">The stream was disposed.</exception>
    public ValueTask<bool> ReadAsync(CancellationToken cancellationToken = default)
    {
        return TryTakeAhead() || (_decoder.CanLookAhead && TryReadLikely(cancellationToken)) ? Moved : ReadNextAsync(cancellationToken);
    }

    /// <summary>The answer's text alone, piece by piece, of the first choice.</summary>
    /// <inheritdoc cref="ReadAsync" path="/exception"/>
    public IAsyncEnumerable<string> TextAsync(CancellationToken cancellationToken = default) => new TextPieces(this, cancellationToken);

    /// <summary>Owned copies of all events.</summary>
    /// <inheritdoc cref="ReadAsync" path="/exception"/>
    public IAsyncEnumerable<StreamUpdate> UpdatesAsync(CancellationToken cancellationToken = default) => new TokenSequence<StreamUpdate>(cancellationToken, ReadUpdatesAsync);

    /// <summary>Reads what is left and gives the whole answer.</summary>
    /// <remarks>
    /// Called after some of the answer was read by hand, it holds only what came after that, and <see cref="ChatReply.IsComplete"/> is false; use <see cref="ReplyBuilder"/> to keep all.
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

    /// <summary>The stream for a loop or an <c>await using</c> that says whether it comes back to the caller's context.</summary>
    /// <param name="continueOnCapturedContext">Whether what follows an await runs in the caller's context.</param>
    public Configured ConfigureAwait(bool continueOnCapturedContext) => new(this, continueOnCapturedContext);

    /// <summary>The events with a token of one's own.</summary>
    public WithToken WithCancellation(CancellationToken cancellationToken) => new(this, cancellationToken);

    /// <summary>Begins the loop over the events; a second one is refused.</summary>
    public Enumerator GetAsyncEnumerator(CancellationToken cancellationToken = default)
    {
        ClaimEnumeration();
        return new(this, cancellationToken);
    }

    IAsyncEnumerator<StreamEvent> IAsyncEnumerable<StreamEvent>.GetAsyncEnumerator(CancellationToken cancellationToken) => GetAsyncEnumerator(cancellationToken);

    /// <summary>Ends the connection and gives back all buffers; a second call does nothing.</summary>
    public async ValueTask DisposeAsync()
    {
        if (Interlocked.CompareExchange(ref _isDisposed, Disposed, 0) != 0)
            return;
        _opening?.Stop();
        _notes?.Seams?.Stop();
        // A read that is under way is ended by its token, and then itself closes the answer and gives the buffers back: the platform's body is not made to be
        // disposed beside a read. A body of somebody's own has nothing else that would end the read.
        if (_answer is null)
            await DisposeBodyAsync().ConfigureAwait(false);
        // Reads say without a fence that they begin and end. Behind this barrier either that is seen here, or they see the disposal; and whoever copies a lent text
        // sees it before handing it on. Behind the end nobody looks at a buffer any more.
        if (!_isEnded || Volatile.Read(ref _isReading) != 0)
            Interlocked.MemoryBarrierProcessWide();
        ReturnBuffersUnlessRead();
        if (_answer is null || Volatile.Read(ref _isDisposed) == Returned)
            return;
        if (!_isEnded)
            _answer.Watchdog.Cancel();
        _answer.CloseIfTokenIgnored();
    }

    /// <summary>Ends it because another client of a chain was first: the chain's call goes on.</summary>
    internal ValueTask DropAsync()
    {
        if (TelemetrySwitch.IsSupported)
            Telemetry?.LeaveChain();
        return DisposeAsync();
    }

    /// <summary>Says that what was copied of a lent event may be another stream's, because this one was disposed meanwhile.</summary>
    internal void ThrowIfDisposed() => ObjectDisposedException.ThrowIf(Volatile.Read(ref _isDisposed) != 0, this);

    /// <summary>Records what is not a fault of the answer itself.</summary>
    internal void Record(Quirk quirk) => _decoder.Record(quirk);

    /// <summary>How many of the wire's events were decoded of the answer that is read, the end mark included.</summary>
    internal long FrameCount => _decoder.FrameCount;

    /// <summary>Gives the whole answer what only the response's head told.</summary>
    internal ChatReply Describe(ChatReply reply) => reply with { Id = reply.Id ?? Id, Model = reply.Model ?? Model, Cost = Total(CostOf(reply.Usage, reply.Model ?? Model)), Quirks = Quirks, RateLimits = RateLimits, RequestId = RequestId, Headers = Headers, Provider = Provider, UsageConvention = Client?.Provider.Protocol.UsageConvention, Attempts = Attempts };

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

    private async ValueTask DisposeBodyAsync()
    {
        try
        {
            await _body.DisposeAsync().ConfigureAwait(false);
        }
        catch (Exception)
        {
            // What became of the answer is known already, and the buffers are still to be given back.
        }
    }

    private Cost? CostOf(Usage? usage, string? answered) => Client?.CostOf(usage, answered, AskedModel!, _answer is null ? null : ResponseHead.Cost(_answer.Headers));

    internal void ClaimEnumeration()
    {
        if (Interlocked.Exchange(ref _isEnumerated, true))
            throw new InvalidOperationException("A stream is read once. Keep what is needed of its events, with ToUpdate() or a ReplyBuilder.");
    }
}
