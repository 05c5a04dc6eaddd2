using RawLlm.Framing;

namespace RawLlm.Protocols;

/// <summary>OpenAI's Responses, the wire of its newest models; each property is a choice or the bend of a service, its default the standard.</summary>
/// <remarks>
/// <para>Source: platform.openai.com/docs/api-reference/responses.</para>
/// <para>
/// The whole conversation goes out each time, and nothing is stored unless <see cref="Store"/> says so. Reasoning goes back as the
/// service gave it. A custom tool's call has plain text in <see cref="ToolCall.Arguments"/>, and its result goes back as such. Items
/// that only the service understands, such as those of tools that it runs itself, are an <see cref="OpaquePart"/> and go back whole,
/// but for members that services show and refuse, such as <c>created_by</c>; an <see cref="OpaquePart"/> of one's own carries any
/// other item of the wire.
/// </para>
/// </remarks>
public sealed record ResponsesProtocol : WireProtocol
{
    internal const string WireName = "responses";

    /// <inheritdoc/>
    public override string Name => WireName;

    /// <summary>What goes between a base URL that has no path and the wire's own path; empty for services whose API begins at the root.</summary>
    public string RootPath { get; init; } = "v1";

    /// <summary>Whether the service keeps the answer, for 30 days at OpenAI; null sends nothing, and OpenAI then keeps it.</summary>
    /// <remarks>Where nothing is stored, reasoning can only go back encrypted or in full: see <see cref="EncryptedReasoning"/>.</remarks>
    public bool? Store { get; init; } = false;

    /// <summary>Whether encrypted reasoning is asked for; null asks when nothing is stored and the request asks to think, or says nothing of it to a model that is known to.</summary>
    /// <remarks>
    /// True is right for a model that always reasons. It is not the default, because models that do not reason refuse the request
    /// ("Encrypted content is not supported with this model", 2025).
    /// </remarks>
    public bool? EncryptedReasoning { get; init; }

    /// <summary>The models that give it though the request says nothing of thinking: lines with the word <c>encrypted</c> (<see cref="ModelWords"/>); null where none is known.</summary>
    internal string? EncryptedReasoningByModel { get; init; }

    /// <summary>The kind of summary that is asked for where thoughts are to be shown: <c>auto</c>, <c>concise</c> or <c>detailed</c>.</summary>
    public string ReasoningSummary { get; init; } = "auto";

    /// <summary>False to ask the service to leave out the random padding of its events; null to send nothing.</summary>
    public bool? Obfuscation { get; init; }

    /// <summary>The role of instructions inside the conversation.</summary>
    public string SystemRole { get; init; } = "system";

    /// <summary>The member that carries the id of the end user; OpenAI's newer name is <c>safety_identifier</c>.</summary>
    public string UserIdName { get; init; } = "user";

    /// <summary>Tools that the service runs itself, or that are not functions, as the wire's own JSON; they follow the request's functions, and those of <c>tools</c> in <see cref="ChatRequest.Extra"/> follow them.</summary>
    public IReadOnlyList<RawJson> HostedTools { get; init; } = [];

    /// <summary>True for a service that takes the form of the answer as <c>response_format</c>, as on chat completions, and a schema alone.</summary>
    public bool SendsResponseFormat { get; init; }

    /// <summary>False for a service that refuses what its own schema does not name.</summary>
    /// <remarks>What its models said goes back as text, their calls with nothing but a signature, results as text; items of its own tools, ids, sources and summaries are left out.</remarks>
    public bool TakesUnknownMembers { get; init; } = true;

    /// <summary>False for a service that does not count the tokens of a prompt.</summary>
    public bool CountsTokens { get; init; } = true;

    /// <summary>The words for the effort of thinking that the service takes of its models (<see cref="ModelWords"/>): one that it does not know is refused.</summary>
    internal string? EffortsByModel { get; init; }

    /// <summary>What the service refuses of single models (<see cref="RefusedMembers"/>); null where nothing is known.</summary>
    internal string? RefusedByModel { get; init; }

    internal override bool HasOneAddress => true;

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
        new(new SseReader(), new ResponsesDecoder(), options);

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
    public override int MostEmbeddingInputs => 2048;

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
