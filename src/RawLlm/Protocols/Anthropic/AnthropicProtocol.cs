using RawLlm.Framing;

namespace RawLlm.Protocols;

/// <summary>Anthropic's Messages API. Each property describes a deviation of some services; its default is the standard.</summary>
/// <remarks>
/// Source: platform.claude.com/docs/en/api/messages. Three requirements of the wire are met automatically: every answer has a token limit
/// (<see cref="DefaultMaxTokens"/>); reasoning is sent back only with the signature that it arrived with, and is otherwise left out with a
/// quirk; and with thinking, a temperature other than 1 is left out with a quirk.
/// </remarks>
public sealed record AnthropicProtocol : WireProtocol
{
    internal const string ProtocolName = "anthropic";

    private readonly bool? _supportsUrls;

    /// <inheritdoc/>
    public override string Name => ProtocolName;

    /// <summary>The path between a base URL without a path and the wire's own path.</summary>
    public string RootPath { get; init; } = "v1";

    /// <summary>
    /// The wire's own path. For a service with the model in its URL, the path contains the placeholder <c>{model}</c>, as in
    /// <c>publishers/anthropic/models/{model}:rawPredict</c>; such a service has no list of models on this wire.
    /// </summary>
    public string MessagesPath { get; init; } = "messages";

    /// <summary>The path for streamed answers, if it differs from <see cref="MessagesPath"/>.</summary>
    public string? StreamPath { get; init; }

    /// <summary>The path for counting tokens, if it differs from <see cref="MessagesPath"/> followed by <c>/count_tokens</c>.</summary>
    public string? CountPath { get; init; }

    /// <summary>
    /// The version of the wire, sent as <c>anthropic-version</c>. From 2026-10-21 on, the service refuses temperature, top_p and the
    /// citations of user messages, which are then left out, with a quirk; the default is the latest version that accepts them.
    /// </summary>
    /// <remarks>Source: platform.claude.com/docs/en/api/versioning and /api/migration-2026-10-21, 2026-11.</remarks>
    public string Version { get; init; } = "2023-06-01";

    /// <summary>Whether the service refuses what the version of 2026-10-21 removed. The clouds have a version of their own.</summary>
    internal bool IsStricter => BodyVersion is null && string.CompareOrdinal(Version, "2026-10-21") >= 0;

    /// <summary>
    /// The requested beta features, sent as <c>anthropic-beta</c>; a header of that name on the provider or the request replaces them.
    /// </summary>
    public IReadOnlyList<string> Betas { get; init; } = [];

    /// <summary>
    /// The maximum number of tokens in the answer to a request that does not set one, because the wire requires it; 4,096. The tokens for
    /// thinking are added, because reasoning counts toward the limit: the request's budget, or, for its effort, 1,024 (minimal, low), 8,192
    /// (medium), 24,576 (high), 28,672 (extra high) or 32,000 tokens (max).
    /// </summary>
    public int DefaultMaxTokens
    {
        get;
        init => field = value > 0 ? value : throw new ArgumentOutOfRangeException(nameof(value), "DefaultMaxTokens must be at least 1.");
    } = 4096;

    /// <summary>How to request thinking.</summary>
    public AnthropicThinking Thinking { get; init; }

    /// <summary>How to send a JSON schema for the answer.</summary>
    public AnthropicFormat Format { get; init; }

    /// <summary>False for a service that rejects <c>strict</c> on tools.</summary>
    public bool SupportsStrict { get; init; } = true;

    /// <summary>False for a service that does not accept prompt caching marks; they are then left out.</summary>
    public bool SupportsCacheMarks { get; init; } = true;

    /// <summary>
    /// Whether the service accepts instructions between the turns of a conversation. Messages of <see cref="Role.System"/> that are not at
    /// the beginning are then sent right after the user turn that they follow or precede; a quirk if that moves them. All others move to
    /// the front, with a quirk, which changes the beginning of the cached prompt. If not set, the name of the model decides: Claude Opus
    /// since 4.8, Fable and Mythos, Sonnet and Haiku since 5.5.
    /// </summary>
    /// <remarks>Source: platform.claude.com/docs/en/build-with-claude/mid-conversation-system-messages, 2026-10, for Anthropic, AWS Bedrock
    /// and Vertex AI.</remarks>
    public bool? SupportsLaterSystemMessages { get; init; }

    /// <summary>
    /// False for a service that opens no URLs of images or files; such a URL is then an error. If not set, false exactly if
    /// <see cref="BodyVersion"/> is set, because neither AWS Bedrock nor Vertex opens URLs.
    /// </summary>
    public bool SupportsUrls
    {
        get => _supportsUrls ?? BodyVersion is null;
        init => _supportsUrls = value;
    }

    /// <summary>True for a server that accepts reasoning back without a signature, such as llama.cpp's; Anthropic rejects it.</summary>
    public bool ReturnsUnsignedThinking { get; init; }

    /// <summary>
    /// Tools that the service runs itself, such as web search, in its own JSON; written after the request's own tools and before those of
    /// <c>tools</c> in <see cref="ChatRequest.Extra"/>.
    /// </summary>
    public IReadOnlyList<RawJson> ServerTools { get; init; } = [];

    /// <summary>
    /// The version inside the body (<c>anthropic_version</c>), for services that offer this wire under their own URL with the model in it,
    /// as <see cref="BedrockInvokeProtocol"/> does: <c>bedrock-2023-05-31</c>. If set, the headers contain no version, and the body
    /// contains no model except in requests that count tokens.
    /// </summary>
    public string? BodyVersion { get; init; }

    /// <summary>False for a service whose URL determines whether to stream, and which rejects the member <c>stream</c>.</summary>
    public bool WritesStream { get; init; } = true;

    /// <inheritdoc/>
    public override UsageConvention UsageConvention => UsageConvention.CacheOnTop;

    internal override bool HasOneAddress => true;

    internal override Prefill? Continue(ChatRequest request, string model, Uri baseUrl, string text) =>
        Prefill.ForClaude(request, model, text);

    internal override void FindChanges(RequestRefusal refusal, SentRequest sent, List<DialectChange> changes)
    {
        if (sent.Has("cache_control") && refusal.Refuses("cache_control"))
        {
            changes.Add(
                new DialectChange(
                    "SupportsCacheMarks",
                    "cache_control",
                    "SupportsCacheMarks = false",
                    static dialect => ((AnthropicProtocol)dialect) with { SupportsCacheMarks = false }
                )
            );
        }
        if (sent.Has("strict") && refusal.Refuses("strict"))
        {
            changes.Add(
                new DialectChange(
                    "SupportsStrict",
                    "tools[].strict",
                    "SupportsStrict = false",
                    static dialect => ((AnthropicProtocol)dialect) with { SupportsStrict = false }
                )
            );
        }
    }

    /// <inheritdoc/>
    public override void WriteRequest(ChatRequest request, bool stream, WireRequest wire)
    {
        ArgumentNullException.ThrowIfNull(request);
        ArgumentNullException.ThrowIfNull(wire);
        wire.Begin(
            wire.KnownUrl
                ?? UrlPath.Join(
                    wire.BaseUrl,
                    RootPath,
                    UrlPath.WithModel(stream ? StreamPath ?? MessagesPath : MessagesPath, request.Model),
                    MainPath
                ),
            stream,
            "text/event-stream"
        );
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
        new(new SseReader { ReadsDocuments = true, ReadsText = true }, new AnthropicDecoder(), options);

    /// <inheritdoc/>
    public override bool IsStream(string? mediaType) => mediaType == "text/event-stream";

    internal override string MainPath => UrlPath.NamesModel(MessagesPath) ? "" : MessagesPath;

    /// <inheritdoc/>
    public override bool WriteModelsRequest(WireRequest wire)
    {
        ArgumentNullException.ThrowIfNull(wire);
        if (UrlPath.NamesModel(MessagesPath))
            return false;
        // The service returns at most 1,000 at once.
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
    /// <remarks>Source: platform.claude.com/docs/en/build-with-claude/token-counting. Free of charge, with a rate limit of its
    /// own.</remarks>
    public override bool WriteCountRequest(ChatRequest request, WireRequest wire)
    {
        ArgumentNullException.ThrowIfNull(request);
        ArgumentNullException.ThrowIfNull(wire);
        if (CountPath is null && UrlPath.NamesModel(MessagesPath))
            return false;
        wire.Url = CountPath is null
            ? new Uri(UrlPath.Join(wire.BaseUrl, RootPath, MessagesPath).AbsoluteUri + "/count_tokens")
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
