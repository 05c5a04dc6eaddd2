using RawLlm.Protocols;
using RawLlm.Telemetry;
using RawLlm.Transport;

namespace RawLlm;

/// <summary>Talks to the models of one service. Thread-safe; make one and keep it, since it keeps the connections.</summary>
public sealed class LlmClient : IDisposable
{
    private int _isDisposed;

    /// <summary>Makes a client.</summary>
    /// <param name="provider">The service, as in <c>Providers.OpenAI</c>.</param>
    /// <param name="model">The model, by the service's own name; a request may name another.</param>
    /// <param name="options">How the client behaves; the defaults when null.</param>
    /// <param name="http">An HTTP client of one's own, which is then not disposed here; it must not follow redirects.</param>
    /// <exception cref="LlmException">The set-up cannot work: a key is missing, or would go over plain HTTP (<see cref="LlmErrorKind.InvalidConfiguration"/>).</exception>
    public LlmClient(Provider provider, string model, LlmClientOptions? options = null, HttpClient? http = null)
    {
        ArgumentNullException.ThrowIfNull(provider);
        ArgumentException.ThrowIfNullOrWhiteSpace(model);
        Provider = provider;
        Model = model;
        Options = options ?? LlmClientOptions.Default;
        ProviderCheck.Check(provider, Options);
        Credential = provider.Credential.Settle();
        Decoding = new DecoderOptions { Origin = provider.Origin, Limits = Options.Limits, Strict = Options.Strict, Prediction = Options.Prediction };
        Budget = new RetryBudget(Options.Time, Options.Retries.Budget);
        Kept = Options.KeptRequestBytes > 0 ? new KeptBodies(Options.KeptRequestBytes) : null;
        Exchange = new HttpExchange(http, provider.BaseUrl, Options);
        Requests = new SignedRequests(this);
        Chat = new ChatCalls(this);
        Errors = new ErrorContext(this);
    }

    /// <summary>Makes a client for a service and model that are named together, such as <c>openrouter:openai/gpt-5</c>.</summary>
    /// <param name="model">The service's name, a colon and the model by the service's own name (<see cref="Providers.TryResolve"/>).</param>
    /// <param name="options">How the client behaves; the defaults when null.</param>
    /// <param name="http">An HTTP client of one's own, which is then not disposed here; it must not follow redirects.</param>
    /// <exception cref="ArgumentException">The name holds no known service.</exception>
    /// <exception cref="LlmException">The set-up cannot work: a key is missing, or would go over plain HTTP (<see cref="LlmErrorKind.InvalidConfiguration"/>).</exception>
    public LlmClient(string model, LlmClientOptions? options = null, HttpClient? http = null)
        : this(Resolve(model, out string name), name, options, http)
    {
    }

    /// <summary>The service.</summary>
    public Provider Provider { get; }

    /// <summary>The model that is asked unless a request names another.</summary>
    public string Model { get; }

    /// <summary>How the client behaves.</summary>
    public LlmClientOptions Options { get; }

    /// <summary>The provider's proof with the key as it was when the client was made.</summary>
    internal Credential Credential { get; }

    /// <summary>Carries the requests.</summary>
    internal HttpExchange Exchange { get; }

    /// <summary>How answers are decoded.</summary>
    internal DecoderOptions Decoding { get; }

    /// <summary>Bounds how often all calls together are sent again.</summary>
    internal RetryBudget Budget { get; }

    /// <summary>What is kept of the last requests; null when that is switched off.</summary>
    internal KeptBodies? Kept { get; }

    /// <summary>Writes and signs the requests.</summary>
    internal SignedRequests Requests { get; }

    /// <summary>Asks the model.</summary>
    internal ChatCalls Chat { get; }

    /// <summary>What errors are to tell.</summary>
    internal ErrorContext Errors { get; }

    /// <summary>Asks and gives the whole answer. A text converts to a request of its own: <c>client.SendAsync("Why is the sky blue?")</c>.</summary>
    /// <exception cref="LlmException">The service refused, the connection broke, or the answer was not whole.</exception>
    /// <exception cref="ArgumentException">The request holds something that the service's wire cannot carry.</exception>
    /// <exception cref="OperationCanceledException">The token was cancelled.</exception>
    public Task<ChatReply> SendAsync(ChatRequest request, CancellationToken cancellationToken = default) => Chat.AskAsync(request, wider: null, cancellationToken);

    /// <summary>Asks for an answer that is a value of a type, by the type's schema, and reads it.</summary>
    /// <remarks>
    /// A <see cref="ChatRequest.Format"/> of the request's own stays, such as <see cref="ReplyFormat.Json"/> for a service without schemas. What deviates from the
    /// schema and was tolerated is a quirk of the reply, and an error where <see cref="LlmClientOptions.Strict"/> is set.
    /// </remarks>
    /// <typeparam name="T">A type marked <see cref="JsonSchemaAttribute"/>.</typeparam>
    /// <exception cref="LlmException">The service refused, the connection broke, or the answer was not whole; or it ended without a value
    /// (<see cref="LlmErrorKind.ReplyUnfinished"/>), or does not fit the type (<see cref="LlmErrorKind.ReplyMismatch"/>).</exception>
    /// <exception cref="ArgumentException">The request holds something that the service's wire cannot carry.</exception>
    /// <exception cref="OperationCanceledException">The token was cancelled.</exception>
    public async Task<TypedReply<T>> SendAsync<T>(ChatRequest request, CancellationToken cancellationToken = default)
        where T : IJsonSchema<T>
    {
        var reply = await SendAsync(TypedReplies.Ask<T>(request), cancellationToken).ConfigureAwait(false);
        return TypedReplies.ReadAs<T>(reply, Options.Strict, (this, request));
    }

    /// <summary>Asks and gives the answer as it comes. Completes when the head of the answer has arrived, so that refusals are thrown here.</summary>
    /// <remarks>The token also cancels the reading of the stream (<see cref="ChatStream"/> says when).</remarks>
    /// <inheritdoc cref="SendAsync" path="/exception"/>
    public Task<ChatStream> StreamAsync(ChatRequest request, CancellationToken cancellationToken = default) => Chat.OpenStreamAsync(request, wider: null, cancellationToken);

    /// <summary>Asks and gives the answer's text as it comes.</summary>
    /// <remarks>
    /// Why the answer ended is not shown: one that was cut by a limit of tokens, withheld or refused ends as any other does, the latter without text. Where that
    /// matters take <see cref="StreamAsync(ChatRequest, CancellationToken)"/>, its <see cref="ChatStream.TextAsync"/>, and then <see cref="ChatStream.StopReason"/>.
    ///
    /// Where the request offers functions, the model is told not to call any, since this way shows none of its calls
    /// (<see cref="LlmClientOptions.TextOnlyForbidsTools"/> switches that off).
    /// </remarks>
    /// <inheritdoc cref="SendAsync" path="/exception"/>
    public IAsyncEnumerable<string> StreamTextAsync(ChatRequest request, CancellationToken cancellationToken = default) =>
        TextPieces.Of(request, Options, StreamAsync, cancellationToken);

    /// <summary>Lists the models that the service offers, all pages of the list.</summary>
    /// <exception cref="LlmException">The service refused, the connection broke, the list does not end, or there is none on this wire (<see cref="LlmErrorKind.Unsupported"/>).</exception>
    /// <exception cref="OperationCanceledException">The token was cancelled.</exception>
    public Task<IReadOnlyList<ModelInfo>> ListModelsAsync(CancellationToken cancellationToken = default) =>
        TelemetrySwitch.IsSupported && CallTelemetry.Begin(this, CallTelemetry.ListModels) is { } telemetry
            ? telemetry.FollowAsync(ModelCalls.ListAsync(this, telemetry, cancellationToken))
            : ModelCalls.ListAsync(this, telemetry: null, cancellationToken);

    /// <summary>What the service says of one model. A local Ollama tells more here than in its list.</summary>
    /// <param name="model">The model; the client's own when null.</param>
    /// <param name="cancellationToken">Cancels the request.</param>
    /// <exception cref="LlmException">The service refused, the connection broke, or there is no such question on this wire (<see cref="LlmErrorKind.Unsupported"/>).</exception>
    /// <exception cref="ArgumentException">The model's name cannot stand in an address.</exception>
    /// <exception cref="OperationCanceledException">The token was cancelled.</exception>
    public Task<ModelInfo> GetModelAsync(string? model = null, CancellationToken cancellationToken = default)
    {
        model ??= Model;
        return TelemetrySwitch.IsSupported && CallTelemetry.Begin(this, CallTelemetry.GetModel, model) is { } telemetry
            ? telemetry.FollowAsync(ModelCalls.DescribeAsync(this, model, telemetry, cancellationToken))
            : ModelCalls.DescribeAsync(this, model, telemetry: null, cancellationToken);
    }

    /// <summary>
    /// Has the service count the tokens of a request's prompt, functions and files included, without answering it; where it does not
    /// count, gives an estimate that says it is one.
    /// </summary>
    /// <remarks>docs/tokens.md says which services count, and how far estimates are off.</remarks>
    /// <exception cref="LlmException">The service refused for another reason than that it does not count, or the connection broke.</exception>
    /// <exception cref="ArgumentException">The request holds something that the service's wire cannot carry.</exception>
    /// <exception cref="OperationCanceledException">The token was cancelled.</exception>
    public async Task<TokenCount> CountTokensAsync(ChatRequest request, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(request);
        ThrowIfDisposed();
        using var wire = Requests.WriteCount(request);
        if (wire is null)
            return TokenCount.Estimate(request, Provider);
        return TelemetrySwitch.IsSupported && CallTelemetry.Begin(this, CallTelemetry.CountTokens, request.Model ?? Model, KeyHeaders.Secrets(request.Headers)) is { } telemetry
            ? await telemetry.FollowAsync(CountingCall.CountAsync(this, request, wire, telemetry, cancellationToken)).ConfigureAwait(false)
            : await CountingCall.CountAsync(this, request, wire, telemetry: null, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Gives the vectors of texts, in their order; many texts go out in batches, one after the other.</summary>
    /// <exception cref="LlmException">The service refused, the connection broke, a vector is missing, or the wire gives none (<see cref="LlmErrorKind.Unsupported"/>).</exception>
    /// <exception cref="ArgumentException">There is no text, or one is null, or the request holds something that the wire cannot carry.</exception>
    /// <exception cref="OperationCanceledException">The token was cancelled.</exception>
    public Task<Embeddings> EmbedAsync(EmbeddingRequest request, CancellationToken cancellationToken = default) =>
        EmbeddingCalls.EmbedAsync(this, request, chain: null, cancellationToken);

    /// <summary>Gives the vectors of texts, in their order.</summary>
    /// <inheritdoc cref="EmbedAsync(EmbeddingRequest, CancellationToken)" path="/exception"/>
    public Task<Embeddings> EmbedAsync(IReadOnlyList<string> inputs, CancellationToken cancellationToken = default) =>
        EmbedAsync(new EmbeddingRequest(inputs), cancellationToken);

    /// <summary>Gives the vector of one text.</summary>
    /// <inheritdoc cref="EmbedAsync(EmbeddingRequest, CancellationToken)" path="/exception"/>
    public Task<Embeddings> EmbedAsync(string input, CancellationToken cancellationToken = default) => EmbedAsync([input], cancellationToken);

    /// <summary>The command for curl and a POSIX shell that sends what this client would: the same method, address, headers and bytes.</summary>
    /// <remarks>
    /// Nothing is sent. No key stands in it: in place of each is a variable, that of the service where it has one, as in <c>$OPENAI_API_KEY</c>, else
    /// <c>$API_KEY</c> or what the header is called. A signature of AWS is left out, since curl makes its own (7.75 or later). The prompt stands in it as it is;
    /// what an <see cref="HttpClient"/> that was handed in adds does not, nor what the service does not take: a reply's <see cref="ChatReply.Quirks"/> say what that is.
    /// </remarks>
    /// <param name="request">The request.</param>
    /// <param name="stream">Whether the answer is asked for as <see cref="StreamAsync"/> does, in place of <see cref="SendAsync(ChatRequest, CancellationToken)"/>.</param>
    /// <exception cref="LlmException">The request would not be sent.</exception>
    /// <exception cref="ArgumentException">The request holds something that the service's wire, or a shell, cannot carry.</exception>
    public string ToCurl(ChatRequest request, bool stream = false) => ToCurl(request, stream, Provider.KeyVariable, out _);

    /// <summary>The same with the variable that the key came from, where the provider does not know it.</summary>
    /// <param name="request">The request.</param>
    /// <param name="stream">Whether a stream is asked for.</param>
    /// <param name="variable">The variable.</param>
    /// <param name="quirks">What of the request could not be sent as it is, which the quirks of a reply would say.</param>
    internal string ToCurl(ChatRequest request, bool stream, string? variable, out IReadOnlyList<Quirk> quirks)
    {
        using var wire = Requests.Write(request, stream);
        quirks = [.. wire.Quirks];
        return Exchange.ToCurl(wire, request.Credential ?? Credential, request.Credential is { } own ? own.Variable : variable);
    }

    /// <summary>The commands for curl and a POSIX shell that send what <see cref="EmbedAsync(EmbeddingRequest, CancellationToken)"/> would: one for each batch, with an empty line between.</summary>
    /// <inheritdoc cref="ToCurl(ChatRequest, bool)" path="/remarks"/>
    /// <exception cref="LlmException">The request would not be sent, or the wire gives no vectors (<see cref="LlmErrorKind.Unsupported"/>).</exception>
    /// <exception cref="ArgumentException">There is no text, or one is null, or the request holds something that the service's wire, or a shell, cannot carry.</exception>
    public string ToCurl(EmbeddingRequest request)
    {
        var commands = new List<string>();
        foreach (var batch in EmbeddingCalls.Batches(this, request))
        {
            using var wire = Requests.Write(batch, EmbeddingCalls.Carrier(batch, batch.Model!));
            commands.Add(Exchange.ToCurl(wire, request.Credential ?? Credential, request.Credential is { } own ? own.Variable : Provider.KeyVariable));
        }
        return string.Join("\n\n", commands);
    }

    /// <summary>What some usage costs: what the service reported, else reckoned from <see cref="LlmClientOptions.Prices"/>; null when that is not known.</summary>
    /// <param name="usage">What was used.</param>
    /// <param name="model">The model that was asked; the client's own when null.</param>
    public Cost? CostOf(Usage? usage, string? model = null) => Options.Prices.CostOf(Provider, model ?? Model, usage);

    /// <summary>
    /// A handler with the settings of a client's own, for an <see cref="HttpClient"/> that is handed in, such as one of a factory: no redirects, cookies,
    /// decompression or draining of answers that nobody reads, a second address beside one that does not answer, connections that notice when the other
    /// side is gone, bounds on the head of a response, and the system's proxy but for this machine.
    /// </summary>
    /// <param name="options">The limits of time and size; the defaults when null.</param>
    public static SocketsHttpHandler CreateHandler(LlmClientOptions? options = null)
    {
        var handler = HttpExchange.CreateHandler(useProxy: true, options ?? LlmClientOptions.Default);
        // The address is not known yet.
        handler.Proxy = new SystemProxy();
        return handler;
    }

    /// <summary>Closes the connections, unless the <see cref="HttpClient"/> was handed in; a second call does nothing.</summary>
    public void Dispose()
    {
        if (Interlocked.Exchange(ref _isDisposed, 1) != 0)
            return;
        Exchange.Dispose();
        Kept?.Dispose();
    }

    // What the table does not know by the name under which it answered, it may know by the one under which it was asked.
    internal Cost? CostOf(Usage? usage, string? answered, string asked, decimal? reported = null)
    {
        if (reported is not null && usage?.ReportedCost is null)
            usage = (usage ?? new Usage()) with { ReportedCost = reported };
        return (answered is null ? null : Options.Prices.CostOf(Provider, answered, usage)) ?? Options.Prices.CostOf(Provider, asked, usage);
    }

    /// <summary>A decoder for a stream, or for a whole answer in place of one.</summary>
    internal StreamDecoder CreateDecoder(bool isStream, bool asksLogProbs = false) =>
        isStream ? Provider.Protocol.CreateDecoder(DecodingOf(asksLogProbs)) : Provider.Protocol.CreateReplyDecoder(DecodingOf(asksLogProbs));

    /// <summary>How an answer is decoded to a request that asks how likely its tokens were, or does not.</summary>
    internal DecoderOptions DecodingOf(bool asksLogProbs) => asksLogProbs ? Decoding with { LogProbs = true } : Decoding;

    internal void ThrowIfDisposed() => ObjectDisposedException.ThrowIf(_isDisposed != 0, this);

    private static Provider Resolve(string name, out string model) =>
        Providers.TryResolve(name, out var provider, out model) ? provider
        : throw new ArgumentException($"'{name}' names no service. Write it as in openrouter:openai/gpt-5; there are: {string.Join(", ", Providers.All().Select(known => known.Name))}.", nameof(model));
}
