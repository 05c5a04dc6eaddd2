using RawLlm.Framing;

namespace RawLlm.Protocols;

/// <summary>Anthropic's Messages API through AWS Bedrock's InvokeModel and InvokeModelWithResponseStream.</summary>
/// <remarks>
/// Source: docs.aws.amazon.com/bedrock/latest/userguide/model-parameters-anthropic-claude-messages.html. Requests are written only for
/// Anthropic's models; answers are also read in the formats of other vendors (Nova, Titan, Command, Llama, Mistral, DeepSeek, Jamba,
/// Jurassic-2, Pegasus, and those that answer in chat completions). To send requests to models of other vendors, use
/// <see cref="ConverseProtocol"/>. The data that is sent back with a conversation is Anthropic's own, so the conversation can continue at
/// either service.
/// </remarks>
public sealed record BedrockInvokeProtocol : WireProtocol
{
    /// <inheritdoc/>
    public override string Name => "bedrock-invoke";

    /// <summary>The dialect of the body: with its own version, and without a member that requests a stream.</summary>
    /// <remarks>
    /// The service does not open the URLs of images and files. <see cref="AnthropicProtocol.Betas"/> are sent in the body as
    /// <c>anthropic_beta</c>, where this service expects them.
    /// </remarks>
    /// <exception cref="ArgumentException">
    /// <see cref="AnthropicProtocol.BodyVersion"/> is not set, or <see cref="AnthropicProtocol.WritesStream"/> is true.
    /// </exception>
    public AnthropicProtocol Messages
    {
        get;
        init
        {
            ArgumentNullException.ThrowIfNull(value);
            if (value.BodyVersion is null || value.WritesStream)
            {
                throw new ArgumentException(
                    "The service requires BodyVersion, such as bedrock-2023-05-31, and WritesStream = false.",
                    nameof(value)
                );
            }

            field = value;
        }
    } = new() { BodyVersion = "bedrock-2023-05-31", WritesStream = false };

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
            wire.KnownUrl ?? BedrockPath.Join(wire.BaseUrl, request.Model, stream ? "invoke-with-response-stream" : "invoke"),
            stream,
            ConverseProtocol.StreamType
        );
        AnthropicWriter.Write(Messages, WithBetas(request), stream, wire);
    }

    /// <inheritdoc/>
    public override void ReadReply(ReadOnlySpan<byte> body, EventBuffer events)
    {
        ArgumentNullException.ThrowIfNull(events);
        body = AnswerErrors.Text(body);
        using var model = Model(body, events, out var report);
        model.ReadReply(body, report, events);
    }

    /// <inheritdoc/>
    public override StreamDecoder CreateDecoder(DecoderOptions? options = null) =>
        new(new AwsEventStreamReader(), new BedrockInvokeDecoder(), options);

    /// <inheritdoc/>
    public override bool IsStream(string? mediaType) => mediaType == ConverseProtocol.StreamType;

    private static InvokedModel Model(ReadOnlySpan<byte> body, EventBuffer events, out InvocationReport report)
    {
        report = default;
        try
        {
            report = InvocationReport.Read(body, events);
            if (InvokedModel.Of(body, events.Options) is { } model)
                return model;
        }
        catch (Exception e) when (WireJson.IsUnreadable(e))
        {
            // The decoder of the Messages wire throws the error that describes the problem.
            return new InvokedMessages();
        }
        events.Add(StreamEventKind.Connected);
        throw InvokedModel.Foreign(body, inStream: false, events);
    }

    private ChatRequest WithBetas(ChatRequest request)
    {
        if (Messages.Betas.Count == 0 || request.Extra is null || request.Extra.ContainsKey("anthropic_beta"))
            return request;
        using var wire = new WireRequest { BaseUrl = new Uri("about:blank") };
        var json = new JsonWriter(wire);
        json.WriteTexts(Messages.Betas, "anthropic_beta[]");
        return request with
        {
            Extra = new Dictionary<string, RawJson>(request.Extra) { ["anthropic_beta"] = RawJson.FromUtf8(wire.Body.ToArray()) },
        };
    }
}
