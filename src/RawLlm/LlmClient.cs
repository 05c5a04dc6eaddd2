using System.Globalization;
using RawLlm.Protocols;
using RawLlm.Telemetry;
using RawLlm.Transport;

namespace RawLlm;

/// <summary>Talks to the models of one service. Thread-safe; make one and keep it, since it keeps the connections.</summary>
public sealed class LlmClient : IDisposable
{
    private const int MostModelPages = 1000;
    private const int MostPageCharacters = 16 << 10;

    private readonly HttpExchange _exchange;
    private readonly DecoderOptions _decoding;
    private readonly RetryBudget _budget;
    private readonly KeptBodies? _kept;
    private readonly bool _notesKeys;
    private readonly KnownAddress?[] _addresses = new KnownAddress?[2];
    private Capabilities? _known;
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
        _notesKeys = Credential.Secrets is null;
        _decoding = new DecoderOptions { Origin = provider.Origin, Limits = Options.Limits, Strict = Options.Strict, Prediction = Options.Prediction };
        _budget = new RetryBudget(Options.Time);
        _kept = Options.KeptRequestBytes > 0 ? new KeptBodies(Options.KeptRequestBytes) : null;
        _exchange = new HttpExchange(http, provider.BaseUrl, Options);
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
    internal HttpExchange Exchange => _exchange;

    /// <summary>Bounds how often all calls together are sent again.</summary>
    internal RetryBudget Budget => _budget;

    /// <summary>What is kept of the last requests; null when that is switched off.</summary>
    internal KeptBodies? Kept => _kept;

    /// <summary>Asks and gives the whole answer. A text converts to a request of its own: <c>client.SendAsync("Why is the sky blue?")</c>.</summary>
    /// <exception cref="LlmException">The service refused, the connection broke, or the answer was not whole.</exception>
    /// <exception cref="ArgumentException">The request holds something that the service's wire cannot carry.</exception>
    /// <exception cref="OperationCanceledException">The token was cancelled.</exception>
    public Task<ChatReply> SendAsync(ChatRequest request, CancellationToken cancellationToken = default) => AskAsync(request, wider: null, cancellationToken);

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
        try
        {
            return reply.Read<T>(Options.Strict);
        }
        catch (LlmException e)
        {
            throw e.With(model: request.Model ?? Model, requestId: reply.RequestId, redaction: Redaction(KeyHeaders.Secrets(request.Headers)));
        }
    }

    /// <summary>The same as a part of a call that has bounds of its own.</summary>
    internal Task<ChatReply> SendWithinAsync(ChatRequest request, Spending? spending, CancellationToken cancellationToken) => AskAsync(request, WiderCall.Of(spending), cancellationToken);

    /// <summary>The same as a part of a wider call.</summary>
    internal Task<ChatReply> AskAsync(ChatRequest request, WiderCall? wider, CancellationToken cancellationToken) =>
        TelemetrySwitch.IsSupported && CallTelemetry.Begin(this, request, isStream: false, (wider as FallbackCall)?.Telemetry) is { } telemetry
            ? telemetry.FollowAsync(AskAsync(request, wider, telemetry, cancellationToken), AnswerFacts.Of)
            : AskAsync(request, wider, telemetry: null, cancellationToken);

    private async Task<ChatReply> AskAsync(ChatRequest request, WiderCall? wider, CallTelemetry? telemetry, CancellationToken cancellationToken)
    {
        var call = BeginWhole(request, wider, telemetry, cancellationToken);
        try
        {
            while (true)
            {
                using var answer = await call.OpenAsync(call.Stop).ConfigureAwait(false);
                try
                {
                    var reply = await ReadReplyAsync(answer, call.Wire, request).ConfigureAwait(false);
                    call.Succeeded(reply);
                    return call.Earlier is { } earlier ? reply with { Attempts = earlier.Failed } : reply;
                }
                catch (LlmException e)
                {
                    // Whatever was gathered is not handed on: the whole answer is the first that is.
                    await call.EndBrokenAsync(answer, e).ConfigureAwait(false);
                }
                catch (Exception) when (call.GiveUp())
                {
                    throw;
                }
            }
        }
        finally
        {
            call.Wire.Dispose();
        }
    }

    private LlmCall BeginWhole(ChatRequest request, WiderCall? wider, CallTelemetry? telemetry, CancellationToken cancellationToken)
    {
        var wire = Write(request, stream: false);
        try
        {
            return new LlmCall(this, wire, request, cancellationToken, wider as FallbackCall, telemetry: telemetry, spending: BeginSpending(request, wider), isConversation: true);
        }
        catch
        {
            wire.Dispose();
            throw;
        }
    }

    /// <summary>Asks and gives the answer as it comes. Completes when the head of the answer has arrived, so that refusals are thrown here.</summary>
    /// <remarks>The token also cancels the reading of the stream (<see cref="ChatStream"/> says when).</remarks>
    /// <inheritdoc cref="SendAsync" path="/exception"/>
    public Task<ChatStream> StreamAsync(ChatRequest request, CancellationToken cancellationToken = default) => OpenStreamAsync(request, wider: null, cancellationToken);

    /// <summary>The same as a part of a call that has bounds of its own.</summary>
    internal Task<ChatStream> StreamWithinAsync(ChatRequest request, Spending? spending, CancellationToken cancellationToken) => OpenStreamAsync(request, WiderCall.Of(spending), cancellationToken);

    /// <summary>The same as a part of a wider call.</summary>
    internal async Task<ChatStream> OpenStreamAsync(ChatRequest request, WiderCall? wider, CancellationToken cancellationToken)
    {
        var call = BeginStream(request, wider, cancellationToken);
        var head = call.OpenAsync(CancellationToken.None);
        var opening = new StreamOpening(this, call, cancellationToken, wider as FallbackCall);
        HttpAnswer? answer = null;
        try
        {
            if (!head.IsCompleted)
                opening.Prepare();
            answer = await head.ConfigureAwait(false);
            return CreateStream(answer, opening.CreateDecoder(answer), call.Wire, request, opening);
        }
        catch (Exception e)
        {
            if (TelemetrySwitch.IsSupported)
                opening.Telemetry?.Failed(e);
            answer?.Dispose();
            opening.Dispose();
            throw;
        }
    }

    /// <summary>The same where another service may be asked as well: completes once something of the answer has come, which is still to be read.</summary>
    internal async Task<ChatStream> OpenBegunStreamAsync(ChatRequest request, FallbackCall chain, CancellationToken cancellationToken)
    {
        var call = BeginStream(request, chain, cancellationToken);
        var opening = new StreamOpening(this, call, cancellationToken, chain);
        HttpAnswer? answer = null;
        try
        {
            while (true)
            {
                answer = await call.OpenAsync(call.Stop).ConfigureAwait(false);
                try
                {
                    using var scout = new StreamScout(this, answer.MediaType);
                    await HeldBody.HoldAsync(answer, scout, Options.Limits.EventBytes).ConfigureAwait(false);
                    break;
                }
                catch (LlmException e)
                {
                    await call.EndBrokenAsync(answer, e).ConfigureAwait(false);
                }
            }
            return CreateStream(answer, opening.CreateDecoder(answer), call.Wire, request, opening);
        }
        catch (Exception e)
        {
            if (TelemetrySwitch.IsSupported)
                opening.Telemetry?.Failed(e);
            answer?.Dispose();
            opening.Dispose();
            throw;
        }
    }

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
            ? telemetry.FollowAsync(ListAllAsync(telemetry, cancellationToken))
            : ListAllAsync(telemetry: null, cancellationToken);

    private async Task<IReadOnlyList<ModelInfo>> ListAllAsync(CallTelemetry? telemetry, CancellationToken cancellationToken)
    {
        ObjectDisposedException.ThrowIf(_isDisposed != 0, this);
        var models = new List<ModelInfo>();
        var seen = new HashSet<string>(StringComparer.Ordinal);
        string? page = null;
        // Both bounds hold for all pages together.
        long start = Options.Time.GetTimestamp();
        int left = Options.Limits.ReplyBytes;
        do
        {
            using var wire = WriteModelsRequest(page);
            await ReadWholeAsync(new LlmCall(this, wire, request: null, cancellationToken, start: start, telemetry: telemetry), left, ReadPage).ConfigureAwait(false);
        }
        while (page is not null);
        return models;

        void ReadPage(HttpAnswer answer, PooledBody body)
        {
            left -= body.Span.Length;
            if (!ModelListing.TryRead(body.Span, models, out page))
                throw NotExpected(body.Span, "The list of models is not the JSON that was expected.");
            // .NET 9 makes no address of more than 65,519 characters, and no server reads one of a quarter of that.
            if (page?.Length > MostPageCharacters)
                throw new LlmException(LlmErrorKind.MalformedResponse, "The list of models names its next page by a text that is too long for an address.");
            if (page is not null && (!seen.Add(page) || seen.Count > MostModelPages))
                throw new LlmException(LlmErrorKind.MalformedResponse, "The list of models does not end: a page names one that was there before, or there are more than a thousand.");
        }
    }

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
            ? telemetry.FollowAsync(AskForModelAsync(model, telemetry, cancellationToken))
            : AskForModelAsync(model, telemetry: null, cancellationToken);
    }

    private async Task<ModelInfo> AskForModelAsync(string model, CallTelemetry? telemetry, CancellationToken cancellationToken)
    {
        ObjectDisposedException.ThrowIf(_isDisposed != 0, this);
        using var wire = new WireRequest { BaseUrl = Provider.BaseUrl, Method = "GET", ContentType = null };
        if (!Provider.Protocol.WriteModelRequest(model, wire))
            throw Unsupported($"{Provider.Title} does not describe single models on this wire.");
        Sign(wire, request: null);
        ModelInfo? described = null;
        await ReadWholeAsync(new LlmCall(this, wire, request: null, cancellationToken, telemetry: telemetry), Options.Limits.ReplyBytes, (_, body) =>
            described = ModelListing.ReadOne(body.Span, model) ?? throw NotExpected(body.Span, "The description of the model is not the JSON that was expected.")).ConfigureAwait(false);
        return described!;
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
        ObjectDisposedException.ThrowIf(_isDisposed != 0, this);
        using var wire = new WireRequest { BaseUrl = Provider.BaseUrl, Origin = _decoding.Origin };
        if (!Provider.Protocol.WriteCountRequest(request.Model is null ? request with { Model = Model } : request, wire))
            return TokenCount.Estimate(request, Provider);
        Sign(wire, request);
        return TelemetrySwitch.IsSupported && CallTelemetry.Begin(this, CallTelemetry.CountTokens, request.Model ?? Model, KeyHeaders.Secrets(request.Headers)) is { } telemetry
            ? await telemetry.FollowAsync(HaveCountedAsync(request, wire, telemetry, cancellationToken)).ConfigureAwait(false)
            : await HaveCountedAsync(request, wire, telemetry: null, cancellationToken).ConfigureAwait(false);
    }

    private async Task<TokenCount> HaveCountedAsync(ChatRequest request, WireRequest wire, CallTelemetry? telemetry, CancellationToken cancellationToken)
    {
        try
        {
            long count = 0;
            await ReadWholeAsync(new LlmCall(this, wire, request, cancellationToken, telemetry: telemetry), Options.Limits.ReplyBytes, (_, body) =>
                count = Provider.Protocol.ReadCount(body.Span) ?? throw NotExpected(body.Span, "The count of tokens is not the JSON that was expected.")).ConfigureAwait(false);
            return new(count, IsEstimate: false);
        }
        // An older server, or one that speaks the wire in part. A model that is not there is told by its own code.
        catch (LlmException e) when (e.Status is 404 or 405 or 501 && e.ProviderCode?.Contains("model", StringComparison.OrdinalIgnoreCase) != true)
        {
            return TokenCount.Estimate(request, Provider);
        }
    }

    // A service may say what is wrong with a status of success.
    private LlmException NotExpected(ReadOnlySpan<byte> body, string otherwise) => body.TrimStart(" \t\r\n"u8) is [(byte)'{' or (byte)'[', ..] && ErrorReader.IsError(body)
        ? ErrorReader.ReadInBody(body, inStream: false, limits: Options.Limits)
        : new LlmException(LlmErrorKind.MalformedResponse, otherwise);

    /// <summary>Gives the vectors of texts, in their order; many texts go out in batches, one after the other.</summary>
    /// <exception cref="LlmException">The service refused, the connection broke, a vector is missing, or the wire gives none (<see cref="LlmErrorKind.Unsupported"/>).</exception>
    /// <exception cref="ArgumentException">There is no text, or one is null, or the request holds something that the wire cannot carry.</exception>
    /// <exception cref="OperationCanceledException">The token was cancelled.</exception>
    public Task<Embeddings> EmbedAsync(EmbeddingRequest request, CancellationToken cancellationToken = default) =>
        TelemetrySwitch.IsSupported && CallTelemetry.Begin(this, request) is { } telemetry
            ? telemetry.FollowAsync(EmbedAllAsync(request, telemetry, cancellationToken), AnswerFacts.Of)
            : EmbedAllAsync(request, telemetry: null, cancellationToken);

    private async Task<Embeddings> EmbedAllAsync(EmbeddingRequest request, CallTelemetry? telemetry, CancellationToken cancellationToken)
    {
        var split = Batches(request);
        string model = request.Model ?? Model;
        var carrier = new ChatRequest { Model = model, Headers = request.Headers };
        // The deadline holds for all batches together.
        long start = Options.Time.GetTimestamp();
        var batches = new List<Embeddings>();
        var quirks = new List<Quirk>();
        var costs = new List<decimal?>();
        RateLimits? rateLimits = null;
        string? requestId = null;
        foreach (var batch in split)
        {
            using var wire = Write(batch, carrier);
            await ReadWholeAsync(new LlmCall(this, wire, carrier, cancellationToken, start: start, telemetry: telemetry), Options.Limits.ReplyBytes, (answer, body) =>
            {
                bool isUnexpected = !ContentTypeCheck.IsJson(answer.MediaType);
                if (isUnexpected && Options.Strict)
                    throw ContentTypeCheck.Refuse(answer.Status, answer.MediaType);
                try
                {
                    batches.Add(Provider.Protocol.ReadEmbeddings(body.Span, batch.Inputs.Count));
                }
                catch (LlmException e) when (isUnexpected && e.Kind == LlmErrorKind.MalformedResponse)
                {
                    throw e.With(hint: ContentTypeCheck.Hint(answer.MediaType));
                }
                if (answer.WasSentAgain)
                    quirks.Add(SentAgain);
                if (isUnexpected)
                    quirks.Add(UnexpectedType);
                rateLimits = ResponseHead.RateLimits(answer.Headers);
                requestId = ResponseHead.RequestId(answer.Headers);
                costs.Add(ResponseHead.Cost(answer.Headers));
            }).ConfigureAwait(false);
            quirks.AddRange(wire.Quirks);
        }
        var all = EmbeddingBatches.Join(batches);
        return all with { Cost = CostOf(all.Usage, all.Model, model, EmbeddingBatches.Sum(costs)), Quirks = [.. quirks.Distinct()], RateLimits = rateLimits, RequestId = requestId };
    }

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
    /// what an <see cref="HttpClient"/> that was handed in adds does not.
    /// </remarks>
    /// <param name="request">The request.</param>
    /// <param name="stream">Whether the answer is asked for as <see cref="StreamAsync"/> does, in place of <see cref="SendAsync(ChatRequest, CancellationToken)"/>.</param>
    /// <exception cref="LlmException">The request would not be sent.</exception>
    /// <exception cref="ArgumentException">The request holds something that the service's wire, or a shell, cannot carry.</exception>
    public string ToCurl(ChatRequest request, bool stream = false) => ToCurl(request, stream, Provider.KeyVariable);

    /// <summary>The same with the variable that the key came from, where the provider does not know it.</summary>
    internal string ToCurl(ChatRequest request, bool stream, string? variable)
    {
        using var wire = Write(request, stream);
        return _exchange.ToCurl(wire, Credential, variable);
    }

    /// <summary>The commands for curl and a POSIX shell that send what <see cref="EmbedAsync(EmbeddingRequest, CancellationToken)"/> would: one for each batch, with an empty line between.</summary>
    /// <inheritdoc cref="ToCurl(ChatRequest, bool)" path="/remarks"/>
    /// <exception cref="LlmException">The request would not be sent, or the wire gives no vectors (<see cref="LlmErrorKind.Unsupported"/>).</exception>
    /// <exception cref="ArgumentException">There is no text, or one is null, or the request holds something that the service's wire, or a shell, cannot carry.</exception>
    public string ToCurl(EmbeddingRequest request)
    {
        var commands = new List<string>();
        foreach (var batch in Batches(request))
        {
            using var wire = Write(batch, new ChatRequest { Model = batch.Model, Headers = batch.Headers });
            commands.Add(_exchange.ToCurl(wire, Credential, Provider.KeyVariable));
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
        _exchange.Dispose();
        _kept?.Dispose();
    }

    // What the table does not know by the name under which it answered, it may know by the one under which it was asked.
    internal Cost? CostOf(Usage? usage, string? answered, string asked, decimal? reported = null)
    {
        if (reported is not null && usage?.ReportedCost is null)
            usage = (usage ?? new Usage()) with { ReportedCost = reported };
        return (answered is null ? null : Options.Prices.CostOf(Provider, answered, usage)) ?? Options.Prices.CostOf(Provider, asked, usage);
    }

    private WireRequest WriteModelsRequest(string? page)
    {
        var elsewhere = Provider.ModelsAddress();
        var wire = new WireRequest { BaseUrl = elsewhere ?? Provider.BaseUrl, Method = "GET", ContentType = null };
        try
        {
            if (elsewhere is not null)
                wire.Url = elsewhere;
            else if (!Provider.Protocol.WriteModelsRequest(wire))
                throw Unsupported($"{Provider.Title} has no list of models on this wire.");
            if (page is not null)
                wire.Url = new Uri($"{wire.Url!.AbsoluteUri}{(wire.Url.Query.Length > 0 ? '&' : '?')}{page}");
            Sign(wire, request: null);
            return wire;
        }
        catch
        {
            wire.Dispose();
            throw;
        }
    }

    private LlmException Unsupported(string message) => new(LlmErrorKind.Unsupported, message) { Provider = Provider.Name, Phase = LlmPhase.Configure };

    private void CheckCapabilities(ChatRequest request, bool stream)
    {
        if (!Options.ChecksCapabilities)
            return;
        string model = request.Model ?? Model;
        var known = model == Model ? _known ??= Provider.CapabilitiesOf(model) : Provider.CapabilitiesOf(model);
        if (CapabilityCheck.Problem(known, request, stream) is { } problem)
        {
            throw new LlmException(LlmErrorKind.Unsupported, $"{model} at {Provider.Title} {problem}. LlmClientOptions.ChecksCapabilities = false sends the request all the same.")
            {
                Provider = Provider.Name,
                Model = model,
                Phase = LlmPhase.Configure,
            };
        }
    }

    private static Provider Resolve(string name, out string model) =>
        Providers.TryResolve(name, out var provider, out model) ? provider
        : throw new ArgumentException($"'{name}' names no service. Write it as in openrouter:openai/gpt-5; there are: {string.Join(", ", Providers.All().Select(known => known.Name))}.", nameof(model));

    private WireRequest Write(ChatRequest request, bool stream, bool isKept = true)
    {
        ArgumentNullException.ThrowIfNull(request);
        ObjectDisposedException.ThrowIf(_isDisposed != 0, this);
        CheckCapabilities(request, stream);
        string model = request.Model ?? Model;
        var wire = new WireRequest { BaseUrl = Provider.BaseUrl, Origin = _decoding.Origin, IsStream = stream, KnownUrl = Volatile.Read(ref _addresses[stream ? 1 : 0]) is { } known && known.Model == model ? known.Url : null };
        try
        {
            var whole = request.Model is null ? request with { Model = model } : request;
            if (isKept && !IsShort(whole))
                _kept?.Begin(Provider.Protocol, whole, wire);
            Provider.Protocol.WriteRequest(whole, stream, wire);
            wire.EndWriting(isWhole: true);
            Sign(wire, request, model);
            return wire;
        }
        catch
        {
            wire.EndWriting(isWhole: false);
            wire.Dispose();
            throw;
        }
    }

    /// <summary>The request once more, without what the model's answers want back; null where that would be the same bytes.</summary>
    internal WireRequest? WriteWithoutThoughts(ChatRequest request, WireRequest refused)
    {
        if (DisownedMessages.Of(request.Messages, _decoding.Origin) is not { } messages)
            return null;
        var wire = Write(request with { Messages = messages }, refused.IsStream, isKept: false);
        if (wire.Body.Span.SequenceEqual(refused.Body.Span))
        {
            wire.Dispose();
            return null;
        }
        if (refused.Secrets is { } secrets)
            wire.Secrets = [.. secrets, .. wire.Secrets ?? []];
        wire.Note(QuirkKind.ThoughtsRefused, "messages");
        return wire;
    }

    /// <summary>Writes a request for nobody, to learn whether the wire can carry it.</summary>
    /// <exception cref="ArgumentException">It cannot.</exception>
    internal void CheckWriting(ChatRequest request, bool stream)
    {
        using var wire = new WireRequest { BaseUrl = Provider.BaseUrl, Origin = _decoding.Origin, IsStream = stream };
        Provider.Protocol.WriteRequest(request.Model is null ? request with { Model = Model } : request, stream, wire);
    }

    private IEnumerable<EmbeddingRequest> Batches(EmbeddingRequest request)
    {
        ArgumentNullException.ThrowIfNull(request);
        ObjectDisposedException.ThrowIf(_isDisposed != 0, this);
        if (Provider.Protocol.MostEmbeddingInputs is not (> 0 and var most))
            throw Unsupported($"{Provider.Title} gives no vectors on this wire.");
        return EmbeddingBatches.Split(request with { Model = request.Model ?? Model }, most);
    }

    private WireRequest Write(EmbeddingRequest batch, ChatRequest carrier)
    {
        var wire = new WireRequest { BaseUrl = Provider.BaseUrl };
        try
        {
            Provider.Protocol.WriteEmbeddingRequest(batch, wire);
            Sign(wire, carrier);
            return wire;
        }
        catch
        {
            wire.Dispose();
            throw;
        }
    }

    private void Sign(WireRequest wire, ChatRequest? request, string? conversesWith = null)
    {
        SetHeaders(wire, Provider.Headers);
        if (request is not null)
            SetHeaders(wire, request.Headers);
        if (wire.Url is null || !ReferenceEquals(wire.Url, wire.KnownUrl))
        {
            ProviderCheck.CheckUrl(Provider, wire);
            if (conversesWith is not null && Provider.Protocol.HasOneAddress)
                Volatile.Write(ref _addresses[wire.IsStream ? 1 : 0], new KnownAddress(conversesWith, wire.Url!));
        }
        ProviderCheck.CheckHeaders(Provider, wire, Options);
        Prove(wire);
    }

    /// <summary>Has the credential sign, for each attempt anew, and notes what only then is known to be a key.</summary>
    internal void Prove(WireRequest wire)
    {
        if (!_notesKeys || !Credential.IsSecret)
        {
            Credential.Sign(wire);
            return;
        }
        var before = wire.CopyHeaders();
        Credential.Sign(wire);
        KeyHeaders.Note(wire, before);
    }

    // Its body would not be kept (KeptBodies.LeastBytes), and looking for it takes a third of the time that writing it takes.
    private static bool IsShort(ChatRequest request) =>
        request is { Messages: [{ Parts: [TextPart { Text.Length: <= 512 }] }], Tools.Count: 0, System: null or { Length: <= 512 } };

    private static void SetHeaders(WireRequest wire, IReadOnlyDictionary<string, string> headers)
    {
        ArgumentNullException.ThrowIfNull(headers);
        // The loop over an interface makes an object even where there is nothing.
        if (headers.Count == 0)
            return;
        foreach (var (name, value) in headers)
            wire.SetHeader(name, value);
    }

    /// <summary>Writes the request for a stream.</summary>
    internal LlmCall BeginStream(ChatRequest request, WiderCall? wider, CancellationToken cancellationToken)
    {
        var telemetry = TelemetrySwitch.IsSupported ? CallTelemetry.Begin(this, request, isStream: true, (wider as FallbackCall)?.Telemetry) : null;
        WireRequest wire;
        try
        {
            wire = Write(request, stream: true);
        }
        catch (Exception e)
        {
            if (TelemetrySwitch.IsSupported)
                telemetry?.Failed(e);
            throw;
        }
        return new LlmCall(this, wire, request, cancellationToken, wider as FallbackCall, telemetry: telemetry, spending: BeginSpending(request, wider), isConversation: true);
    }

    private CallSpending? BeginSpending(ChatRequest request, WiderCall? wider) => Spending.Of(Options.Budget, Options.CallBudget, wider?.Spending)?.Begin(this, request);

    // Whatever is no conversation: its answer is whole, or the request is sent again.
    private async Task ReadWholeAsync(LlmCall call, int limit, Action<HttpAnswer, PooledBody> read)
    {
        while (true)
        {
            using var answer = await call.OpenAsync(CancellationToken.None).ConfigureAwait(false);
            try
            {
                using var body = await BodyReader.ReadAsync(answer, limit).ConfigureAwait(false);
                if (ContentTypeCheck.Check(answer.Status, answer.MediaType, body.Span) is { } page)
                    throw page;
                if (IsEmpty(body.Span))
                    throw EmptyAnswer();
                read(answer, body);
                call.Succeeded();
                return;
            }
            catch (LlmException e)
            {
                await call.EndBrokenAsync(answer, e).ConfigureAwait(false);
            }
        }
    }

    private static bool IsEmpty(ReadOnlySpan<byte> body) => !body.ContainsAnyExcept(" \t\r\n"u8);

    /// <summary>The error for a web page that came in place of a stream.</summary>
    internal async Task<LlmException> ReadPageAsync(HttpAnswer answer, WireRequest wire, ChatRequest? request)
    {
        using var page = await BodyReader.ReadErrorAsync(answer, Options.Limits.ErrorBodyBytes).ConfigureAwait(false);
        return Enrich(ContentTypeCheck.Check(answer.Status, answer.MediaType, page.Span)!, answer, wire, request);
    }

    /// <summary>A decoder for a stream, or for a whole answer in place of one.</summary>
    internal StreamDecoder CreateDecoder(bool isStream) =>
        isStream ? Provider.Protocol.CreateDecoder(_decoding) : Provider.Protocol.CreateReplyDecoder(_decoding);

    private ChatStream CreateStream(HttpAnswer answer, StreamDecoder decoder, WireRequest wire, ChatRequest request, StreamOpening? opening)
    {
        // Not the request itself: a stream that waits would keep the whole conversation.
        return new(answer, decoder, opening)
        {
            IsGathered = opening is null,
            Client = this,
            AskedModel = request.Model ?? Model,
            Secrets = KeyHeaders.Secrets(request.Headers, wire),
            Telemetry = opening?.Telemetry,
        };
    }

    private async Task<ChatReply> ReadReplyAsync(HttpAnswer answer, WireRequest wire, ChatRequest request)
    {
        if (Provider.Protocol.IsStream(answer.MediaType))
        {
            var stream = CreateStream(answer, CreateDecoder(isStream: true), wire, request, opening: null);
            foreach (var quirk in wire.Quirks)
                stream.Record(quirk);
            if (answer.WasSentAgain)
                stream.Record(SentAgain);
            if (!wire.IsGathered)
                stream.Record(new Quirk(QuirkKind.StreamUnasked, "Content-Type"));
            return await stream.ReplyAsync(CancellationToken.None).ConfigureAwait(false);
        }
        using var body = await BodyReader.ReadAsync(answer, Options.Limits.ReplyBytes).ConfigureAwait(false);
        CheckContentType(answer, body.Span, wire, request);
        if (IsEmpty(body.Span))
            throw EmptyAnswer();
        return ReadReply(body.Span, answer, wire, request);
    }

    /// <summary>What is said of an answer whose request went out more often than it was sent.</summary>
    internal static Quirk SentAgain { get; } = new(QuirkKind.SentAgain, "HttpClient");

    /// <summary>What is said of an answer whose media type is missing or not the wire's own.</summary>
    internal static Quirk UnexpectedType { get; } = new(QuirkKind.UnexpectedContentType, "Content-Type");

    /// <summary>The error for a body without a byte.</summary>
    internal static LlmException EmptyAnswer() =>
        new(LlmErrorKind.MalformedResponse, "The body is empty.") { Phase = LlmPhase.AwaitFirstEvent, IsRetryable = true };

    private ChatReply ReadReply(ReadOnlySpan<byte> body, HttpAnswer answer, WireRequest wire, ChatRequest request)
    {
        using var events = new EventBuffer(_decoding);
        foreach (var quirk in wire.Quirks)
            events.Record(quirk);
        if (answer.WasSentAgain)
            events.Record(SentAgain);
        bool isUnexpected = !ContentTypeCheck.IsJson(answer.MediaType);
        if (isUnexpected && Options.Strict)
            throw Enrich(ContentTypeCheck.Refuse(answer.Status, answer.MediaType), answer, wire, request);
        if (isUnexpected)
            events.Record(UnexpectedType);
        try
        {
            Provider.Protocol.ReadReply(body, events);
        }
        catch (LlmException e)
        {
            throw Enrich(isUnexpected && e.Kind == LlmErrorKind.MalformedResponse ? e.With(hint: ContentTypeCheck.Hint(answer.MediaType)) : e, answer, wire, request);
        }
        var builder = new ReplyBuilder();
        while (events.MoveNext())
            builder.Add(events.Current);
        var reply = builder.Build();
        return reply with
        {
            Cost = CostOf(reply.Usage, reply.Model, request.Model ?? Model, ResponseHead.Cost(answer.Headers)),
            Quirks = events.Quirks,
            RateLimits = ResponseHead.RateLimits(answer.Headers),
            RequestId = ResponseHead.RequestId(answer.Headers),
            Provider = Provider.Name,
        };
    }

    internal LlmException Enrich(LlmException e, HttpAnswer answer, WireRequest wire, ChatRequest? request) => e.With(
        provider: Provider.Name,
        model: request?.Model ?? Model,
        requestId: ResponseHead.RequestId(answer.Headers),
        rateLimits: ResponseHead.RateLimits(answer.Headers),
        redaction: Redaction(KeyHeaders.Secrets(request?.Headers, wire)),
        retryAfter: StatedWait(e, answer));

    /// <summary>The wait that the head of a success asks for whose body then says that the service is busy; null where it asks for none.</summary>
    internal TimeSpan? StatedWait(LlmException e, HttpAnswer answer) =>
        e.RetryAfter is null && (e.Kind == LlmErrorKind.StreamError ? e.CauseKind : e.Kind) is LlmErrorKind.RateLimited or LlmErrorKind.QuotaExhausted or LlmErrorKind.Overloaded or LlmErrorKind.ServerError
            ? ResponseHead.StatedWait(DatedHeaders(answer)) : null;

    /// <summary>The headers of an answer, with the time at which it came where it does not tell its own (RFC 9110, section 6.6.1).</summary>
    internal IReadOnlyList<KeyValuePair<string, string>> DatedHeaders(HttpAnswer answer)
    {
        var headers = answer.Headers;
        // Whole seconds: rather a little too early, so that the wait is not too short.
        return ResponseHead.Date(headers) is null ? [new("Date", Options.Time.GetUtcNow().ToString("R", CultureInfo.InvariantCulture)), .. headers] : headers;
    }

    /// <summary>Takes out of texts what is secret: the key, those among the provider's headers, and others.</summary>
    internal Redaction Redaction(List<string>? others)
    {
        var secrets = new List<string>(Credential.Secrets ?? []);
        if (KeyHeaders.Secrets(Provider.Headers) is { } own)
            secrets.AddRange(own);
        if (others is not null)
            secrets.AddRange(others);
        return new(secrets);
    }

    private void CheckContentType(HttpAnswer answer, ReadOnlySpan<byte> body, WireRequest wire, ChatRequest? request)
    {
        if (ContentTypeCheck.Check(answer.Status, answer.MediaType, body) is { } failure)
            throw Enrich(failure, answer, wire, request);
    }
}
