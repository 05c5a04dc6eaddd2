using RawLlm.Telemetry;

namespace RawLlm;

/// <summary>Several clients as one: if the first cannot answer, the next is asked. Thread-safe.</summary>
/// <remarks>
/// <para>The chain moves on only while nothing of an answer has been delivered: for a stream, until its first event other than
/// <see cref="StreamEventKind.Connected"/>; for a whole answer, until it is complete. Nothing is delivered twice.</para>
/// <para>The chain does not wait for a service that is overloaded or has reached its rate limit while another one is left. If the service
/// said when to come back, later calls ask it after the others until then, unless the error concerned the rate limit or credit of a
/// request's own <see cref="ChatRequest.Credential"/>. After other temporary failures, the same client is first asked
/// again as its <see cref="LlmRetries"/> specify. Invalid requests, refused content and rejected API keys end the call; a conversation that
/// is too long moves on to a model that is known to take more.</para>
/// <para>With <see cref="FallbackOptions.StreamFailover"/>, a stream that breaks later continues as well, with an event at the seam.</para>
/// <para>With <see cref="FallbackOptions.HedgeAfter"/>, the next service is asked as well if one is late, and the first to begin is
/// used.</para>
/// <para>Each service gets the request written for its own wire and with its own API key. The caller owns the clients and disposes
/// them.</para>
/// </remarks>
public sealed class FallbackChain
{
    private readonly LlmClient[] _clients;
    private readonly EndpointHealth[] _health;
    private readonly HedgeLimiter _limiter;
    private readonly HedgeTimes? _times;
    private readonly EmbeddingFallback _embeddings;

    /// <summary>Creates a chain.</summary>
    /// <param name="clients">The clients to ask, in order; the same service may occur several times, with other models.</param>
    /// <param name="options">When to move on; null for the defaults.</param>
    public FallbackChain(IReadOnlyList<LlmClient> clients, FallbackOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(clients);
        _clients = [.. clients];
        if (_clients.Length == 0 || Array.IndexOf(_clients, null) >= 0)
            throw new ArgumentException("A chain needs at least one client, and none may be null.", nameof(clients));
        IsOneWire = Array.TrueForAll(_clients, client => client.Provider.Protocol.Name == _clients[0].Provider.Protocol.Name);
        IsOneHost = Array.TrueForAll(
            _clients,
            client =>
                Uri.Compare(
                    client.Provider.BaseUrl,
                    _clients[0].Provider.BaseUrl,
                    UriComponents.SchemeAndServer,
                    UriFormat.Unescaped,
                    StringComparison.OrdinalIgnoreCase
                ) == 0
        );
        _health = Array.ConvertAll(_clients, client => new EndpointHealth(client.Options.Time));
        Clients = Array.AsReadOnly(_clients);
        Options = options ?? FallbackOptions.Default;
        if (Options is { HedgePace: not null, HedgeAfter: null })
        {
            throw new ArgumentException(
                "FallbackOptions.HedgePace needs HedgeAfter, the delay until enough calls are known: set both, or neither.",
                nameof(options)
            );
        }

        _limiter = new HedgeLimiter(Options.MaxHedgeShare);
        _embeddings = new EmbeddingFallback(this);
        _times = (Options.HedgePace as IHedgeTimesSource)?.Begin();
    }

    /// <summary>The clients, in order.</summary>
    public IReadOnlyList<LlmClient> Clients { get; }

    /// <summary>When the chain moves on.</summary>
    public FallbackOptions Options { get; }

    /// <summary>
    /// How many calls asked a second client as well, and how many were not allowed to because their share was used up
    /// (<see cref="FallbackOptions.MaxHedgeShare"/>).
    /// </summary>
    public HedgeCounts Hedges => _limiter.Counts;

    /// <summary>
    /// Sends the request and returns the whole answer; <see cref="ChatReply.Provider"/> names the service that gave it,
    /// <see cref="ChatReply.Attempts"/> lists what had failed before.
    /// </summary>
    /// <exception cref="LlmException">No client could answer, or one failed in a way after which no other client is asked.
    /// <see cref="LlmException.Attempts"/> lists them all; the error is the first that is not temporary, otherwise the last; a budget that
    /// is exceeded later takes precedence.</exception>
    /// <exception cref="ArgumentException">The request names a model or headers, which belong to one service, a credential although the
    /// clients use several hosts, or extra members although the clients use several wires (<see cref="FallbackOptions.RequestFor"/>); or it
    /// contains something that the first service's wire cannot carry; or it has tools or something to be stored, which is not
    /// hedged.</exception>
    /// <exception cref="OperationCanceledException">The token was canceled.</exception>
    public Task<ChatReply> SendAsync(ChatRequest request, CancellationToken cancellationToken = default) =>
        SendWithinAsync(request, spending: null, cancellationToken);

    /// <summary>
    /// Requests an answer that is a value of a type, using the type's schema, and reads the value; an answer that is no such value is an
    /// error, and no other client is asked.
    /// </summary>
    /// <remarks>
    /// A <see cref="ChatRequest.Format"/> that the request already has is kept. <see cref="LlmClientOptions.Strict"/> of the first client
    /// specifies whether deviations from the schema are tolerated.
    /// </remarks>
    /// <typeparam name="T">A type marked with <see cref="JsonSchemaAttribute"/>.</typeparam>
    /// <exception cref="LlmException">No client could answer, or the answer ended without a value
    /// (<see cref="LlmErrorKind.ReplyUnfinished"/>) or does not fit the type (<see cref="LlmErrorKind.ReplyMismatch"/>).</exception>
    /// <exception cref="ArgumentException">The request names a model or headers, which belong to one service, a credential although the
    /// clients use several hosts, or extra members although the clients use several wires (<see cref="FallbackOptions.RequestFor"/>); or it
    /// contains something that the first service's wire cannot carry; or it has tools or something to be stored, which is not
    /// hedged.</exception>
    /// <exception cref="OperationCanceledException">The token was canceled.</exception>
    public async Task<TypedReply<T>> SendAsync<T>(ChatRequest request, CancellationToken cancellationToken = default)
        where T : IJsonSchema<T>
    {
        var reply = await SendAsync(TypedReplies.Ask<T>(request), cancellationToken).ConfigureAwait(false);
        var givers = Array.FindAll(_clients, client => client.Provider.Name == reply.Provider);
        return TypedReplies.ReadAs<T>(
            reply,
            _clients[0].Options.Strict,
            Array.ConvertAll(givers, client => (client, Options.RequestFor?.Invoke(client, request) ?? request))
        );
    }

    /// <summary>
    /// Sends the request and returns the answer as a stream; <see cref="ChatStream.Provider"/> names the service that answers, which is
    /// certain once an event other than <see cref="StreamEventKind.Connected"/> was read.
    /// </summary>
    /// <remarks>
    /// Completes when the head of an answer has arrived or, with <see cref="FallbackOptions.HedgeAfter"/>, some of the answer. If the
    /// answer breaks before its first event, the stream's reads move on to the next client.
    /// </remarks>
    /// <inheritdoc cref="SendAsync" path="/exception"/>
    public Task<ChatStream> StreamAsync(ChatRequest request, CancellationToken cancellationToken = default) =>
        StreamWithinAsync(request, spending: null, cancellationToken);

    /// <summary>Sends the request and returns the answer's text as it arrives.</summary>
    /// <remarks>
    /// If the request offers tools, the model is told not to call any (<see cref="LlmClientOptions.TextOnlyForbidsTools"/> of the first
    /// client switches that off).
    /// </remarks>
    /// <inheritdoc cref="SendAsync" path="/exception"/>
    public IAsyncEnumerable<string> StreamTextAsync(ChatRequest request, CancellationToken cancellationToken = default) =>
        TextPieces.Of(request, _clients[0].Options, StreamForTextAsync, cancellationToken);

    /// <summary>
    /// Returns the embeddings of texts, in order, all from one service: if it fails, the next is asked for all of them.
    /// <see cref="Embeddings.Provider"/> names the service.
    /// </summary>
    /// <remarks>
    /// Embeddings of different models cannot be compared: all clients must have a model of the same name, unless
    /// <see cref="FallbackOptions.TreatEmbeddingsAsCompatible"/> says that it is one model under several names. Embeddings are rejected if
    /// their length differs from <see cref="EmbeddingRequest.Dimensions"/> or, if neither that nor extra members are set, from that of the
    /// chain's earlier answers. Embedding calls are never hedged, whatever <see cref="FallbackOptions.HedgeAfter"/> says.
    /// </remarks>
    /// <exception cref="LlmException">No client could answer, or one failed in a way after which no other client is asked.
    /// <see cref="LlmException.Attempts"/> lists them all.</exception>
    /// <exception cref="InvalidOperationException">The clients use models of different names.</exception>
    /// <exception cref="ArgumentException">There is no text, or one is null; the request names a model or headers, which belong to one
    /// service, a credential although the clients use several hosts, or extra members although the clients use several wires; or it
    /// contains something that the first service's wire cannot carry.</exception>
    /// <exception cref="OperationCanceledException">The token was canceled.</exception>
    public Task<Embeddings> EmbedAsync(EmbeddingRequest request, CancellationToken cancellationToken = default) =>
        TelemetrySwitch.IsSupported && ChainTelemetry.Begin(_clients.Length) is { } telemetry
            ? telemetry.FollowAsync(_embeddings.EmbedAsync(request, telemetry, cancellationToken), endsHere: true)
            : _embeddings.EmbedAsync(request, telemetry: null, cancellationToken);

    /// <summary>Returns the embeddings of texts, in order, all from one service.</summary>
    /// <inheritdoc cref="EmbedAsync(EmbeddingRequest, CancellationToken)" path="/exception"/>
    public Task<Embeddings> EmbedAsync(IReadOnlyList<string> inputs, CancellationToken cancellationToken = default) =>
        EmbedAsync(new EmbeddingRequest(inputs), cancellationToken);

    /// <summary>Returns the embedding of one text.</summary>
    /// <inheritdoc cref="EmbedAsync(EmbeddingRequest, CancellationToken)" path="/exception"/>
    public Task<Embeddings> EmbedAsync(string input, CancellationToken cancellationToken = default) =>
        EmbedAsync([input], cancellationToken);

    /// <summary>Whether all clients use one wire.</summary>
    internal bool IsOneWire { get; }

    /// <summary>Whether all clients use one host.</summary>
    internal bool IsOneHost { get; }

    /// <summary>Requests a whole answer as part of a call that has spending limits of its own.</summary>
    internal Task<ChatReply> SendWithinAsync(ChatRequest request, Spending? spending, CancellationToken cancellationToken) =>
        TelemetrySwitch.IsSupported && ChainTelemetry.Begin(_clients.Length) is { } telemetry
            ? telemetry.FollowAsync(SendToAnyAsync(request, spending, telemetry, cancellationToken), endsHere: true)
            : SendToAnyAsync(request, spending, telemetry: null, cancellationToken);

    /// <summary>Requests a streamed answer as part of a call that has spending limits of its own.</summary>
    internal Task<ChatStream> StreamWithinAsync(ChatRequest request, Spending? spending, CancellationToken cancellationToken) =>
        StreamWithinAsync(request, spending, showsSeams: true, cancellationToken);

    /// <summary>
    /// Writes a request without sending it, to learn whether the wire of the first client can carry it, whichever client is asked first
    /// now.
    /// </summary>
    /// <exception cref="ArgumentException">The wire cannot carry it.</exception>
    internal void CheckWriting(ChatRequest request, bool stream)
    {
        var call = Begin(request, spending: null, telemetry: null);
        _clients[0].Requests.Check(call.RequestOf(_clients[0]), stream);
    }

    /// <summary>Returns the back-off state of a client's service.</summary>
    internal EndpointHealth HealthOf(int index) => _health[index];

    /// <summary>Whether a client's service still wants callers to back off.</summary>
    internal bool IsResting(int index) => _health[index].Remaining > TimeSpan.Zero;

    /// <summary>
    /// Returns the places of the clients in the order in which to ask them: those whose services asked for back-off are last, sorted by
    /// when that ends.
    /// </summary>
    internal int[] Order()
    {
        int[] order = new int[_clients.Length];
        var left = new TimeSpan[_clients.Length];
        for (int i = 0; i < order.Length; i++)
        {
            (order[i], left[i]) = (i, _health[i].Remaining);
            for (int at = i; at > 0 && left[order[at]] < left[order[at - 1]]; at--)
                (order[at - 1], order[at]) = (order[at], order[at - 1]);
        }
        return order;
    }

    private Task<ChatReply> SendToAnyAsync(
        ChatRequest request,
        Spending? spending,
        ChainTelemetry? telemetry,
        CancellationToken cancellationToken
    ) =>
        Options.HedgeAfter is { } delay
            ? SendHedgedAsync(request, spending, telemetry, delay, cancellationToken)
            : AskInTurnAsync(
                request,
                spending,
                telemetry,
                static (asking, asked, token) => asking.Client.Chat.AskAsync(asked, asking, token),
                isStream: false,
                cancellationToken
            );

    private async Task<ChatReply> SendHedgedAsync(
        ChatRequest request,
        Spending? spending,
        ChainTelemetry? telemetry,
        TimeSpan delay,
        CancellationToken cancellationToken
    )
    {
        var call = Begin(request, spending, telemetry);
        var hedge = new Hedge<ChatReply>(
            static (asking, asked, token) => asking.Client.Chat.AskAsync(asked, asking, token),
            static _ => default,
            delay,
            _limiter,
            _times,
            _clients[0].Options.Time,
            cancellationToken
        );
        var reply = await hedge.RunAsync(call).ConfigureAwait(false);
        return call.Attempts is { Count: > 0 } attempts ? reply with { Attempts = attempts } : reply;
    }

    private Task<ChatStream> StreamForTextAsync(ChatRequest request, CancellationToken cancellationToken) =>
        StreamWithinAsync(request, spending: null, showsSeams: false, cancellationToken);

    private Task<ChatStream> StreamWithinAsync(
        ChatRequest request,
        Spending? spending,
        bool showsSeams,
        CancellationToken cancellationToken
    ) =>
        TelemetrySwitch.IsSupported && ChainTelemetry.Begin(_clients.Length) is { } telemetry
            ? telemetry.FollowAsync(StreamFromAnyAsync(request, spending, telemetry, showsSeams, cancellationToken), endsHere: false)
            : StreamFromAnyAsync(request, spending, telemetry: null, showsSeams, cancellationToken);

    private Task<ChatStream> StreamFromAnyAsync(
        ChatRequest request,
        Spending? spending,
        ChainTelemetry? telemetry,
        bool showsSeams,
        CancellationToken cancellationToken
    ) =>
        Options is { StreamFailover: null, HedgeAfter: null }
            ? AskInTurnAsync(
                request,
                spending,
                telemetry,
                static (asking, asked, token) => asking.Client.Chat.OpenStreamAsync(asked, asking, token),
                isStream: true,
                cancellationToken
            )
            : StreamFollowedAsync(request, spending, telemetry, showsSeams, cancellationToken);

    private async Task<ChatStream> StreamFollowedAsync(
        ChatRequest request,
        Spending? spending,
        ChainTelemetry? telemetry,
        bool showsSeams,
        CancellationToken cancellationToken
    )
    {
        var call = Begin(request, spending, telemetry);
        var seams = (Options.StreamFailover as IStreamSeamSource)?.Begin(call, showsSeams, cancellationToken);
        var stream = await StreamFromAnyAsync(call, cancellationToken).ConfigureAwait(false);
        if (seams is not null)
            stream.AttachSeams(seams);
        return stream;
    }

    private Task<ChatStream> StreamFromAnyAsync(FallbackCall call, CancellationToken cancellationToken)
    {
        if (Options.HedgeAfter is not { } delay)
        {
            return call.AskInTurnAsync(
                call.PrepareRequest(),
                static (asking, asked, token) => asking.Client.Chat.OpenStreamAsync(asked, asking, token),
                isStream: true,
                cancellationToken
            );
        }

        var hedge = new Hedge<ChatStream>(
            static (asking, asked, token) => asking.Client.Chat.OpenBegunStreamAsync(asked, asking, token),
            static stream => stream.DropAsync(),
            delay,
            _limiter,
            _times,
            _clients[0].Options.Time,
            cancellationToken
        );
        return hedge.RunAsync(call);
    }

    // Without a state machine and a closure of its own: the calls of most chains take this path.
    private Task<T> AskInTurnAsync<T>(
        ChatRequest request,
        Spending? spending,
        ChainTelemetry? telemetry,
        Func<FallbackCall, ChatRequest, CancellationToken, Task<T>> ask,
        bool isStream,
        CancellationToken cancellationToken
    )
    {
        FallbackCall call;
        ChatRequest asked;
        try
        {
            call = Begin(request, spending, telemetry);
            asked = call.PrepareRequest();
        }
        catch (Exception e)
        {
            // Telemetry learns of the end only from the task.
            return Task.FromException<T>(e);
        }
        return call.AskInTurnAsync(asked, ask, isStream, cancellationToken);
    }

    private FallbackCall Begin(ChatRequest request, Spending? spending, ChainTelemetry? telemetry)
    {
        ArgumentNullException.ThrowIfNull(request);
        if (Options.RequestFor is null)
            CheckShared(request);
        if (Options.HedgeAfter is not null)
            CheckHedging(request);
        return new FallbackCall(this, request, Order())
        {
            Telemetry = telemetry,
            Spending = Spending.Of(Options.Budget, Options.CallBudget, spending),
        };
    }

    // A request that goes to all clients unchanged may not contain anything that belongs to one service.
    private void CheckShared(ChatRequest request)
    {
        if (request.Model is not null)
        {
            throw new ArgumentException(
                "Each client of a chain uses its own model: leave ChatRequest.Model unset, or set each client's request in FallbackOptions.RequestFor.",
                nameof(request)
            );
        }

        ArgumentNullException.ThrowIfNull(request.Headers);
        if (request.Headers.Count > 0)
        {
            throw new ArgumentException(
                "Headers may contain what only one service may see: set them on its Provider, or set each client's request in FallbackOptions.RequestFor.",
                nameof(request)
            );
        }

        if (!IsOneWire && request.Extra is { Count: > 0 })
        {
            throw new ArgumentException(
                "Extra members belong to one wire, but the clients of this chain use several: set each client's request in FallbackOptions.RequestFor.",
                nameof(request)
            );
        }
        // Each client would send the key to its own service.
        if (!IsOneHost && request.Credential is not null)
        {
            throw new ArgumentException(
                "A credential belongs to one service, but the clients of this chain use several: set the API keys on their Providers, or set each client's request in FallbackOptions.RequestFor.",
                nameof(request)
            );
        }
    }

    // If two services were asked, tools could be called twice and conversations stored twice.
    private void CheckHedging(ChatRequest request)
    {
        foreach (var client in _clients)
        {
            var asked = Options.RequestFor?.Invoke(client, request) ?? request;
            if (asked.Tools.Count > 0)
            {
                throw new ArgumentException(
                    "A request with tools cannot be hedged, because both services could call them: send it, and the requests of a ToolLoop, through a chain without FallbackOptions.HedgeAfter.",
                    nameof(request)
                );
            }

            foreach (string member in asked.Extra.Keys)
            {
                if (member is "store" or "previous_response_id" or "conversation" or "background" or "cachedContent" or "container")
                {
                    throw new ArgumentException(
                        $"A request with \"{member}\" cannot be hedged, because both services could store it: send it through a chain without FallbackOptions.HedgeAfter.",
                        nameof(request)
                    );
                }
            }
        }
    }
}
