using RawLlm.Framing;

namespace RawLlm.Protocols;

/// <summary>
/// OpenAI's Responses, the wire of its newest models. Each property is a choice, or describes how a service may deviate; the defaults are
/// the standard.
/// </summary>
/// <remarks>
/// <para>Source: platform.openai.com/docs/api-reference/responses.</para>
/// <para>
/// The whole conversation is sent each time, and nothing is stored unless <see cref="Store"/> says so. Reasoning goes back as the service
/// returned it. A call of a custom tool has plain text in <see cref="ToolCall.Arguments"/>, and its result goes back as plain text. Items
/// that only the service understands, such as those of tools that it runs itself, become an <see cref="OpaquePart"/> and go back whole,
/// except for members that services include but reject, such as <c>created_by</c>. An <see cref="OpaquePart"/> that the caller creates
/// carries any other item of the wire.
/// </para>
/// </remarks>
public sealed record ResponsesProtocol : WireProtocol
{
    internal const string WireName = "responses";

    /// <inheritdoc/>
    public override string Name => WireName;

    /// <summary>
    /// The path that goes between a base URL without a path and the wire's own path; empty for services whose API starts at the root.
    /// </summary>
    public string RootPath { get; init; } = "v1";

    /// <summary>Whether the service stores the answer, for 30 days at OpenAI; null sends nothing, and OpenAI then stores it.</summary>
    /// <remarks>If nothing is stored, reasoning can go back only encrypted or in full: see <see cref="EncryptedReasoning"/>.</remarks>
    public bool? Store { get; init; } = false;

    /// <summary>
    /// Whether to request encrypted reasoning. Null requests it if nothing is stored and the model is to think: because the request asks
    /// for it, or because the model is known to think by default.
    /// </summary>
    /// <remarks>
    /// True is right for a model that always reasons. It is not the default, because models that do not reason reject the request
    /// ("Encrypted content is not supported with this model", 2025).
    /// </remarks>
    public bool? EncryptedReasoning { get; init; }

    /// <summary>
    /// The models that return it even if the request does not mention thinking: lines with the word <c>encrypted</c>
    /// (<see cref="ModelPatterns"/>); null for none.
    /// </summary>
    internal string? EncryptedReasoningByModel { get; init; }

    /// <summary>The kind of summary to request if reasoning is to be shown: <c>auto</c>, <c>concise</c> or <c>detailed</c>.</summary>
    public string ReasoningSummary { get; init; } = "auto";

    /// <summary>False to ask the service to omit the random padding of its events; null to send nothing.</summary>
    public bool? Obfuscation { get; init; }

    /// <summary>The role of instructions within the conversation.</summary>
    public string SystemRole { get; init; } = "system";

    /// <summary>The member that carries the ID of the end user; OpenAI's newer name is <c>safety_identifier</c>.</summary>
    public string UserIdName { get; init; } = "user";

    /// <summary>
    /// Tools that the service runs itself, or that are not functions, as the wire's own JSON. They follow the request's tools and precede
    /// those of <c>tools</c> in <see cref="ChatRequest.Extra"/>.
    /// </summary>
    public IReadOnlyList<RawJson> HostedTools { get; init; } = [];

    /// <summary>
    /// True for a service that takes the reply format as <c>response_format</c>, as on chat completions, and only as a schema.
    /// </summary>
    public bool SendsResponseFormat { get; init; }

    /// <summary>False for a service that rejects members that its own schema does not name.</summary>
    /// <remarks>
    /// Messages of its models go back as text, their tool calls with nothing but a signature, and results as text. Items of its own tools,
    /// IDs, citations and summaries are left out.
    /// </remarks>
    public bool AcceptsUnknownMembers { get; init; } = true;

    /// <summary>False for a service that does not count the tokens of a prompt.</summary>
    public bool CountsTokens { get; init; } = true;

    /// <summary>
    /// The words for the thinking effort that the service accepts for its models (<see cref="ModelPatterns"/>); it rejects any other.
    /// </summary>
    internal string? EffortsByModel { get; init; }

    /// <summary>What the service rejects for individual models (<see cref="RefusedMembers"/>); null if nothing is known.</summary>
    internal string? RefusedByModel { get; init; }

    internal override bool HasOneAddress => true;

    internal override void FindChanges(RequestRefusal refusal, SentRequest sent, List<DialectChange> changes) =>
        ResponsesDialectChanges.Find(refusal, sent, changes);

    /// <inheritdoc/>
    public override void WriteRequest(ChatRequest request, bool stream, WireRequest wire)
    {
        ArgumentNullException.ThrowIfNull(request);
        ArgumentNullException.ThrowIfNull(wire);
        wire.Begin(wire.KnownUrl ?? UrlPath.Join(wire.BaseUrl, RootPath, "responses"), stream, "text/event-stream");
        ResponsesWriter.Write(this, request, stream, wire);
    }

    /// <inheritdoc/>
    public override void ReadReply(ReadOnlySpan<byte> body, EventBuffer events)
    {
        using var decoder = new ResponsesDecoder();
        decoder.ReadReply(body, events);
    }

    /// <inheritdoc/>
    public override StreamDecoder CreateDecoder(DecoderOptions? options = null) =>
        new(new SseReader { ReadsText = true }, new ResponsesDecoder(), options);

    /// <inheritdoc/>
    public override bool IsStream(string? mediaType) => mediaType == "text/event-stream";

    internal override string MainPath => "responses";

    /// <inheritdoc/>
    public override bool WriteModelRequest(string model, WireRequest wire)
    {
        ArgumentNullException.ThrowIfNull(wire);
        wire.Url = UrlPath.Join(wire.BaseUrl, RootPath, "models/" + UrlPath.Segments(model), MainPath);
        return true;
    }

    /// <inheritdoc/>
    public override bool WriteModelsRequest(WireRequest wire)
    {
        ArgumentNullException.ThrowIfNull(wire);
        wire.Url = UrlPath.Join(wire.BaseUrl, RootPath, "models", MainPath);
        return true;
    }

    /// <inheritdoc/>
    public override int MaxEmbeddingInputs => 2048;

    /// <inheritdoc/>
    public override void WriteEmbeddingRequest(EmbeddingRequest request, WireRequest wire)
    {
        ArgumentNullException.ThrowIfNull(request);
        ArgumentNullException.ThrowIfNull(wire);
        wire.Url = UrlPath.Join(wire.BaseUrl, RootPath, "embeddings", MainPath);
        EmbeddingWriter.Write(request, wire, "base64", takesUser: true);
    }

    /// <inheritdoc/>
    /// <remarks>Source: platform.openai.com/docs/api-reference/responses/input-tokens.</remarks>
    public override bool WriteCountRequest(ChatRequest request, WireRequest wire)
    {
        if (!CountsTokens)
            return false;
        ArgumentNullException.ThrowIfNull(request);
        ArgumentNullException.ThrowIfNull(wire);
        wire.Url = new Uri(UrlPath.Join(wire.BaseUrl, RootPath, "responses").AbsoluteUri + "/input_tokens");
        ResponsesWriter.WriteCount(this, request, wire);
        return true;
    }

    /// <inheritdoc/>
    public override long? ReadCount(ReadOnlySpan<byte> body) => WireJson.ReadCount(body, "input_tokens"u8);
}
