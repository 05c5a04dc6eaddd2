using RawLlm.Framing;

namespace RawLlm.Protocols;

/// <summary>
/// AWS Bedrock's Converse and ConverseStream, one wire for the models of all vendors. Each property describes
/// a deviation of some models; its default is the standard.
/// </summary>
/// <remarks>
/// Source: docs.aws.amazon.com/bedrock/latest/APIReference, Converse and ConverseStream. Use <see cref="ChatRequest.Extra"/> for members
/// of the request itself, such as <c>guardrailConfig</c>. Settings of a particular model, such as <c>top_k</c>, belong in the extra member
/// <c>additionalModelRequestFields</c>, which is merged with the thinking settings there. The answer contains neither its ID nor the
/// model's name.
/// </remarks>
public sealed record ConverseProtocol : WireProtocol
{
    internal const string ProtocolName = "converse";

    /// <summary>The media type of a streamed answer.</summary>
    internal const string StreamType = "application/vnd.amazon.eventstream";

    /// <inheritdoc/>
    public override string Name => ProtocolName;

    /// <summary>How to request thinking; by default, according to the model's name.</summary>
    public ConverseThinking Thinking { get; init; }

    /// <summary>
    /// False for models that cannot be forced to call a tool: the choice is then left to the model, with a quirk. Null: according to the
    /// vendor and the model in the name; a name that shows neither is treated like Claude. The same applies to the other nullable
    /// properties.
    /// </summary>
    public bool? SupportsForcedToolCalls { get; init; }

    /// <summary>
    /// False for models that reject <c>stopSequences</c>; they are then left out with a quirk. Null: according to the name.
    /// </summary>
    public bool? SupportsStopSequences { get; init; }

    /// <summary>
    /// False for models that reject <c>status</c> on tool results: the text of a result then states that the tool failed. Null: according
    /// to the name.
    /// </summary>
    public bool? SupportsResultStatus { get; init; }

    /// <summary>False for models that accept no JSON schema for the answer; the format is then left out with a quirk.</summary>
    public bool SupportsJsonSchema { get; init; } = true;

    /// <summary>False for models that reject <c>strict</c> on tools.</summary>
    public bool SupportsStrict { get; init; } = true;

    /// <summary>
    /// False for models that accept no prompt caching marks; they are then left out with a quirk. Null: according to the name.
    /// </summary>
    public bool? SupportsCacheMarks { get; init; }

    /// <summary>True for models that accept reasoning back without a signature, such as Nova; Anthropic's reject it.</summary>
    public bool ReturnsUnsignedThinking { get; init; }

    /// <inheritdoc/>
    public override UsageConvention UsageConvention => UsageConvention.CacheOnTop;

    internal override bool HasOneAddress => true;

    internal override Prefill? Continue(ChatRequest request, string model, Uri baseUrl, string text) =>
        Prefill.ForClaude(request, model, text);

    /// <inheritdoc/>
    /// <exception cref="ArgumentException">
    /// The request names no model, or one that cannot be part of a URL, or contains something that this wire cannot carry at all.
    /// </exception>
    public override void WriteRequest(ChatRequest request, bool stream, WireRequest wire)
    {
        ArgumentNullException.ThrowIfNull(request);
        ArgumentNullException.ThrowIfNull(wire);
        wire.Begin(
            wire.KnownUrl ?? BedrockPath.Join(wire.BaseUrl, request.Model, stream ? "converse-stream" : "converse"),
            stream,
            StreamType
        );
        ConverseWriter.Write(this, request, wire);
    }

    /// <inheritdoc/>
    public override void ReadReply(ReadOnlySpan<byte> body, EventBuffer events)
    {
        ArgumentNullException.ThrowIfNull(events);
        using var decoder = new ConverseDecoder();
        decoder.ReadReply(body, events);
    }

    /// <inheritdoc/>
    public override StreamDecoder CreateDecoder(DecoderOptions? options = null) =>
        new(new AwsEventStreamReader(), new ConverseDecoder(), options);

    /// <inheritdoc/>
    public override bool IsStream(string? mediaType) => mediaType == StreamType;

    /// <inheritdoc/>
    /// <remarks>Source: docs.aws.amazon.com/bedrock/latest/APIReference, CountTokens. Only some models support it.</remarks>
    public override bool WriteCountRequest(ChatRequest request, WireRequest wire)
    {
        ArgumentNullException.ThrowIfNull(request);
        ArgumentNullException.ThrowIfNull(wire);
        wire.Url = BedrockPath.Join(wire.BaseUrl, request.Model, "count-tokens");
        ConverseWriter.WriteCount(this, request, wire);
        return true;
    }

    /// <inheritdoc/>
    public override long? ReadCount(ReadOnlySpan<byte> body) => WireJson.ReadCount(body, "inputTokens"u8);
}
