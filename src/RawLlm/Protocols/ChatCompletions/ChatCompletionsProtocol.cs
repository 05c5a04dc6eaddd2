using RawLlm.Framing;

namespace RawLlm.Protocols;

/// <summary>OpenAI's chat completions, the wire that most services speak; each property is a bend of some service, its default the standard.</summary>
/// <remarks>Source: platform.openai.com/docs/api-reference/chat.</remarks>
public sealed record ChatCompletionsProtocol : WireProtocol
{
    private const string StreamType = "text/event-stream";
    private const string ContinueFinal = "continue_final_message";
    private const string AddPrompt = "add_generation_prompt";

    /// <inheritdoc/>
    public override string Name => "chat-completions";

    /// <summary>What stands beside the beginning of an answer that the service is to go on from.</summary>
    internal static ReadOnlySpan<byte> Prefix => "{\"prefix\":true}"u8;

    /// <summary>What goes between a base URL that has no path and the wire's own path; empty for services whose API begins at the root.</summary>
    public string RootPath { get; init; } = "v1";

    /// <summary>
    /// The wire's own path. A service that names the model in its address has <c>{model}</c> where the name goes, as in
    /// <c>openai/deployments/{model}/chat/completions</c>.
    /// </summary>
    public string ChatPath { get; init; } = "chat/completions";

    /// <summary>What follows the question mark of every address, already encoded, such as <c>api-version=2024-10-21</c>; never a key. Empty for none.</summary>
    public string Query { get; init; } = "";

    /// <summary>The member that limits the answer: <c>max_completion_tokens</c>, or <c>max_tokens</c> for servers that know only the older name.</summary>
    public string MaxTokensName { get; init; } = "max_completion_tokens";

    /// <summary>
    /// The most tokens for which a service gives a whole answer: one that may be longer is asked for as a stream, and gathered. 0, the default, where there is no
    /// such bound.
    /// </summary>
    /// <remarks>"Requests with max_tokens &gt; 4096 must have stream=true" (Fireworks, 2026).</remarks>
    public int MostWholeTokens { get; init => field = value >= 0 ? value : throw new ArgumentOutOfRangeException(nameof(value)); }

    /// <summary>The member that carries the seed; null for a service that refuses one.</summary>
    public string? SeedName { get; init; } = "seed";

    /// <summary>The role under which instructions are sent.</summary>
    public string SystemRole { get; init; } = "system";

    /// <summary>
    /// False for a service that takes instructions as the first message alone, as the templates of many open models do: later messages of <see cref="Role.System"/>
    /// move there, with a quirk, and all are one message with blank lines between. True by default: those at the beginning are joined, later ones stay.
    /// </summary>
    public bool TakesLaterInstructions { get; init; } = true;

    /// <summary>
    /// False for a service that demands that user and model take turns, as some templates do ("Conversation roles must alternate user/assistant/…"): messages of
    /// one role that follow each other go out as one, their texts with blank lines between. Results of functions stay messages of their own. True by default.
    /// </summary>
    public bool TakesRepeatedRoles { get; init; } = true;

    /// <summary>False for a server that refuses <c>stream_options</c>, by which usage is asked for in streams.</summary>
    public bool AsksStreamUsage { get; init; } = true;

    /// <summary>False to ask the service to leave out the random padding of its events; null to send nothing.</summary>
    public bool? Obfuscation { get; init; }

    /// <summary>The word by which the model is made to call some function.</summary>
    public string RequiredToolChoice { get; init; } = "required";

    /// <summary>False for a service that takes no single function as choice: the word for "some function" goes out instead.</summary>
    public bool TakesNamedToolChoice { get; init; } = true;

    /// <summary>False for a service that knows only <c>auto</c>: other choices are left out, and to forbid functions the functions are left out.</summary>
    public bool TakesToolChoice { get; init; } = true;

    /// <summary>True for a service that must be asked to stream the arguments of functions (<c>tool_stream</c>).</summary>
    public bool AsksToolStream { get; init; }

    /// <summary>The exact length of alphanumeric ids that a service demands of function calls; 0 where it takes any.</summary>
    public int ToolCallIdLength { get; init; }

    /// <summary>The most characters that a service takes for the id of a function call, 27 or more (OpenAI: 40); 0 where it takes any.</summary>
    public int MostToolCallIdCharacters { get; init; }

    /// <summary>
    /// What stands in for the signature of a function call that another model made, at <c>extra_content.google.thought_signature</c>: Gemini since version 3, by
    /// the model's name, refuses such a call. Null, the default, to send none.
    /// </summary>
    /// <remarks><see cref="GeminiProtocol.ForeignCallSignature"/> says what Google documents.</remarks>
    public string? ForeignCallSignature { get; init; }

    /// <summary>True for a service that wants the function's name again beside its result.</summary>
    public bool SendsToolResultName { get; init; }

    /// <summary>False for a service that refuses a name on messages.</summary>
    public bool TakesMessageNames { get; init; } = true;

    /// <summary>False for a service that refuses frequency and presence penalties.</summary>
    public bool TakesPenalties { get; init; } = true;

    /// <summary>False for a service that refuses to tell how likely its words were.</summary>
    public bool TakesLogProbs { get; init; } = true;

    /// <summary>False for a service that refuses to give more than one answer at once.</summary>
    public bool TakesChoiceCount { get; init; } = true;

    /// <summary>False for a service that refuses <c>strict</c> on functions and schemas.</summary>
    public bool TakesStrict { get; init; } = true;

    /// <summary>False for a service that refuses <c>parallel_tool_calls</c>.</summary>
    public bool TakesParallelToolCalls { get; init; } = true;

    /// <summary>False for a service that takes no JSON schema for its answer: some JSON is asked for instead, and the schema is told with the instructions.</summary>
    public bool TakesJsonSchema { get; init; } = true;

    /// <summary>
    /// False for a service that knows <c>json_schema</c> and text, but refuses <c>json_object</c> ("'response_format.type' must be 'json_schema' or 'text'", LM
    /// Studio): a schema that any object meets goes out instead. True by default.
    /// </summary>
    public bool TakesJsonObject { get; init; } = true;

    /// <summary>The members, with spaces between, in which the service takes back what it gave with thoughts; those of other services are left out. Null where any may be its own.</summary>
    internal string? ThoughtMembers { get; init; }

    /// <summary>What the names of models hold that are refused a conversation with calls where no functions are offered; null where none is.</summary>
    internal string? HistoryToolsModels { get; init; }

    /// <summary>True for a server that takes a schema as <c>{"type":"json","value":…}</c>, and asks for JSON in no other way.</summary>
    internal bool SendsSchemaAsValue { get; init; }

    /// <summary>False for a server that refuses a <c>top_p</c> of 1, which changes nothing.</summary>
    internal bool TakesWholeTopP { get; init; } = true;

    /// <summary>
    /// False for a service that refuses to be made to call a function while it thinks, which it does unless told otherwise ("Thinking mode does not support this
    /// tool_choice", DeepSeek): the choice is left to the model unless <see cref="ChatRequest.Thinking"/> is off. True by default.
    /// </summary>
    public bool TakesForcedCallsWhileThinking { get; init; } = true;

    /// <summary>False for a service that refuses the member <c>user</c>: <see cref="ChatRequest.User"/> is left out. True by default.</summary>
    public bool TakesUser { get; init; } = true;

    /// <summary>What the service refuses of single models (<see cref="RefusedMembers"/>); null where nothing is known.</summary>
    internal string? RefusedByModel { get; init; }

    /// <summary>
    /// False for a service that refuses members of messages and calls that it does not know, with a status 400 or 422 (Groq, Cerebras, Fireworks): what services of
    /// this wire gave to be sent back (<see cref="Part.WireData"/>) is left out, and a refusal goes back as text. True by default.
    /// </summary>
    public bool TakesUnknownMembers { get; init; } = true;

    /// <summary>False for a service that refuses a message of the model with neither text nor calls, such as thoughts alone (Mistral, GLM): it is left out. True by default.</summary>
    public bool TakesEmptyAnswers { get; init; } = true;

    /// <summary>False for a service that refuses <c>"content": null</c> beside calls (Cloudflare): an empty text goes out instead. True by default.</summary>
    public bool TakesNullContent { get; init; } = true;

    /// <summary>False for a service that refuses a list of parts where all of them are text (Cloudflare): they are joined with line ends. True by default.</summary>
    public bool TakesTextParts { get; init; } = true;

    /// <summary>False for a service on which nobody but the model may speak behind results of functions.</summary>
    internal bool TakesQuestionBehindResults { get; init; } = true;

    /// <summary>True for a service that takes a file as <c>document_url</c>.</summary>
    internal bool SendsDocumentUrls { get; init; }

    /// <summary>True for a service that takes marks for its prompt cache on the parts of messages.</summary>
    internal bool TakesCacheMarks { get; init; }

    /// <summary>For a service of many makers' models: those that want the other name for the limit of the answer, and which (<see cref="ModelWords"/>).</summary>
    internal string? MaxTokensNameByModel { get; init; }

    /// <summary>The words for the effort of thinking that the service takes of its models (<see cref="ModelWords"/>): one that it does not know is refused.</summary>
    internal string? EffortsByModel { get; init; }

    /// <summary>The same for models that refuse most of them beside functions; one with <c>none</c> alone refuses its own effort as well, and is told so.</summary>
    internal string? EffortsBesideTools { get; init; }

    /// <summary>For models that take functions on another wire alone: the word <c>responses</c> for that of Responses (<see cref="ModelWords"/>).</summary>
    internal string? ToolsElsewhere { get; init; }

    /// <summary>For a service whose models can be switched: those that cannot be kept from thinking, and the word for their least effort (<see cref="ModelWords"/>).</summary>
    internal string? LeastEffortByModel { get; init; }

    /// <summary>True for a service that opens files at an address; elsewhere such a file is an error.</summary>
    public bool TakesFileUrls { get; init; }

    /// <summary>True for a service that takes video as <c>video_url</c>, its bytes or its address; elsewhere it is a file like any other.</summary>
    public bool TakesVideoUrls { get; init; }

    /// <summary>How the effort of thinking is asked for.</summary>
    public ThinkingStyle ThinkingStyle { get; init; } = ThinkingStyle.ReasoningEffort;

    /// <summary>The member that says whether thoughts are shown, such as <c>include_reasoning</c>; null where none does, or where the thinking style says it.</summary>
    public string? IncludeReasoningName { get; init; }

    /// <summary>
    /// The member under which thoughts go back to the service, such as <c>reasoning_content</c>; null where they do not go back as text.
    /// What a service gave to be sent back unchanged (<see cref="Part.WireData"/>) goes back without it.
    /// </summary>
    /// <remarks>
    /// Some servers demand the member (Moonshot, DeepSeek), some refuse it with a status 400 or 422 (Groq, Cerebras, Mistral), most pass over it. A server
    /// of which nothing is known gets <c>reasoning_content</c> with messages that call functions, and only
    /// for models that are refused without it (Kimi, DeepSeek since V4): set the name for others that want it. Thoughts that led to calls and do not go back are
    /// left out with a quirk.
    /// </remarks>
    public string? ReasoningName { get; init; }

    /// <summary>What goes back in place of thoughts that a message never had; null where nothing need be there.</summary>
    internal string? MissingReasoning { get; init; }

    /// <summary>True where thoughts go back with messages that call functions alone.</summary>
    internal bool ReturnsReasoningWithCallsOnly { get; init; }

    /// <summary>For a server of many models: those that demand their thoughts back with calls, and what stands where there were none (<see cref="ModelWords"/>).</summary>
    internal string? ReasoningByModel { get; init; }

    /// <summary>True where thoughts go back only inside a turn that calls functions, that is after the last message of the user.</summary>
    public bool ReturnsReasoningInToolTurnsOnly { get; init; }

    /// <summary>
    /// The name of the tags around thoughts that stand at the beginning of an answer's text, such as <c>think</c> for a server that does not part them; null, the
    /// default, where all of the text is the answer.
    /// </summary>
    /// <remarks>What the tags hold becomes thoughts, several in a row too; behind the first other text nothing is a tag. A text that opens no tag stays as it is.</remarks>
    /// <exception cref="ArgumentException">The name holds anything but letters, digits, dashes and underscores.</exception>
    public string? ThoughtTag { get; init => field = ThoughtTags.Check(value); }

    /// <summary>True for a service that gives a piece of text that looks like a number as one (Cloudflare): its digits are taken as text, with a quirk. Elsewhere it is an error.</summary>
    public bool GivesNumbersAsText { get; init; }

    /// <summary>How the service is given the beginning of an answer to go on from, which <see cref="StreamFailover"/> asks of it; <see cref="PrefillStyle.None"/> where it is not known to do so.</summary>
    public PrefillStyle PrefillStyle { get; init; }

    /// <summary>How the path of an address ends under which the service takes such a beginning; null where every one does.</summary>
    internal string? PrefillFolder { get; init; }

    /// <summary>Another wire of the same server, by which it counts the tokens of a prompt; null where there is none.</summary>
    public WireProtocol? CountingWire { get; init; }

    /// <summary>Where the server tokenizes a conversation, such as vLLM's <c>/tokenize</c>, which lies beside its API; null where it does not.</summary>
    public string? TokenizePath { get; init; }

    /// <summary>True where tokens spent on thinking are counted on top of the output, in place of inside it.</summary>
    public bool CountsReasoningOnTop { get; init; }

    /// <summary>How many texts one request for vectors takes; 256, which most servers do, though OpenAI takes 2,048.</summary>
    public int EmbeddingBatchSize { get; init => field = value > 0 ? value : throw new ArgumentOutOfRangeException(nameof(value), "A batch has at least one text."); } = 256;

    /// <summary>True to ask for vectors as base64, which is a fifth of the size of their text, of a service that can.</summary>
    public bool AsksBase64Vectors { get; init; }

    /// <inheritdoc/>
    public override int MostEmbeddingInputs => EmbeddingBatchSize;

    /// <inheritdoc/>
    /// <remarks>Source: platform.openai.com/docs/api-reference/embeddings.</remarks>
    public override void WriteEmbeddingRequest(EmbeddingRequest request, WireRequest wire)
    {
        ArgumentNullException.ThrowIfNull(request);
        ArgumentNullException.ThrowIfNull(wire);
        string chat = ChatUrl(wire.BaseUrl, request.Model ?? "model").GetLeftPart(UriPartial.Path);
        // Beside the conversation, also where the address names the model.
        wire.Url = chat.EndsWith("/chat/completions", StringComparison.Ordinal)
            ? WithQuery(new Uri(chat[..^"chat/completions".Length] + "embeddings"))
            : WithQuery(UrlPath.Join(wire.BaseUrl, RootPath, "embeddings", MainPath));
        EmbeddingWriter.Write(request, wire, AsksBase64Vectors ? "base64" : null, TakesUser);
    }

    /// <inheritdoc/>
    public override UsageConvention UsageConvention => CountsReasoningOnTop ? UsageConvention.ReasoningOnTop : UsageConvention.AllInside;

    internal override bool HasOneAddress => true;

    internal override Prefill? Continue(ChatRequest request, string model, Uri baseUrl, string text) => PrefillStyle switch
    {
        PrefillStyle.LastMessage => Prefill.AsLastMessage(request, text),
        PrefillStyle.LastMessageForClaude => Prefill.ForClaude(request, model, text),
        PrefillStyle.PrefixMember when PrefillFolder is not { } folder || baseUrl.AbsolutePath.TrimEnd('/').EndsWith(folder, StringComparison.Ordinal) =>
            Prefill.AsLastMessage(request, text, new WireData(Name, RawJson.FromChecked(Prefix.ToArray()))) with { MayEcho = true },
        PrefillStyle.ContinueFinalMessage when !request.Extra.ContainsKey(ContinueFinal) && !request.Extra.ContainsKey(AddPrompt) =>
            Prefill.AsLastMessage(request with { Extra = new Dictionary<string, RawJson>(request.Extra) { [ContinueFinal] = RawJson.FromChecked("true"u8.ToArray()), [AddPrompt] = RawJson.FromChecked("false"u8.ToArray()) } }, text),
        _ => null,
    };

    internal override string? Problem(ChatRequest request, string model) =>
        (request.Tools is { Count: > 0 } || (request.Extra is not null && MemberWriter.HasTools(request))) && ModelWords.Find(ToolsElsewhere, model) is "responses"
            ? "takes functions over the Responses wire alone; ask it there, or leave Tools empty" : null;

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
        new(new SseReader { TakesDocuments = true }, new ChatCompletionsDecoder(this), options);

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

    /// <summary>The address of a conversation with a model.</summary>
    /// <exception cref="ArgumentException">The address names the model, and there is none that could stand in it.</exception>
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
        ChatCompletionsWriter.Write(this, new ChatRequest { Model = request.Model, System = request.System, Messages = request.Messages, Tools = request.Tools, Thinking = request.Thinking }, stream: false, wire);
        wire.Url = new Uri(wire.BaseUrl, path);
        wire.LeavesBasePath = true;
        return true;
    }

    /// <inheritdoc/>
    public override long? ReadCount(ReadOnlySpan<byte> body) => CountingWire is { } other ? other.ReadCount(body) : WireJson.ReadCount(body, "count"u8);

    // Whether a whole answer is asked for as a stream.
    private bool Gathers(ChatRequest request) =>
        MostWholeTokens > 0 && request.MaxTokens > MostWholeTokens
        // Models that think unless they are told not to.
        || ThinkingStyle == ThinkingStyle.EnableThinking && request.Thinking?.Effort != ThinkingEffort.None && ChatThinkingWriter.SwitchOf(this, request) == ThinkingSwitch.Object;

    private Uri WithQuery(Uri url) => Query.Length == 0 ? url : new Uri($"{url.AbsoluteUri}?{Query}");
}
