using RawLlm.Framing;

namespace RawLlm.Protocols;

/// <summary>
/// OpenAI's chat completions, the wire that most services speak. Each property describes how a service may deviate; the defaults are the
/// standard.
/// </summary>
/// <remarks>Source: platform.openai.com/docs/api-reference/chat.</remarks>
public sealed record ChatCompletionsProtocol : WireProtocol
{
    private const string StreamType = "text/event-stream";
    private const string ContinueFinal = "continue_final_message";
    private const string AddPrompt = "add_generation_prompt";

    /// <inheritdoc/>
    public override string Name => "chat-completions";

    /// <summary>The data beside the beginning of an answer that the service is to continue.</summary>
    internal static ReadOnlySpan<byte> Prefix => "{\"prefix\":true}"u8;

    /// <summary>
    /// The path that goes between a base URL without a path and the wire's own path; empty for services whose API starts at the root.
    /// </summary>
    public string RootPath { get; init; } = "v1";

    /// <summary>
    /// The wire's own path. If a service's URL contains the model, <c>{model}</c> marks its place, as in
    /// <c>openai/deployments/{model}/chat/completions</c>.
    /// </summary>
    public string ChatPath { get; init; } = "chat/completions";

    /// <summary>
    /// The query string of every URL, already encoded and without the question mark, such as <c>api-version=2024-10-21</c>; never an API
    /// key. Empty for none.
    /// </summary>
    public string Query { get; init; } = "";

    /// <summary>
    /// The member that limits the length of the answer: <c>max_completion_tokens</c>, or <c>max_tokens</c> for servers that know only the
    /// older name.
    /// </summary>
    /// <remarks>
    /// Some of <see cref="Providers"/> know models that require the other name. A name that is set with <c>with</c> applies to every model.
    /// </remarks>
    public string MaxTokensName
    {
        get;
        init
        {
            field = value;
            MaxTokensNameByModel = null;
        }
    } = "max_completion_tokens";

    /// <summary>
    /// The highest token limit for which a service returns a whole answer. With a higher limit, the answer is requested as a stream and
    /// assembled. 0, the default, for a service without such a bound.
    /// </summary>
    /// <remarks>"Requests with max_tokens &gt; 4096 must have stream=true" (Fireworks, 2026).</remarks>
    public int MaxNonStreamingTokens
    {
        get;
        init => field = value >= 0 ? value : throw new ArgumentOutOfRangeException(nameof(value));
    }

    /// <summary>The member that carries the seed; null for a service that rejects one.</summary>
    public string? SeedName { get; init; } = "seed";

    /// <summary>
    /// The role of messages with instructions: <c>system</c>, <c>developer</c>, or <c>user</c> for models that know neither. With
    /// <c>user</c> and without <see cref="AcceptsRepeatedRoles"/>, instructions become part of the user's messages, with a quirk.
    /// </summary>
    public string SystemRole { get; init; } = "system";

    /// <summary>
    /// False for a service that accepts instructions only as the first message, as the templates of many open models do: later messages of
    /// <see cref="Role.System"/> move there, with a quirk, and all become one message with blank lines between them. True by default: those
    /// at the beginning are joined, and later ones stay.
    /// </summary>
    public bool SupportsLaterSystemMessages { get; init; } = true;

    /// <summary>
    /// False for a service that requires user and model to alternate, as some templates do ("Conversation roles must alternate
    /// user/assistant/…"): consecutive messages of one role are sent as one, with blank lines between their texts. Tool results stay
    /// separate messages. True by default.
    /// </summary>
    public bool AcceptsRepeatedRoles { get; init; } = true;

    /// <summary>False for a server that rejects <c>stream_options</c>, which requests usage in streams.</summary>
    public bool RequestsStreamUsage { get; init; } = true;

    /// <summary>False to ask the service to omit the random padding of its events; null to send nothing.</summary>
    public bool? Obfuscation { get; init; }

    /// <summary>The tool choice that makes the model call a tool of its choosing.</summary>
    public string RequiredToolChoice { get; init; } = "required";

    /// <summary>False for a service that accepts no named tool as the choice: <see cref="RequiredToolChoice"/> is sent instead.</summary>
    public bool SupportsNamedToolChoice { get; init; } = true;

    /// <summary>
    /// False for a service that knows only <c>auto</c>: other choices are left out, and to forbid tool calls the tools are left out.
    /// </summary>
    public bool SupportsToolChoice { get; init; } = true;

    /// <summary>
    /// False for a service that rejects the choice <c>none</c>: to forbid tool calls, the tools are left out. If
    /// <see cref="SupportsToolChoice"/> is false, they are left out anyway.
    /// </summary>
    public bool SupportsToolChoiceNone { get; init; } = true;

    /// <summary>True for a service that streams the arguments of tool calls only on request (<c>tool_stream</c>).</summary>
    public bool RequestsToolStream { get; init; }

    /// <summary>The exact length of the alphanumeric tool call IDs that a service requires; 0 if it accepts any.</summary>
    public int ToolCallIdLength { get; init; }

    /// <summary>The most characters that a service accepts in a tool call ID, 27 or more (OpenAI: 40); 0 if it accepts any.</summary>
    public int MaxToolCallIdLength { get; init; }

    /// <summary>
    /// The placeholder for the signature of a tool call that another model made, sent at <c>extra_content.google.thought_signature</c>:
    /// Gemini since version 3, judging by the model's name, rejects a call without a signature. Null, the default, to send none.
    /// </summary>
    /// <remarks><see cref="GeminiProtocol.ForeignCallSignature"/> says what Google documents.</remarks>
    public string? ForeignCallSignature { get; init; }

    /// <summary>True for a service that requires the tool's name beside its result.</summary>
    public bool SendsToolResultName { get; init; }

    /// <summary>False for a service that rejects a name on messages.</summary>
    public bool SupportsMessageNames { get; init; } = true;

    /// <summary>False for a service that rejects a temperature, such as one whose model has a fixed one. True by default.</summary>
    public bool SupportsTemperature { get; init; } = true;

    /// <summary>False for a service that rejects <c>top_p</c>. True by default.</summary>
    public bool SupportsTopP { get; init; } = true;

    /// <summary>
    /// False for a service that rejects <c>top_p</c> beside a temperature ("cannot both be specified for this model", Claude since 4.1):
    /// the temperature is sent. True by default.
    /// </summary>
    public bool AcceptsTopPWithTemperature { get; init; } = true;

    /// <summary>False for a service that rejects stop sequences. True by default.</summary>
    public bool SupportsStop { get; init; } = true;

    /// <summary>False for a service that rejects frequency and presence penalties.</summary>
    public bool SupportsPenalties { get; init; } = true;

    /// <summary>False for a service that rejects a request for log probabilities.</summary>
    public bool SupportsLogProbs { get; init; } = true;

    /// <summary>False for a service that rejects a request for more than one answer.</summary>
    public bool SupportsChoiceCount { get; init; } = true;

    /// <summary>False for a service that rejects <c>strict</c> on tools and schemas.</summary>
    public bool SupportsStrict { get; init; } = true;

    /// <summary>False for a service that rejects <c>parallel_tool_calls</c>.</summary>
    public bool SupportsParallelToolCalls { get; init; } = true;

    /// <summary>
    /// False for a service that accepts no JSON schema for its answer: JSON is requested without one, and the instructions include the
    /// schema.
    /// </summary>
    public bool SupportsJsonSchema { get; init; } = true;

    /// <summary>
    /// False for a service that accepts <c>json_schema</c> and text, but rejects <c>json_object</c> ("'response_format.type' must be
    /// 'json_schema' or 'text'", LM Studio): a schema that any object satisfies is sent instead. True by default.
    /// </summary>
    public bool SupportsJsonObject { get; init; } = true;

    /// <summary>
    /// The members, separated by spaces, in which the service takes back its own reasoning data; others are left out. Null if any may be
    /// its own.
    /// </summary>
    internal string? ReasoningMembers { get; init; }

    /// <summary>A text in the names of models that reject a conversation with tool calls if no tools are offered; null for none.</summary>
    internal string? HistoryToolsModels { get; init; }

    /// <summary>True for a server that takes a schema as <c>{"type":"json","value":…}</c>, and has no other way to request JSON.</summary>
    internal bool SendsSchemaAsValue { get; init; }

    /// <summary>False for a server that rejects a <c>top_p</c> of 1, which has no effect.</summary>
    internal bool AcceptsTopPOfOne { get; init; } = true;

    /// <summary>
    /// False for a service that rejects a forced tool call while the model thinks, which it does by default ("Thinking mode does not
    /// support this tool_choice", DeepSeek): the choice is left to the model unless <see cref="ChatRequest.Thinking"/> is off. True by
    /// default.
    /// </summary>
    public bool SupportsForcedToolCallsWhileThinking { get; init; } = true;

    /// <summary>
    /// False for a service that rejects the member <c>user</c>: <see cref="ChatRequest.User"/> is left out. True by default.
    /// </summary>
    public bool SupportsUser { get; init; } = true;

    /// <summary>What the service rejects for individual models (<see cref="RefusedMembers"/>); null if nothing is known.</summary>
    internal string? RefusedByModel { get; init; }

    /// <summary>
    /// False for a service that rejects unknown members of messages and tool calls with status 400 or 422 (Groq, Cerebras, Fireworks): data
    /// that services of this wire want sent back (<see cref="Part.WireData"/>) is left out, and a refusal goes back as text. True by
    /// default.
    /// </summary>
    public bool AcceptsUnknownMembers { get; init; } = true;

    /// <summary>
    /// False for a service that rejects a message of the model with neither text nor tool calls, such as one with only reasoning (Mistral,
    /// GLM): it is left out. True by default.
    /// </summary>
    public bool AcceptsEmptyAnswers { get; init; } = true;

    /// <summary>
    /// False for a service that rejects <c>"content": null</c> beside tool calls (Cloudflare): an empty text is sent instead. True by
    /// default.
    /// </summary>
    public bool AcceptsNullContent { get; init; } = true;

    /// <summary>
    /// False for a service that rejects a list of parts that are all text (Cloudflare): they are joined with line breaks. True by default.
    /// </summary>
    public bool AcceptsTextParts { get; init; } = true;

    /// <summary>False for a service on which only the model may speak after tool results.</summary>
    internal bool AcceptsUserMessageAfterToolResults { get; init; } = true;

    /// <summary>True for a service that accepts a file as <c>document_url</c>.</summary>
    internal bool SendsDocumentUrls { get; init; }

    /// <summary>True for a service that accepts prompt caching marks on the parts of messages.</summary>
    internal bool SupportsCacheMarks { get; init; }

    /// <summary>
    /// For a service with models of many vendors: the models that require the other name for the answer's token limit, and that name
    /// (<see cref="ModelPatterns"/>). Set it after <see cref="MaxTokensName"/>, which clears it.
    /// </summary>
    internal string? MaxTokensNameByModel { get; init; }

    /// <summary>
    /// The words for the thinking effort that the service accepts for its models (<see cref="ModelPatterns"/>); it rejects any other.
    /// </summary>
    internal string? EffortsByModel { get; init; }

    /// <summary>
    /// The same for models that reject most of them beside tools. A model with only <c>none</c> rejects its own default as well, so
    /// <c>none</c> is always sent.
    /// </summary>
    internal string? EffortsBesideTools { get; init; }

    /// <summary>
    /// For models that accept tools only on another wire: the word <c>responses</c> for Responses (<see cref="ModelPatterns"/>).
    /// </summary>
    internal string? ToolsElsewhere { get; init; }

    /// <summary>
    /// For a service whose models have a switch: the models whose thinking cannot be turned off, and the word for their least effort
    /// (<see cref="ModelPatterns"/>).
    /// </summary>
    internal string? MinEffortByModel { get; init; }

    /// <summary>True for a service that opens files by URL; for others, such a file is an error.</summary>
    public bool SupportsFileUrls { get; init; }

    /// <summary>
    /// True for a service that accepts video as <c>video_url</c>, as bytes or by URL; for others, it is a file like any other.
    /// </summary>
    public bool SupportsVideoUrls { get; init; }

    /// <summary>How the service is asked to think.</summary>
    public ThinkingStyle ThinkingStyle { get; init; } = ThinkingStyle.ReasoningEffort;

    /// <summary>
    /// The member that says whether reasoning is shown, such as <c>include_reasoning</c>; null if there is none, or if the thinking style
    /// covers it.
    /// </summary>
    public string? IncludeReasoningName { get; init; }

    /// <summary>
    /// The member in which reasoning goes back to the service, such as <c>reasoning_content</c>; null if it does not go back as text. Data
    /// that a service wants back unchanged (<see cref="Part.WireData"/>) goes back independently of this.
    /// </summary>
    /// <remarks>
    /// Some servers require the member (Moonshot, DeepSeek), some reject it with status 400 or 422 (Groq, Cerebras, Mistral), and most
    /// ignore it. An unknown server gets <c>reasoning_content</c> with messages that contain tool calls, and only for models that reject
    /// the request without it (Kimi, DeepSeek since V4): set the name for others that want it. Reasoning that led to tool calls and does
    /// not go back is left out with a quirk.
    /// </remarks>
    public string? ReasoningName { get; init; }

    /// <summary>The placeholder for reasoning that a message never had; null if none is required.</summary>
    internal string? MissingReasoning { get; init; }

    /// <summary>Whether reasoning goes back only with messages that contain tool calls.</summary>
    internal bool ReturnsReasoningWithCallsOnly { get; init; }

    /// <summary>
    /// For a server with many models: those that require their reasoning back with tool calls, and the placeholder if there was none
    /// (<see cref="ModelPatterns"/>).
    /// </summary>
    internal string? ReasoningByModel { get; init; }

    /// <summary>Whether reasoning goes back only inside a turn of tool calls, that is, after the user's last message.</summary>
    public bool ReturnsReasoningInToolTurnsOnly { get; init; }

    /// <summary>
    /// The name of the tags around reasoning at the beginning of an answer's text, such as <c>think</c> for a server that does not separate
    /// the two; null, the default, if all of the text is the answer.
    /// </summary>
    /// <remarks>
    /// The content of the tags becomes reasoning, also of several in a row; after the first other text, nothing is a tag. Text without tags
    /// is unchanged.
    /// </remarks>
    /// <exception cref="ArgumentException">The name is empty, or contains anything but letters, digits, dashes and underscores.</exception>
    public string? ReasoningTag
    {
        get;
        init => field = ReasoningTags.Check(value);
    }

    /// <summary>
    /// True for a service that sends text that looks like a number or Boolean as one (Cloudflare): it is read as text, with a quirk. For
    /// others it is an error.
    /// </summary>
    public bool ReadsNumbersAsText { get; init; }

    /// <summary>
    /// How the service is given the beginning of an answer to continue, which <see cref="StreamFailover"/> relies on;
    /// <see cref="PrefillStyle.None"/> if it is not known to continue one.
    /// </summary>
    public PrefillStyle PrefillStyle { get; init; }

    /// <summary>The end of a base URL's path under which the service accepts such a beginning; null if every path does.</summary>
    internal string? PrefillFolder { get; init; }

    /// <summary>Another wire of the same server that counts the tokens of a prompt; null if there is none.</summary>
    public WireProtocol? CountingWire { get; init; }

    /// <summary>
    /// The path under which the server tokenizes a conversation, such as vLLM's <c>/tokenize</c>, which is outside of its API; null if it
    /// cannot.
    /// </summary>
    public string? TokenizePath { get; init; }

    /// <summary>Whether tokens spent on thinking are counted in addition to the output instead of as part of it.</summary>
    public bool CountsReasoningOnTop { get; init; }

    /// <summary>
    /// How many texts one embeddings request may contain: 256 by default, which most servers accept; OpenAI accepts 2,048.
    /// </summary>
    public int EmbeddingBatchSize
    {
        get;
        init => field = value > 0 ? value : throw new ArgumentOutOfRangeException(nameof(value), "EmbeddingBatchSize must be at least 1.");
    } = 256;

    /// <summary>
    /// True to request embeddings as base64, which is a fifth of the size of their text, from a service that supports it.
    /// </summary>
    public bool RequestsBase64Embeddings { get; init; }

    /// <inheritdoc/>
    public override int MaxEmbeddingInputs => EmbeddingBatchSize;

    /// <inheritdoc/>
    /// <remarks>Source: platform.openai.com/docs/api-reference/embeddings.</remarks>
    public override void WriteEmbeddingRequest(EmbeddingRequest request, WireRequest wire)
    {
        ArgumentNullException.ThrowIfNull(request);
        ArgumentNullException.ThrowIfNull(wire);
        string chat = ChatUrl(wire.BaseUrl, request.Model ?? "model").GetLeftPart(UriPartial.Path);
        // The path is beside that of the conversation, even if the URL contains the model.
        wire.Url = chat.EndsWith("/chat/completions", StringComparison.Ordinal)
            ? WithQuery(new Uri(chat[..^"chat/completions".Length] + "embeddings"))
            : WithQuery(UrlPath.Join(wire.BaseUrl, RootPath, "embeddings", MainPath));
        EmbeddingWriter.Write(request, wire, RequestsBase64Embeddings ? "base64" : null, SupportsUser);
    }

    /// <inheritdoc/>
    public override UsageConvention UsageConvention => CountsReasoningOnTop ? UsageConvention.ReasoningOnTop : UsageConvention.Inclusive;

    internal override bool HasOneAddress => true;

    internal override Prefill? Continue(ChatRequest request, string model, Uri baseUrl, string text) =>
        PrefillStyle switch
        {
            PrefillStyle.LastMessage => Prefill.AsLastMessage(request, text),
            PrefillStyle.LastMessageForClaude => Prefill.ForClaude(request, model, text),
            PrefillStyle.PrefixMember
                when PrefillFolder is not { } folder || baseUrl.AbsolutePath.TrimEnd('/').EndsWith(folder, StringComparison.Ordinal) =>
                Prefill.AsLastMessage(request, text, new WireData(Name, RawJson.FromChecked(Prefix.ToArray()))) with
                {
                    MayEcho = true,
                },
            PrefillStyle.ContinueFinalMessage when !request.Extra.ContainsKey(ContinueFinal) && !request.Extra.ContainsKey(AddPrompt) =>
                Prefill.AsLastMessage(
                    request with
                    {
                        Extra = new Dictionary<string, RawJson>(request.Extra)
                        {
                            [ContinueFinal] = RawJson.FromChecked("true"u8.ToArray()),
                            [AddPrompt] = RawJson.FromChecked("false"u8.ToArray()),
                        },
                    },
                    text
                ),
            _ => null,
        };

    internal override string? Problem(ChatRequest request, string model) =>
        (request.Tools is { Count: > 0 } || (request.Extra is not null && MemberWriter.HasTools(request)))
        && ModelPatterns.Find(ToolsElsewhere, model) is "responses"
            ? "accepts tools only on the Responses wire; use that wire, or leave Tools empty"
            : null;

    internal override void FindChanges(RequestRefusal refusal, SentRequest sent, List<DialectChange> changes) =>
        ChatDialectChanges.Find(this, refusal, sent, changes);

    /// <inheritdoc/>
    public override void WriteRequest(ChatRequest request, bool stream, WireRequest wire)
    {
        ArgumentNullException.ThrowIfNull(request);
        ArgumentNullException.ThrowIfNull(wire);
        wire.Begin(wire.KnownUrl ?? ChatUrl(wire.BaseUrl, request.Model), stream, StreamType);
        wire.IsGathered = !stream && Gathers(request);
        if (wire.IsGathered)
            wire.Accept = StreamType;
        ChatCompletionsWriter.Write(this, request, stream || wire.IsGathered, wire);
    }

    /// <inheritdoc/>
    public override void ReadReply(ReadOnlySpan<byte> body, EventBuffer events)
    {
        using var decoder = new ChatCompletionsDecoder(this);
        decoder.ReadReply(body, events);
    }

    /// <inheritdoc/>
    public override StreamDecoder CreateDecoder(DecoderOptions? options = null) =>
        new(new SseReader { ReadsDocuments = true, ReadsText = true }, new ChatCompletionsDecoder(this), options);

    /// <inheritdoc/>
    public override bool IsStream(string? mediaType) => mediaType == StreamType;

    /// <inheritdoc/>
    public override bool WriteModelsRequest(WireRequest wire)
    {
        ArgumentNullException.ThrowIfNull(wire);
        wire.Url = WithQuery(UrlPath.Join(wire.BaseUrl, RootPath, "models", MainPath));
        return true;
    }

    /// <inheritdoc/>
    public override bool WriteModelRequest(string model, WireRequest wire)
    {
        ArgumentNullException.ThrowIfNull(wire);
        wire.Url = WithQuery(UrlPath.Join(wire.BaseUrl, RootPath, "models/" + UrlPath.Segments(model), MainPath));
        return true;
    }

    internal override string MainPath => ChatPath;

    /// <summary>Returns the member that limits the length of a model's answer.</summary>
    internal string MaxTokensNameOf(string? model) =>
        ModelPatterns.Find(MaxTokensNameByModel, model) switch
        {
            "max_tokens" => "max_tokens",
            "max_completion_tokens" => "max_completion_tokens",
            _ => MaxTokensName,
        };

    /// <summary>Returns the URL of a conversation with a model.</summary>
    /// <exception cref="ArgumentException">The URL contains the model, and the request names no model that fits there.</exception>
    internal Uri ChatUrl(Uri baseUrl, string? model)
    {
        return WithQuery(UrlPath.Join(baseUrl, RootPath, UrlPath.WithModel(ChatPath, model)));
    }

    /// <inheritdoc/>
    public override bool WriteCountRequest(ChatRequest request, WireRequest wire)
    {
        ArgumentNullException.ThrowIfNull(request);
        ArgumentNullException.ThrowIfNull(wire);
        if (CountingWire is { } other)
            return other.WriteCountRequest(request with { Extra = new Dictionary<string, RawJson>() }, wire);
        if (TokenizePath is not { } path)
            return false;
        // Only what is part of the prompt.
        ChatCompletionsWriter.Write(
            this,
            new ChatRequest
            {
                Model = request.Model,
                System = request.System,
                Messages = request.Messages,
                Tools = request.Tools,
                Thinking = request.Thinking,
            },
            stream: false,
            wire
        );
        wire.Url = new Uri(wire.BaseUrl, path);
        wire.LeavesBasePath = true;
        return true;
    }

    /// <inheritdoc/>
    public override long? ReadCount(ReadOnlySpan<byte> body) =>
        CountingWire is { } other ? other.ReadCount(body) : WireJson.ReadCount(body, "count"u8);

    /// <summary>Returns a hash code for hash tables, computed from a few properties.</summary>
    // Equality compares every property. A generated hash would compute them all, which is 2.7 KB of a native program.
    public override int GetHashCode() => HashCode.Combine(ChatPath, (int)ThinkingStyle);

    // Whether a whole answer is requested as a stream.
    private bool Gathers(ChatRequest request) =>
        MaxNonStreamingTokens > 0 && request.MaxTokens > MaxNonStreamingTokens
        // Models that think by default.
        || ThinkingStyle == ThinkingStyle.EnableThinking
            && request.Thinking?.Effort != ThinkingEffort.None
            && ChatThinkingWriter.SwitchOf(this, request) == ThinkingSwitch.Object;

    private Uri WithQuery(Uri url) => Query.Length == 0 ? url : new Uri($"{url.AbsoluteUri}?{Query}");
}
