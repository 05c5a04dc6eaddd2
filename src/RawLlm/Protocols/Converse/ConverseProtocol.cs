using RawLlm.Framing;

namespace RawLlm.Protocols;

/// <summary>AWS Bedrock's Converse and ConverseStream, one wire for the models of all its makers; each property is a bend of some model, its default the standard.</summary>
/// <remarks>
/// Source: docs.aws.amazon.com/bedrock/latest/APIReference, Converse and ConverseStream. <see cref="ChatRequest.Extra"/> holds members
/// of the request itself, such as <c>guardrailConfig</c>; what only a model knows, such as <c>top_k</c>, goes into an extra member
/// <c>additionalModelRequestFields</c>, which is joined with what thinking puts there. The answer names neither its id nor its model.
/// </remarks>
public sealed record ConverseProtocol : WireProtocol
{
    internal const string ProtocolName = "converse";

    /// <summary>The media type of a streamed answer.</summary>
    internal const string StreamType = "application/vnd.amazon.eventstream";

    /// <inheritdoc/>
    public override string Name => ProtocolName;

    /// <summary>How thinking is asked for; by default as the model's name tells.</summary>
    public ConverseThinking Thinking { get; init; }

    /// <summary>
    /// False for models that cannot be made to call a function: the choice is then left to the model, with a quirk. Null: as the name of the
    /// maker and of the model tells; one that tells nothing takes all that Claude does. The same holds for the other properties that may be null.
    /// </summary>
    public bool? TakesForcedCalls { get; init; }

    /// <summary>False for models that refuse <c>stopSequences</c>; they are then left out with a quirk. Null: as the name tells.</summary>
    public bool? TakesStopSequences { get; init; }

    /// <summary>False for models that refuse <c>status</c> on the results of functions: that one failed is then said in its text. Null: as the name tells.</summary>
    public bool? TakesResultStatus { get; init; }

    /// <summary>False for models that take no JSON schema for the answer; the format is then left out with a quirk.</summary>
    public bool TakesJsonSchema { get; init; } = true;

    /// <summary>False for models that refuse <c>strict</c> on functions.</summary>
    public bool TakesStrict { get; init; } = true;

    /// <summary>False for models that take no marks for the prompt cache; they are then left out with a quirk. Null: as the name tells.</summary>
    public bool? TakesCacheMarks { get; init; }

    /// <summary>True for models that take thoughts back without a signature, such as Nova; Anthropic's refuse them.</summary>
    public bool ReturnsUnsignedThinking { get; init; }

    /// <inheritdoc/>
    public override UsageConvention UsageConvention => UsageConvention.CacheOnTop;

    internal override bool HasOneAddress => true;

    internal override Prefill? Continue(ChatRequest request, string model, Uri baseUrl, string text) => Prefill.ForClaude(request, model, text);

    /// <inheritdoc/>
    /// <exception cref="ArgumentException">The request names no model, or one that cannot stand in an address, or holds something that this wire cannot carry at all.</exception>
    public override void WriteRequest(ChatRequest request, bool stream, WireRequest wire)
    {
        ArgumentNullException.ThrowIfNull(request);
        ArgumentNullException.ThrowIfNull(wire);
        wire.Begin(wire.KnownUrl ?? BedrockPath.Join(wire.BaseUrl, request.Model, stream ? "converse-stream" : "converse"), stream, StreamType);
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
    /// <remarks>Source: docs.aws.amazon.com/bedrock/latest/APIReference, CountTokens. Only some models can count.</remarks>
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
