using RawLlm.Telemetry;

namespace RawLlm;

/// <summary>Several clients as one: where the first cannot answer, the next is asked. Thread-safe.</summary>
/// <remarks>
/// <para>Goes on only while nothing of an answer was handed on: of a stream until its first event besides <see cref="StreamEventKind.Connected"/>, of a whole answer
/// until it is whole. What came is never given twice.</para>
/// <para>A service that is overloaded, or whose limit is reached, is not waited for as long as another one is left; where it said when to come back, later calls
/// ask it after the others until then. Other failures that may pass are first tried again as the client's <see cref="LlmRetries"/> say. Wrong requests, content that
/// was refused and keys that were refused end the call; a conversation that is too long goes to a model that is known to take more.</para>
/// <para>With <see cref="FallbackOptions.StreamFailover"/> a stream that breaks later goes on as well, with an event at the seam.</para>
/// <para>With <see cref="FallbackOptions.HedgeAfter"/> the next service is asked as well where one is late, and the first to begin is heard.</para>
/// <para>Each service gets the request written for its own wire and with its own key. The clients are the caller's, who disposes them.</para>
/// </remarks>
public sealed class FallbackChain
{
    private readonly LlmClient[] _clients;
    private readonly EndpointHealth[] _health;
    private readonly HedgeCap _cap;
    private readonly HedgeTimes? _times;
    private readonly EmbeddingFallback _embeddings;

    /// <summary>Makes a chain.</summary>
    /// <param name="clients">Whom to ask, the first one first; the same service may come several times, with other models.</param>
    /// <param name="options">When to go on; the defaults when null.</param>
    public FallbackChain(IReadOnlyList<LlmClient> clients, FallbackOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(clients);
        _clients = [.. clients];
        if (_clients.Length == 0 || Array.IndexOf(_clients, null) >= 0)
            throw new ArgumentException("A chain has at least one client, and none that is null.", nameof(clients));
        IsOneWire = Array.TrueForAll(_clients, client => client.Provider.Protocol.Name == _clients[0].Provider.Protocol.Name);
        IsOneHost = Array.TrueForAll(_clients, client => Uri.Compare(client.Provider.BaseUrl, _clients[0].Provider.BaseUrl, UriComponents.SchemeAndServer, UriFormat.Unescaped, StringComparison.OrdinalIgnoreCase) == 0);
        _health = Array.ConvertAll(_clients, client => new EndpointHealth(client.Options.Time));
        Clients = Array.AsReadOnly(_clients);
        Options = options ?? FallbackOptions.Default;
        if (Options is { HedgePace: not null, HedgeAfter: null })
            throw new ArgumentException("FallbackOptions.HedgePace goes with HedgeAfter, the delay until enough calls are known: set both, or neither.", nameof(options));
        _cap = new HedgeCap(Options.HedgeShare);
        _embeddings = new EmbeddingFallback(this);
        _times = (Options.HedgePace as IHedgeTimesSource)?.Begin();
    }

    /// <summary>Whom it asks, in order.</summary>
    public IReadOnlyList<LlmClient> Clients { get; }

    /// <summary>When it goes on.</summary>
    public FallbackOptions Options { get; }

    /// <summary>How many calls were asked of a second client as well, and of how many that was refused because their share was used up (<see cref="FallbackOptions.HedgeShare"/>).</summary>
    public HedgeCounts Hedges => _cap.Counts;

    /// <summary>Asks and gives the whole answer; <see cref="ChatReply.Provider"/> says who gave it, <see cref="ChatReply.Attempts"/> what had failed before.</summary>
    /// <exception cref="LlmException">No client could answer, or one said what no other is asked after. <see cref="LlmException.Attempts"/> lists them all; the error is
    /// the first that would not pass by itself, or else the last.</exception>
    /// <exception cref="ArgumentException">The request names a model or headers, which are one service's own, a credential where the clients ask several hosts, or extra members where the clients speak several wires (<see cref="FallbackOptions.RequestFor"/>), or holds something
    /// that the first service's wire cannot carry; or it has functions or something to be stored, which is not hedged.</exception>
    /// <exception cref="OperationCanceledException">The token was cancelled.</exception>
    public Task<ChatReply> SendAsync(ChatRequest request, CancellationToken cancellationToken = default) => SendWithinAsync(request, spending: null, cancellationToken);

    /// <summary>Asks for an answer that is a value of a type, by the type's schema, and reads it; an answer that is no such value is an error, and no other client is asked.</summary>
    /// <remarks>A <see cref="ChatRequest.Format"/> of the request's own stays. <see cref="LlmClientOptions.Strict"/> of the first client says whether deviations from the schema are tolerated.</remarks>
    /// <typeparam name="T">A type marked <see cref="JsonSchemaAttribute"/>.</typeparam>
    /// <exception cref="LlmException">No client could answer, or the answer ended without a value (<see cref="LlmErrorKind.ReplyUnfinished"/>) or does not fit the type
    /// (<see cref="LlmErrorKind.ReplyMismatch"/>).</exception>
    /// <exception cref="ArgumentException">The request names a model or headers, which are one service's own, a credential where the clients ask several hosts, or extra members where the clients speak several wires (<see cref="FallbackOptions.RequestFor"/>), or holds something
    /// that the first service's wire cannot carry; or it has functions or something to be stored, which is not hedged.</exception>
    /// <exception cref="OperationCanceledException">The token was cancelled.</exception>
    public async Task<TypedReply<T>> SendAsync<T>(ChatRequest request, CancellationToken cancellationToken = default)
        where T : IJsonSchema<T>
    {
        var reply = await SendAsync(TypedReplies.Ask<T>(request), cancellationToken).ConfigureAwait(false);
        var givers = Array.FindAll(_clients, client => client.Provider.Name == reply.Provider);
        return TypedReplies.ReadAs<T>(reply, _clients[0].Options.Strict, Array.ConvertAll(givers, client => (client, Options.RequestFor?.Invoke(client, request) ?? request)));
    }

    /// <summary>Asks and gives the answer as it comes; <see cref="ChatStream.Provider"/> says who gives it, for certain once an event besides <see cref="StreamEventKind.Connected"/> was read.</summary>
    /// <remarks>Completes when the head of an answer has arrived, or with <see cref="FallbackOptions.HedgeAfter"/> something of it. What breaks before the first event of the answer goes on to the next client within the stream's reads.</remarks>
    /// <inheritdoc cref="SendAsync" path="/exception"/>
    public Task<ChatStream> StreamAsync(ChatRequest request, CancellationToken cancellationToken = default) => StreamWithinAsync(request, spending: null, cancellationToken);

    /// <summary>Asks and gives the answer's text as it comes.</summary>
    /// <remarks>Where the request offers functions, the model is told not to call any (<see cref="LlmClientOptions.TextOnlyForbidsTools"/> of the first client switches that off).</remarks>
    /// <inheritdoc cref="SendAsync" path="/exception"/>
    public IAsyncEnumerable<string> StreamTextAsync(ChatRequest request, CancellationToken cancellationToken = default) =>
        TextPieces.Of(request, _clients[0].Options, StreamForTextAsync, cancellationToken);

    /// <summary>Gives the vectors of texts, in their order, all of them by one service: where it fails, the next is asked for all. <see cref="Embeddings.Provider"/> says which it was.</summary>
    /// <remarks>
    /// Vectors of different models cannot be compared, so that all clients must have a model of the same name, or <see cref="FallbackOptions.SameEmbeddings"/> says that it is one
    /// under several names. An answer is not taken whose vectors have another length than <see cref="EmbeddingRequest.Dimensions"/>, or, where neither that nor extra members are set,
    /// than those of the chain's earlier answers. Nobody is asked beside another, whatever <see cref="FallbackOptions.HedgeAfter"/> says.
    /// </remarks>
    /// <exception cref="LlmException">No client could answer, or one said what no other is asked after. <see cref="LlmException.Attempts"/> lists them all.</exception>
    /// <exception cref="InvalidOperationException">The clients ask models of several names.</exception>
    /// <exception cref="ArgumentException">There is no text, or one is null; the request names a model or headers, which are one service's own, a credential where the clients ask several hosts, or extra members where the clients
    /// speak several wires, or holds something that the first service's wire cannot carry.</exception>
    /// <exception cref="OperationCanceledException">The token was cancelled.</exception>
    public Task<Embeddings> EmbedAsync(EmbeddingRequest request, CancellationToken cancellationToken = default) =>
        TelemetrySwitch.IsSupported && ChainTelemetry.Begin(_clients.Length) is { } telemetry
            ? telemetry.FollowAsync(_embeddings.EmbedAsync(request, telemetry, cancellationToken), endsHere: true)
            : _embeddings.EmbedAsync(request, telemetry: null, cancellationToken);

    /// <summary>Gives the vectors of texts, in their order, all of them by one service.</summary>
    /// <inheritdoc cref="EmbedAsync(EmbeddingRequest, CancellationToken)" path="/exception"/>
    public Task<Embeddings> EmbedAsync(IReadOnlyList<string> inputs, CancellationToken cancellationToken = default) => EmbedAsync(new EmbeddingRequest(inputs), cancellationToken);

    /// <summary>Gives the vector of one text.</summary>
    /// <inheritdoc cref="EmbedAsync(EmbeddingRequest, CancellationToken)" path="/exception"/>
    public Task<Embeddings> EmbedAsync(string input, CancellationToken cancellationToken = default) => EmbedAsync([input], cancellationToken);

    /// <summary>True where all clients speak one wire.</summary>
    internal bool IsOneWire { get; }

    /// <summary>True where all clients ask one host.</summary>
    internal bool IsOneHost { get; }

    /// <summary>Asks as a part of a call that has bounds of its own, and gives the whole answer.</summary>
    internal Task<ChatReply> SendWithinAsync(ChatRequest request, Spending? spending, CancellationToken cancellationToken) =>
        TelemetrySwitch.IsSupported && ChainTelemetry.Begin(_clients.Length) is { } telemetry
            ? telemetry.FollowAsync(SendToAnyAsync(request, spending, telemetry, cancellationToken), endsHere: true)
            : SendToAnyAsync(request, spending, telemetry: null, cancellationToken);

    /// <summary>Asks as a part of a call that has bounds of its own, and gives the answer as it comes.</summary>
    internal Task<ChatStream> StreamWithinAsync(ChatRequest request, Spending? spending, CancellationToken cancellationToken) => StreamWithinAsync(request, spending, showsSeams: true, cancellationToken);

    /// <summary>Writes a request for nobody, to learn whether the wire of the first client can carry it, whoever is asked first now.</summary>
    /// <exception cref="ArgumentException">It cannot.</exception>
    internal void CheckWriting(ChatRequest request, bool stream)
    {
        var call = Begin(request, spending: null, telemetry: null);
        _clients[0].Requests.Check(call.RequestOf(_clients[0]), stream);
    }

    /// <summary>Until when a service wants to be left alone.</summary>
    internal EndpointHealth HealthOf(int index) => _health[index];

    /// <summary>Whether a service still wants to be left alone.</summary>
    internal bool IsResting(int index) => _health[index].Left > TimeSpan.Zero;

    /// <summary>Whom to ask, by their places: those that want to be left alone come last, and of these first whoever's time is up first.</summary>
    internal int[] Order()
    {
        int[] order = new int[_clients.Length];
        var left = new TimeSpan[_clients.Length];
        for (int i = 0; i < order.Length; i++)
        {
            (order[i], left[i]) = (i, _health[i].Left);
            for (int at = i; at > 0 && left[order[at]] < left[order[at - 1]]; at--)
                (order[at - 1], order[at]) = (order[at], order[at - 1]);
        }
        return order;
    }

    private Task<ChatReply> SendToAnyAsync(ChatRequest request, Spending? spending, ChainTelemetry? telemetry, CancellationToken cancellationToken) =>
        Options.HedgeAfter is { } delay
            ? SendHedgedAsync(request, spending, telemetry, delay, cancellationToken)
            : AskInTurnAsync(request, spending, telemetry, static (asking, asked, token) => asking.Client.Chat.AskAsync(asked, asking, token), isStream: false, cancellationToken);

    private async Task<ChatReply> SendHedgedAsync(ChatRequest request, Spending? spending, ChainTelemetry? telemetry, TimeSpan delay, CancellationToken cancellationToken)
    {
        var call = Begin(request, spending, telemetry);
        var hedge = new Hedge<ChatReply>(static (asking, asked, token) => asking.Client.Chat.AskAsync(asked, asking, token), static _ => default, delay, _cap, _times, _clients[0].Options.Time, cancellationToken);
        var reply = await hedge.RunAsync(call).ConfigureAwait(false);
        return call.Attempts is { Count: > 0 } attempts ? reply with { Attempts = attempts } : reply;
    }

    private Task<ChatStream> StreamForTextAsync(ChatRequest request, CancellationToken cancellationToken) => StreamWithinAsync(request, spending: null, showsSeams: false, cancellationToken);

    private Task<ChatStream> StreamWithinAsync(ChatRequest request, Spending? spending, bool showsSeams, CancellationToken cancellationToken) =>
        TelemetrySwitch.IsSupported && ChainTelemetry.Begin(_clients.Length) is { } telemetry
            ? telemetry.FollowAsync(StreamFromAnyAsync(request, spending, telemetry, showsSeams, cancellationToken), endsHere: false)
            : StreamFromAnyAsync(request, spending, telemetry: null, showsSeams, cancellationToken);

    private Task<ChatStream> StreamFromAnyAsync(ChatRequest request, Spending? spending, ChainTelemetry? telemetry, bool showsSeams, CancellationToken cancellationToken) =>
        Options is { StreamFailover: null, HedgeAfter: null }
            ? AskInTurnAsync(request, spending, telemetry, static (asking, asked, token) => asking.Client.Chat.OpenStreamAsync(asked, asking, token), isStream: true, cancellationToken)
            : StreamFollowedAsync(request, spending, telemetry, showsSeams, cancellationToken);

    private async Task<ChatStream> StreamFollowedAsync(ChatRequest request, Spending? spending, ChainTelemetry? telemetry, bool showsSeams, CancellationToken cancellationToken)
    {
        var call = Begin(request, spending, telemetry);
        var seams = (Options.StreamFailover as IStreamSeamSource)?.Begin(call, showsSeams, cancellationToken);
        var stream = await StreamFromAnyAsync(call, cancellationToken).ConfigureAwait(false);
        if (seams is not null)
            stream.Follow(seams);
        return stream;
    }

    private Task<ChatStream> StreamFromAnyAsync(FallbackCall call, CancellationToken cancellationToken)
    {
        if (Options.HedgeAfter is not { } delay)
            return call.AskInTurnAsync(call.Ask(), static (asking, asked, token) => asking.Client.Chat.OpenStreamAsync(asked, asking, token), isStream: true, cancellationToken);
        var hedge = new Hedge<ChatStream>(static (asking, asked, token) => asking.Client.Chat.OpenBegunStreamAsync(asked, asking, token), static stream => stream.DropAsync(), delay, _cap, _times, _clients[0].Options.Time, cancellationToken);
        return hedge.RunAsync(call);
    }

    // Without a state machine and a closure of its own: the calls of most chains go this way.
    private Task<T> AskInTurnAsync<T>(ChatRequest request, Spending? spending, ChainTelemetry? telemetry, Func<FallbackCall, ChatRequest, CancellationToken, Task<T>> ask, bool isStream, CancellationToken cancellationToken)
    {
        FallbackCall call;
        ChatRequest asked;
        try
        {
            call = Begin(request, spending, telemetry);
            asked = call.Ask();
        }
        catch (Exception e)
        {
            // Whoever listens hears of the end from the task alone.
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
        return new FallbackCall(this, request, Order()) { Telemetry = telemetry, Spending = Spending.Of(Options.Budget, Options.CallBudget, spending) };
    }

    // What all are asked alike may hold nothing that is one service's own.
    private void CheckShared(ChatRequest request)
    {
        if (request.Model is not null)
            throw new ArgumentException("Each client of a chain asks its own model: leave ChatRequest.Model empty, or say in FallbackOptions.RequestFor what each is asked.", nameof(request));
        ArgumentNullException.ThrowIfNull(request.Headers);
        if (request.Headers.Count > 0)
            throw new ArgumentException("Headers may hold what one service alone may see: put them on its Provider, or say in FallbackOptions.RequestFor what each client is asked.", nameof(request));
        if (!IsOneWire && request.Extra is { Count: > 0 })
            throw new ArgumentException("Extra members belong to one wire, and the clients of this chain speak several: say in FallbackOptions.RequestFor what each is asked.", nameof(request));
        // Each client would send the key to its own service.
        if (!IsOneHost && request.Credential is not null)
            throw new ArgumentException("A credential is one service's own, and the clients of this chain ask several: put the keys on their Providers, or say in FallbackOptions.RequestFor what each client is asked.", nameof(request));
    }

    // Asked twice, functions would be called twice and conversations stored twice.
    private void CheckHedging(ChatRequest request)
    {
        foreach (var client in _clients)
        {
            var asked = Options.RequestFor?.Invoke(client, request) ?? request;
            if (asked.Tools.Count > 0)
                throw new ArgumentException("A request with functions is not hedged, since both services could call them: send it, and those of a ToolLoop, through a chain without FallbackOptions.HedgeAfter.", nameof(request));
            foreach (string member in asked.Extra.Keys)
            {
                if (member is "store" or "previous_response_id" or "conversation" or "background" or "cachedContent" or "container")
                    throw new ArgumentException($"A request with \"{member}\" is not hedged, since what a service stores would be there twice: send it through a chain without FallbackOptions.HedgeAfter.", nameof(request));
            }
        }
    }
}
