using RawLlm.Protocols;
using RawLlm.Telemetry;
using RawLlm.Transport;

namespace RawLlm;

/// <summary>A client for the models of one service. Thread-safe; create one and reuse it, because it keeps the connections open.</summary>
public sealed class LlmClient : IDisposable
{
    private int _isDisposed;

    /// <summary>Creates a client.</summary>
    /// <param name="provider">The service, such as <c>Providers.OpenAI</c>.</param>
    /// <param name="model">The model, by the service's own name; a request can name another one.</param>
    /// <param name="options">How the client behaves; null for the defaults.</param>
    /// <param name="http">An HTTP client to use; it must not follow redirects, and it is not disposed with this client. Null to let the
    /// client create its own.</param>
    /// <exception cref="LlmException">
    /// The configuration cannot work: the API key is missing or would be sent over plain HTTP
    /// (<see cref="LlmErrorKind.InvalidConfiguration"/>).
    /// </exception>
    public LlmClient(Provider provider, string model, LlmClientOptions? options = null, HttpClient? http = null)
    {
        ArgumentNullException.ThrowIfNull(provider);
        ArgumentException.ThrowIfNullOrWhiteSpace(model);
        Provider = provider;
        Model = model;
        Options = options ?? LlmClientOptions.Default;
        ProviderCheck.Check(provider, Options);
        Credential = provider.Credential.Resolve();
        Decoding = new DecoderOptions
        {
            Origin = provider.Origin,
            Limits = Options.Limits,
            Strict = Options.Strict,
            Prediction = Options.Prediction,
        };
        Budget = new RetryBudget(Options.Time, Options.Retries.Budget);
        KeptBodies = Options.KeptRequestBytes > 0 ? new KeptBodies(Options.KeptRequestBytes) : null;
        Learning = Options.BeginLearning(provider.Protocol);
        Exchange = new HttpExchange(http, provider.BaseUrl, Options);
        Requests = new SignedRequests(this);
        Chat = new ChatCalls(this);
        Errors = new ErrorContext(this);
    }

    /// <summary>Creates a client for a service and a model that are named together, as in <c>openrouter:openai/gpt-5</c>.</summary>
    /// <param name="model">The service's name, a colon, and the model by the service's own name
    /// (<see cref="Providers.TryResolve"/>).</param>
    /// <param name="options">How the client behaves; null for the defaults.</param>
    /// <param name="http">An HTTP client to use; it must not follow redirects, and it is not disposed with this client. Null to let the
    /// client create its own.</param>
    /// <exception cref="ArgumentException">The name does not contain a known service.</exception>
    /// <exception cref="LlmException">
    /// The configuration cannot work: the API key is missing or would be sent over plain HTTP
    /// (<see cref="LlmErrorKind.InvalidConfiguration"/>).
    /// </exception>
    public LlmClient(string model, LlmClientOptions? options = null, HttpClient? http = null)
        : this(Resolve(model, out string name), name, options, http) { }

    /// <summary>The service.</summary>
    public Provider Provider { get; }

    /// <summary>The model that answers unless a request names another one.</summary>
    public string Model { get; }

    /// <summary>How the client behaves.</summary>
    public LlmClientOptions Options { get; }

    /// <summary>
    /// The dialects that the client has learned from refusals so far, one for each model, to put into a configuration for good; empty
    /// without <see cref="LlmClientOptions.AdaptToRefusals"/>. At most 64; they are forgotten with the client.
    /// </summary>
    public IReadOnlyList<LearnedDialect> LearnedDialects => Learning?.Learned ?? [];

    /// <summary>The provider's credential, with the key as it was when the client was created.</summary>
    internal Credential Credential { get; }

    /// <summary>Sends the requests.</summary>
    internal HttpExchange Exchange { get; }

    /// <summary>How answers are decoded.</summary>
    internal DecoderOptions Decoding { get; }

    /// <summary>Limits how often all calls together are retried.</summary>
    internal RetryBudget Budget { get; }

    /// <summary>The bodies kept of the last requests; null if that is switched off.</summary>
    internal KeptBodies? KeptBodies { get; }

    /// <summary>What was learned from refusals; null if the client does not learn.</summary>
    internal IRefusalLearning? Learning { get; }

    /// <summary>Writes and signs the requests.</summary>
    internal SignedRequests Requests { get; }

    /// <summary>Makes the chat calls.</summary>
    internal ChatCalls Chat { get; }

    /// <summary>Adds context to errors and redacts secrets.</summary>
    internal ErrorContext Errors { get; }

    /// <summary>
    /// Sends a request and returns the complete answer. A string converts to a request: <c>client.SendAsync("Why is the sky blue?")</c>.
    /// </summary>
    /// <exception cref="LlmException">The service refused, the connection broke, or the answer was incomplete.</exception>
    /// <exception cref="ArgumentException">The request contains something that the service's wire cannot carry.</exception>
    /// <exception cref="OperationCanceledException">The token was canceled.</exception>
    public Task<ChatReply> SendAsync(ChatRequest request, CancellationToken cancellationToken = default) =>
        Chat.AskAsync(request, outer: null, cancellationToken);

    /// <summary>Sends a request for structured output by the schema of a type, and returns the answer as a value of that type.</summary>
    /// <remarks>
    /// A <see cref="ChatRequest.Format"/> that the request already has is kept, such as <see cref="ReplyFormat.Json"/> for a service
    /// without schemas. A tolerated deviation from the schema is a quirk of the reply, or an error if <see cref="LlmClientOptions.Strict"/>
    /// is set.
    /// </remarks>
    /// <typeparam name="T">A type marked with <see cref="JsonSchemaAttribute"/>.</typeparam>
    /// <exception cref="LlmException">The service refused, the connection broke, or the answer was incomplete; or the answer ended without
    /// a value (<see cref="LlmErrorKind.ReplyUnfinished"/>) or does not fit the type
    /// (<see cref="LlmErrorKind.ReplyMismatch"/>).</exception>
    /// <exception cref="ArgumentException">The request contains something that the service's wire cannot carry.</exception>
    /// <exception cref="OperationCanceledException">The token was canceled.</exception>
    public async Task<TypedReply<T>> SendAsync<T>(ChatRequest request, CancellationToken cancellationToken = default)
        where T : IJsonSchema<T>
    {
        var reply = await SendAsync(TypedReplies.Ask<T>(request), cancellationToken).ConfigureAwait(false);
        return TypedReplies.ReadAs<T>(reply, Options.Strict, (this, request));
    }

    /// <summary>
    /// Sends a request and returns the answer as a stream. Completes when the head of the answer arrives, so refusals are thrown here.
    /// </summary>
    /// <remarks>The token also cancels reading the stream; see <see cref="ChatStream"/>.</remarks>
    /// <inheritdoc cref="SendAsync" path="/exception"/>
    public Task<ChatStream> StreamAsync(ChatRequest request, CancellationToken cancellationToken = default) =>
        Chat.OpenStreamAsync(request, outer: null, cancellationToken);

    /// <summary>Sends a request and returns the answer's text as it arrives.</summary>
    /// <remarks>
    /// This method does not show why the answer ended: an answer that was cut off by the token limit, withheld or refused ends like any
    /// other, and a refused one yields no text. If that matters, use <see cref="StreamAsync(ChatRequest, CancellationToken)"/>, read its
    /// <see cref="ChatStream.TextAsync"/>, and then check <see cref="ChatStream.StopReason"/>.
    ///
    /// If the request offers tools, the model is told not to call any, because this method does not show tool calls
    /// (<see cref="LlmClientOptions.TextOnlyForbidsTools"/> switches that off).
    /// </remarks>
    /// <inheritdoc cref="SendAsync" path="/exception"/>
    public IAsyncEnumerable<string> StreamTextAsync(ChatRequest request, CancellationToken cancellationToken = default) =>
        TextPieces.Of(request, Options, StreamAsync, cancellationToken);

    /// <summary>Returns the models that the service offers, from all pages of its list.</summary>
    /// <exception cref="LlmException">
    /// The service refused, the connection broke, the list does not end, or the wire has no list (<see cref="LlmErrorKind.Unsupported"/>).
    /// </exception>
    /// <exception cref="OperationCanceledException">The token was canceled.</exception>
    public Task<IReadOnlyList<ModelInfo>> ListModelsAsync(CancellationToken cancellationToken = default) =>
        TelemetrySwitch.IsSupported && CallTelemetry.Begin(this, CallTelemetry.ListModels) is { } telemetry
            ? telemetry.FollowAsync(ModelCalls.ListAsync(this, telemetry, cancellationToken))
            : ModelCalls.ListAsync(this, telemetry: null, cancellationToken);

    /// <summary>Returns the service's description of one model. A local Ollama says more here than in its list.</summary>
    /// <param name="model">The model; null for the client's own.</param>
    /// <param name="cancellationToken">Cancels the request.</param>
    /// <exception cref="LlmException">The service refused, the connection broke, or the wire has no such request
    /// (<see cref="LlmErrorKind.Unsupported"/>).</exception>
    /// <exception cref="ArgumentException">The model's name cannot be part of a URL.</exception>
    /// <exception cref="OperationCanceledException">The token was canceled.</exception>
    public Task<ModelInfo> GetModelAsync(string? model = null, CancellationToken cancellationToken = default)
    {
        model ??= Model;
        return TelemetrySwitch.IsSupported && CallTelemetry.Begin(this, CallTelemetry.GetModel, model) is { } telemetry
            ? telemetry.FollowAsync(ModelCalls.DescribeAsync(this, model, telemetry, cancellationToken))
            : ModelCalls.DescribeAsync(this, model, telemetry: null, cancellationToken);
    }

    /// <summary>
    /// Lets the service count the tokens of a request's prompt, including tools and files, without
    /// answering it. If the service does not count tokens, returns an estimate that is marked as one.
    /// </summary>
    /// <remarks>docs/tokens.md lists the services that count, and how far off the estimates are.</remarks>
    /// <exception cref="LlmException">The connection broke, or the service refused for a reason other than that it does not count
    /// tokens.</exception>
    /// <exception cref="ArgumentException">The request contains something that the service's wire cannot carry.</exception>
    /// <exception cref="OperationCanceledException">The token was canceled.</exception>
    public async Task<TokenCount> CountTokensAsync(ChatRequest request, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(request);
        ThrowIfDisposed();
        cancellationToken.ThrowIfCancellationRequested();
        using var wire = Requests.WriteCount(request);
        if (wire is null)
            return TokenCount.Estimate(request, Provider);
        return
            TelemetrySwitch.IsSupported
            && CallTelemetry.Begin(this, CallTelemetry.CountTokens, request.Model ?? Model, KeyHeaders.Secrets(request.Headers))
                is { } telemetry
            ? await telemetry.FollowAsync(CountingCall.CountAsync(this, request, wire, telemetry, cancellationToken)).ConfigureAwait(false)
            : await CountingCall.CountAsync(this, request, wire, telemetry: null, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Returns the embeddings of texts, in the order of the texts. Many texts are sent in batches, one after the other.</summary>
    /// <exception cref="LlmException">
    /// The service refused, the connection broke, an embedding is missing, or the wire has no embeddings
    /// (<see cref="LlmErrorKind.Unsupported"/>).
    /// </exception>
    /// <exception cref="ArgumentException">There are no texts, a text is null, or the request contains something that the wire cannot
    /// carry.</exception>
    /// <exception cref="OperationCanceledException">The token was canceled.</exception>
    public Task<Embeddings> EmbedAsync(EmbeddingRequest request, CancellationToken cancellationToken = default) =>
        EmbeddingCalls.EmbedAsync(this, request, chain: null, cancellationToken);

    /// <summary>Returns the embeddings of texts, in the order of the texts.</summary>
    /// <inheritdoc cref="EmbedAsync(EmbeddingRequest, CancellationToken)" path="/exception"/>
    public Task<Embeddings> EmbedAsync(IReadOnlyList<string> inputs, CancellationToken cancellationToken = default) =>
        EmbedAsync(new EmbeddingRequest(inputs), cancellationToken);

    /// <summary>Returns the embedding of one text.</summary>
    /// <inheritdoc cref="EmbedAsync(EmbeddingRequest, CancellationToken)" path="/exception"/>
    public Task<Embeddings> EmbedAsync(string input, CancellationToken cancellationToken = default) =>
        EmbedAsync([input], cancellationToken);

    /// <summary>
    /// Returns a command for curl and a POSIX shell that sends what this client would send: the same method, URL, headers and bytes.
    /// </summary>
    /// <remarks>
    /// Nothing is sent. The command contains no API keys: each is replaced by a variable, which is the service's own if it has one, as in
    /// <c>$OPENAI_API_KEY</c>, and otherwise <c>$API_KEY</c> or one named after the header. An AWS signature is left out, because curl
    /// makes its own (7.75 or later). The prompt is included as it is. Not included are the additions of an <see cref="HttpClient"/> that
    /// was passed in, and what the service does not accept; the <see cref="ChatReply.Quirks"/> of a reply list the latter.
    /// </remarks>
    /// <param name="request">The request to write.</param>
    /// <param name="stream">
    /// True to request a stream as <see cref="StreamAsync"/> does, instead of a
    /// whole answer as <see cref="SendAsync(ChatRequest, CancellationToken)"/> does.
    /// </param>
    /// <exception cref="LlmException">The request would not be sent.</exception>
    /// <exception cref="ArgumentException">The request contains something that the service's wire, or a shell, cannot carry.</exception>
    public string ToCurl(ChatRequest request, bool stream = false) => ToCurl(request, stream, Provider.KeyVariable, out _);

    /// <summary>The same, with the variable that the key came from, for a provider that does not know it.</summary>
    /// <param name="request">The request.</param>
    /// <param name="stream">Whether to request a stream.</param>
    /// <param name="variable">The variable.</param>
    /// <param name="quirks">What could not be sent unchanged, as the quirks of a reply would list it.</param>
    internal string ToCurl(ChatRequest request, bool stream, string? variable, out IReadOnlyList<Quirk> quirks)
    {
        using var wire = Requests.Write(request, stream);
        quirks = [.. wire.Quirks];
        return Exchange.ToCurl(wire, request.Credential ?? Credential, request.Credential is { } own ? own.Variable : variable);
    }

    /// <summary>
    /// Returns the commands for curl and a POSIX shell that send what <see cref="EmbedAsync(EmbeddingRequest, CancellationToken)"/> would
    /// send.
    /// </summary>
    /// <inheritdoc cref="ToCurl(ChatRequest, bool)" path="/remarks"/>
    /// <returns>One command for each batch, separated by empty lines.</returns>
    /// <exception cref="LlmException">The request would not be sent, or the wire has no embeddings
    /// (<see cref="LlmErrorKind.Unsupported"/>).</exception>
    /// <exception cref="ArgumentException">
    /// There are no texts, a text is null, or the request contains something that the service's wire, or a shell, cannot carry.
    /// </exception>
    public string ToCurl(EmbeddingRequest request)
    {
        var commands = new List<string>();
        foreach (var batch in EmbeddingCalls.Batches(this, request))
        {
            using var wire = Requests.Write(batch, EmbeddingCalls.Carrier(batch, batch.Model!));
            commands.Add(
                Exchange.ToCurl(wire, request.Credential ?? Credential, request.Credential is { } own ? own.Variable : Provider.KeyVariable)
            );
        }
        return string.Join("\n\n", commands);
    }

    /// <summary>
    /// Returns what some usage costs: the cost that the service reported, or otherwise
    /// one calculated from <see cref="LlmClientOptions.Prices"/>; null if it is unknown.
    /// </summary>
    /// <param name="usage">The usage.</param>
    /// <param name="model">The model that was requested; null for the client's own.</param>
    public Cost? CostOf(Usage? usage, string? model = null) => Options.Prices.CostOf(Provider, model ?? Model, usage);

    /// <summary>
    /// Creates a handler with the settings that the client uses itself, for an <see cref="HttpClient"/> that you pass in, such as one from
    /// a factory: no redirects, no cookies, no decompression, no draining of unread answers, a second address in parallel if the first does
    /// not respond, detection of dead connections, a limit on response headers, and the system proxy except for this machine.
    /// </summary>
    /// <param name="options">The timeouts and limits; null for the defaults.</param>
    public static SocketsHttpHandler CreateHandler(LlmClientOptions? options = null)
    {
        var handler = HttpExchange.CreateHandler(useProxy: true, options ?? LlmClientOptions.Default);
        // The URL is not known yet.
        handler.Proxy = new SystemProxy();
        return handler;
    }

    /// <summary>Closes the connections, unless an <see cref="HttpClient"/> was passed in. A second call does nothing.</summary>
    public void Dispose()
    {
        if (Interlocked.Exchange(ref _isDisposed, 1) != 0)
            return;
        Exchange.Dispose();
        KeptBodies?.Dispose();
    }

    // The table may not know the model by the name in the answer, but know the name that was requested.
    internal Cost? CostOf(Usage? usage, string? answered, string asked, decimal? reported = null)
    {
        if (reported is not null && usage?.ReportedCost is null)
            usage = (usage ?? new Usage()) with { ReportedCost = reported };
        return (answered is null ? null : Options.Prices.CostOf(Provider, answered, usage))
            ?? Options.Prices.CostOf(Provider, asked, usage);
    }

    /// <summary>Creates a decoder for a stream, or for a whole answer.</summary>
    internal StreamDecoder CreateDecoder(bool isStream, bool asksLogProbs = false) =>
        isStream
            ? Provider.Protocol.CreateDecoder(DecodingOf(asksLogProbs))
            : Provider.Protocol.CreateReplyDecoder(DecodingOf(asksLogProbs));

    /// <summary>Returns the decoder options for a request with or without log probabilities.</summary>
    internal DecoderOptions DecodingOf(bool asksLogProbs) => asksLogProbs ? Decoding with { LogProbs = true } : Decoding;

    /// <summary>Returns the dialect for requests to a model.</summary>
    internal WireProtocol DialectOf(string model) => Learning?.DialectOf(model) ?? Provider.Protocol;

    internal void ThrowIfDisposed() => ObjectDisposedException.ThrowIf(_isDisposed != 0, this);

    private static Provider Resolve(string name, out string model) =>
        Providers.TryResolve(name, out var provider, out model)
            ? provider
            : throw new ArgumentException(
                $"'{name}' does not name a known service. Write the service and the model, as in openrouter:openai/gpt-5. Known services: {string.Join(", ", Providers.All().Select(known => known.Name))}.",
                nameof(model)
            );
}
