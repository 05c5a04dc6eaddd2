using RawLlm.Framing;

namespace RawLlm.Protocols;

/// <summary>Anthropic's Messages; each property is a bend of some service, its default the standard.</summary>
/// <remarks>
/// Source: platform.claude.com/docs/en/api/messages. Three things that the wire demands and a request need not say:
/// an answer always has a limit (<see cref="DefaultMaxTokens"/>); thoughts go back only with the signature they came with, others are
/// left out with a quirk; and an answer that thinks takes no temperature, which is then left out with a quirk.
/// </remarks>
public sealed record AnthropicProtocol : WireProtocol
{
    internal const string ProtocolName = "anthropic";

    private readonly bool? _takesUrls;

    /// <inheritdoc/>
    public override string Name => ProtocolName;

    /// <summary>What goes between a base URL that has no path and the wire's own path.</summary>
    public string RootPath { get; init; } = "v1";

    /// <summary>
    /// The wire's own path. A service that names the model in its address has <c>{model}</c> where the name goes, as in
    /// <c>publishers/anthropic/models/{model}:rawPredict</c>; it has no list of models on this wire.
    /// </summary>
    public string MessagesPath { get; init; } = "messages";

    /// <summary>The path for streamed answers, where that is another one than <see cref="MessagesPath"/>.</summary>
    public string? StreamPath { get; init; }

    /// <summary>The path under which tokens are counted, where that is another one than <see cref="MessagesPath"/> with <c>/count_tokens</c> behind it.</summary>
    public string? CountPath { get; init; }

    /// <summary>The version of the wire, sent as <c>anthropic-version</c>.</summary>
    public string Version { get; init; } = "2023-06-01";

    /// <summary>Features in trial that are asked for, sent as <c>anthropic-beta</c>; a header of that name on provider or request takes their place.</summary>
    public IReadOnlyList<string> Betas { get; init; } = [];

    /// <summary>
    /// The most tokens of an answer for requests that say none, because the wire demands a number; 4,096. What the request asks for
    /// thinking comes on top, since thoughts count towards the limit: its budget, or 1,024 (minimal, low), 8,192 (medium), 24,576 (high)
    /// or 32,000 tokens (max) for its effort.
    /// </summary>
    public int DefaultMaxTokens { get; init => field = value > 0 ? value : throw new ArgumentOutOfRangeException(nameof(value), "An answer has at least one token."); } = 4096;

    /// <summary>How thinking is asked for.</summary>
    public AnthropicThinking Thinking { get; init; }

    /// <summary>How a JSON schema for the answer is sent.</summary>
    public AnthropicFormat Format { get; init; }

    /// <summary>False for a service that refuses <c>strict</c> on functions.</summary>
    public bool TakesStrict { get; init; } = true;

    /// <summary>False for a service that takes no marks for its prompt cache; they are then left out.</summary>
    public bool TakesCacheMarks { get; init; } = true;

    /// <summary>
    /// False for a service that opens no address of a picture or file, which is then an error; when not set, false exactly where
    /// <see cref="BodyVersion"/> is set, since neither AWS Bedrock nor Vertex opens any.
    /// </summary>
    public bool TakesUrls { get => _takesUrls ?? BodyVersion is null; init => _takesUrls = value; }

    /// <summary>True for a server that takes thoughts back without a signature, such as llama.cpp's; Anthropic refuses them.</summary>
    public bool ReturnsUnsignedThinking { get; init; }

    /// <summary>Tools that the service itself runs, such as web search, as it documents them; written after the request's own functions, and before those of <c>tools</c> in <see cref="ChatRequest.Extra"/>.</summary>
    public IReadOnlyList<RawJson> ServerTools { get; init; } = [];

    /// <summary>
    /// The version inside the body (<c>anthropic_version</c>), for services that carry this wire under an address of their own and name
    /// the model there, as <see cref="BedrockInvokeProtocol"/> does: <c>bedrock-2023-05-31</c>. When set, headers name no version and the body names no model, unless tokens are counted.
    /// </summary>
    public string? BodyVersion { get; init; }

    /// <summary>False for a service whose address says whether to stream, and which refuses the member <c>stream</c>.</summary>
    public bool WritesStream { get; init; } = true;

    /// <inheritdoc/>
    public override UsageConvention UsageConvention => UsageConvention.CacheOnTop;

    internal override bool HasOneAddress => true;

    internal override Prefill? Continue(ChatRequest request, string model, Uri baseUrl, string text) => Prefill.ForClaude(request, model, text);

    /// <inheritdoc/>
    public override void WriteRequest(ChatRequest request, bool stream, WireRequest wire)
    {
        ArgumentNullException.ThrowIfNull(request);
        ArgumentNullException.ThrowIfNull(wire);
        wire.Begin(wire.KnownUrl ?? UrlPath.Join(wire.BaseUrl, RootPath, UrlPath.WithModel(stream ? StreamPath ?? MessagesPath : MessagesPath, request.Model), MainPath), stream, "text/event-stream");
        WriteHeaders(wire);
        AnthropicWriter.Write(this, request, stream, wire);
    }

    /// <inheritdoc/>
    public override void ReadReply(ReadOnlySpan<byte> body, EventBuffer events)
    {
        using var decoder = new AnthropicDecoder();
        decoder.ReadReply(body, events);
    }

    /// <inheritdoc/>
    public override StreamDecoder CreateDecoder(DecoderOptions? options = null) =>
        new(new SseReader { TakesDocuments = true }, new AnthropicDecoder(), options);

    /// <inheritdoc/>
    public override bool IsStream(string? mediaType) => mediaType == "text/event-stream";

    internal override string MainPath => UrlPath.NamesModel(MessagesPath) ? "" : MessagesPath;

    /// <inheritdoc/>
    public override bool WriteModelsRequest(WireRequest wire)
    {
        ArgumentNullException.ThrowIfNull(wire);
        if (UrlPath.NamesModel(MessagesPath))
            return false;
        // 1,000 is the most that the service gives at once.
        wire.Url = new Uri(UrlPath.Join(wire.BaseUrl, RootPath, "models", MainPath).AbsoluteUri + "?limit=1000");
        WriteHeaders(wire);
        return true;
    }

    /// <inheritdoc/>
    public override bool WriteModelRequest(string model, WireRequest wire)
    {
        ArgumentNullException.ThrowIfNull(wire);
        if (UrlPath.NamesModel(MessagesPath))
            return false;
        wire.Url = UrlPath.Join(wire.BaseUrl, RootPath, "models/" + UrlPath.Segments(model), MainPath);
        WriteHeaders(wire);
        return true;
    }

    /// <inheritdoc/>
    /// <remarks>Source: platform.claude.com/docs/en/build-with-claude/token-counting. Free of charge, with a limit of its own.</remarks>
    public override bool WriteCountRequest(ChatRequest request, WireRequest wire)
    {
        ArgumentNullException.ThrowIfNull(request);
        ArgumentNullException.ThrowIfNull(wire);
        if (CountPath is null && UrlPath.NamesModel(MessagesPath))
            return false;
        wire.Url = CountPath is null ? new Uri(UrlPath.Join(wire.BaseUrl, RootPath, MessagesPath).AbsoluteUri + "/count_tokens")
            : UrlPath.Join(wire.BaseUrl, RootPath, UrlPath.WithModel(CountPath, request.Model), MainPath);
        WriteHeaders(wire);
        AnthropicWriter.WriteCount(this, request, wire);
        return true;
    }

    /// <inheritdoc/>
    public override long? ReadCount(ReadOnlySpan<byte> body) => WireJson.ReadCount(body, "input_tokens"u8);

    private void WriteHeaders(WireRequest wire)
    {
        if (BodyVersion is null)
            wire.SetHeader("anthropic-version", Version);
        if (Betas.Count > 0)
            wire.SetHeader("anthropic-beta", string.Join(',', Betas));
    }
}
