namespace RawLlm.Protocols;

/// <summary>
/// Gemini's own wire, <c>generateContent</c> and <c>streamGenerateContent</c>. Each property describes a deviation of some services or
/// models.
/// </summary>
/// <remarks>
/// <para>
/// Use <see cref="ChatRequest.Extra"/> for safety settings, the service's own tools and everything else that has no property in
/// <see cref="ChatRequest"/>. The extra members <c>generationConfig</c>, <c>toolConfig</c> and <c>tools</c> are merged with
/// those of the request; no member may be set twice.
/// </para>
/// <para>
/// For Vertex, set the base URL to <c>https://…-aiplatform.googleapis.com/v1/projects/…/locations/…/publishers/google/</c> and send an
/// access token with <see cref="Credential.Bearer"/>.
/// </para>
/// <para>Source: ai.google.dev/api/generate-content.</para>
/// </remarks>
public sealed record GeminiProtocol : WireProtocol
{
    /// <summary>The signature that is not verified.</summary>
    internal const string UncheckedSignature = "c2tpcF90aG91Z2h0X3NpZ25hdHVyZV92YWxpZGF0b3I=";

    /// <inheritdoc/>
    public override string Name => "gemini";

    /// <summary>The path between a base URL without a path and the wire's own path.</summary>
    public string RootPath { get; init; } = "v1beta";

    /// <summary>
    /// True for models that accept JSON schemas unchanged (Gemini 2.0 and later). If false, schemas are converted to the older, smaller
    /// form: references are inlined, and what it does not support is left out with a quirk.
    /// </summary>
    public bool SupportsJsonSchema { get; init; } = true;

    /// <summary>
    /// Models, by the beginning of their names, that accept a thinking budget in tokens; all others accept a level. An effort is sent to
    /// them as 1,024 (minimal, low), 8,192 (medium) or 24,576 tokens (high and above). For these models, images and files in tool results
    /// are sent after the results, and calls without a signature are sent unchanged. A tuned model that is based on one of them also
    /// belongs here.
    /// </summary>
    public IReadOnlyList<string> ThinkingBudgetModels { get; init; } = ["gemini-2."];

    /// <summary>
    /// Models, by the beginning of their names, that support the level <c>minimal</c>; the others receive <c>low</c>. Source:
    /// ai.google.dev/gemini-api/docs/thinking (2026).
    /// </summary>
    public IReadOnlyList<string> MinimalThinkingModels { get; init; } =
    ["gemini-3-flash", "gemini-3.1-flash", "gemini-3.5-flash", "gemini-3.6-flash"];

    /// <summary>What the service rejects or ignores for certain models (<see cref="RefusedMembers"/>).</summary>
    // The newest models have fixed sampling: they ignore these settings, and later models will reject them
    // (ai.google.dev/gemini-api/docs/latest-model, 2026). "Penalty is not enabled for this model" since 2.5.
    internal string? RefusedByModel { get; init; } =
        """
            gemini-3.5-flash-lite* temperature=1 topP=0.95 frequencyPenalty=0 presencePenalty=0
            gemini-3.6* temperature=1 topP=0.95 frequencyPenalty=0 presencePenalty=0
            gemini-3.7* temperature=1 topP=0.95 frequencyPenalty=0 presencePenalty=0
            gemini-3.8* temperature=1 topP=0.95 frequencyPenalty=0 presencePenalty=0
            gemini-2.5* frequencyPenalty=0 presencePenalty=0
            gemini-3* frequencyPenalty=0 presencePenalty=0
            """;

    /// <summary>
    /// The replacement for the signature of a tool call that another model made, or null to send none. Gemini 3 and later reject a
    /// call without a signature and accept these bytes instead; they are not sent to <see cref="ThinkingBudgetModels"/>.
    /// </summary>
    /// <remarks>
    /// The default is <c>skip_thought_signature_validator</c> in base64, the form of signatures: Vertex requires it, the Gemini API also
    /// accepts the plain words (2026). Source: ai.google.dev/gemini-api/docs/thought-signatures and
    /// docs.cloud.google.com/vertex-ai/generative-ai/docs/thought-signatures.
    /// </remarks>
    public string? ForeignCallSignature { get; init; } = UncheckedSignature;

    /// <summary>False for Vertex, which accepts a request to be counted without a wrapper; the Gemini API requires one.</summary>
    public bool WrapsCountedRequest { get; init; } = true;

    /// <inheritdoc/>
    public override UsageConvention UsageConvention => UsageConvention.ReasoningOnTop;

    internal override bool HasOneAddress => true;

    /// <inheritdoc/>
    public override void WriteRequest(ChatRequest request, bool stream, WireRequest wire)
    {
        ArgumentNullException.ThrowIfNull(request);
        ArgumentNullException.ThrowIfNull(wire);
        string name = NameOf(request.Model);
        wire.Begin(
            wire.KnownUrl
                ?? Address(wire.BaseUrl, request.Model!, stream ? "streamGenerateContent" : "generateContent", stream ? "?alt=sse" : ""),
            stream,
            "text/event-stream"
        );
        GeminiWriter.Write(this, request, name, wire);
    }

    /// <inheritdoc/>
    public override void ReadReply(ReadOnlySpan<byte> body, EventBuffer events)
    {
        using var decoder = new GeminiDecoder();
        decoder.ReadReply(body, events);
    }

    /// <inheritdoc/>
    /// <remarks>Reads server-sent events, and also the JSON array that a service sends if <c>alt=sse</c> does not reach it.</remarks>
    public override StreamDecoder CreateDecoder(DecoderOptions? options = null) => new(new GeminiFrames(), new GeminiDecoder(), options);

    /// <inheritdoc/>
    /// <remarks>The body may be an array that is still growing; it is read element by element.</remarks>
    public override StreamDecoder CreateReplyDecoder(DecoderOptions? options = null) => CreateDecoder(options);

    /// <inheritdoc/>
    public override bool IsStream(string? mediaType) => mediaType == "text/event-stream";

    internal override bool StreamsJson => true;

    /// <inheritdoc/>
    public override bool WriteModelsRequest(WireRequest wire)
    {
        ArgumentNullException.ThrowIfNull(wire);
        // The service returns at most 1,000 at once.
        wire.Url = new Uri(UrlPath.Join(wire.BaseUrl, RootPath, "models").AbsoluteUri + "?pageSize=1000");
        return true;
    }

    /// <inheritdoc/>
    public override bool WriteModelRequest(string model, WireRequest wire)
    {
        ArgumentNullException.ThrowIfNull(wire);
        string path = UrlPath.Segments(model);
        wire.Url = UrlPath.Join(wire.BaseUrl, RootPath, path.Contains('/', StringComparison.Ordinal) ? path : "models/" + path);
        return true;
    }

    /// <inheritdoc/>
    public override int MaxEmbeddingInputs => 100;

    /// <inheritdoc/>
    /// <remarks>Source: ai.google.dev/api/embeddings. The wire has no place for <see cref="EmbeddingRequest.User"/>.</remarks>
    public override void WriteEmbeddingRequest(EmbeddingRequest request, WireRequest wire)
    {
        ArgumentNullException.ThrowIfNull(request);
        ArgumentNullException.ThrowIfNull(wire);
        string name = NameOf(request.Model);
        wire.Url = Address(wire.BaseUrl, request.Model!, "batchEmbedContents");
        EmbeddingWriter.WriteGemini(request, "models/" + name, wire);
    }

    /// <inheritdoc/>
    /// <remarks>Source: ai.google.dev/api/tokens.</remarks>
    public override bool WriteCountRequest(ChatRequest request, WireRequest wire)
    {
        ArgumentNullException.ThrowIfNull(request);
        ArgumentNullException.ThrowIfNull(wire);
        string name = NameOf(request.Model);
        wire.Url = Address(wire.BaseUrl, request.Model!, "countTokens");
        GeminiWriter.WriteCount(this, request, name, WrapsCountedRequest ? Collection(request.Model!) + name : null, wire);
        return true;
    }

    /// <inheritdoc/>
    public override long? ReadCount(ReadOnlySpan<byte> body) => WireJson.ReadCount(body, "totalTokens"u8);

    /// <summary>Whether the model accepts thinking as a number of tokens.</summary>
    internal bool SupportsBudget(string model) => IsAmong(ThinkingBudgetModels, model);

    /// <summary>Whether the model supports the lowest thinking level.</summary>
    internal bool SupportsMinimal(string model) => IsAmong(MinimalThinkingModels, model);

    // Returns the model's name without its collection.
    private static string NameOf(string? model)
    {
        if (string.IsNullOrWhiteSpace(model))
        {
            RequestErrors.Throw(
                "The request names no model, and this wire needs it in the URL. Set ChatRequest.Model, or give the client a model."
            );
        }

        string collection = Collection(model);
        return model.StartsWith(collection, StringComparison.Ordinal) ? model[collection.Length..] : model;
    }

    // Model lists contain the names with their collection.
    private static string Collection(string model) =>
        model.StartsWith("tunedModels/", StringComparison.Ordinal) ? "tunedModels/" : "models/";

    // The name stays a single segment, whatever it contains.
    private Uri Address(Uri baseUrl, string model, string method, string query = "")
    {
        var url = UrlPath.Join(baseUrl, RootPath, $"{Collection(model)}{Uri.EscapeDataString(NameOf(model))}:{method}");
        return query.Length == 0 ? url : new Uri(url.AbsoluteUri + query);
    }

    private static bool IsAmong(IReadOnlyList<string> prefixes, string model)
    {
        foreach (string prefix in prefixes)
        {
            if (model.StartsWith(prefix, StringComparison.OrdinalIgnoreCase))
                return true;
        }
        return false;
    }
}
