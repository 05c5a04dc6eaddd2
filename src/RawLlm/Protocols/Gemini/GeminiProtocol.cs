namespace RawLlm.Protocols;

/// <summary>Gemini's own wire, <c>generateContent</c> and <c>streamGenerateContent</c>; each property is a bend of some service or model.</summary>
/// <remarks>
/// <para>
/// Safety settings, the service's own tools and everything else that a <see cref="ChatRequest"/> has no property for go through
/// <see cref="ChatRequest.Extra"/>. What <c>Extra</c> says of <c>generationConfig</c>, <c>toolConfig</c> and <c>tools</c> is joined with
/// what the request says; a member may not be said twice.
/// </para>
/// <para>
/// For Vertex set the base URL to <c>https://…-aiplatform.googleapis.com/v1/projects/…/locations/…/publishers/google/</c> and send an
/// access token with <see cref="Credential.Bearer"/>.
/// </para>
/// <para>Source: ai.google.dev/api/generate-content.</para>
/// </remarks>
public sealed record GeminiProtocol : WireProtocol
{
    /// <summary>The signature that is not checked.</summary>
    internal const string UncheckedSignature = "c2tpcF90aG91Z2h0X3NpZ25hdHVyZV92YWxpZGF0b3I=";

    /// <inheritdoc/>
    public override string Name => "gemini";

    /// <summary>What goes between a base URL that has no path and the wire's own path.</summary>
    public string RootPath { get; init; } = "v1beta";

    /// <summary>
    /// True for models that take JSON schemas as they are (Gemini 2.0 and later); false to send what the older, smaller form of schemas
    /// can carry, where references are written out and the rest is left out with a quirk.
    /// </summary>
    public bool TakesJsonSchema { get; init; } = true;

    /// <summary>
    /// Models, by the beginning of their names, that take thinking as a number of tokens; all others take a level. An effort is sent to them
    /// as 1,024 (minimal, low), 8,192 (medium) or 24,576 tokens (high and above). Pictures and files in results of functions go behind the results
    /// for these models, and calls without a signature as they are: a tuned model that was made of one of them belongs here too.
    /// </summary>
    public IReadOnlyList<string> ThinkingBudgetModels { get; init; } = ["gemini-2."];

    /// <summary>
    /// Models, by the beginning of their names, that know the level <c>minimal</c>; the others are asked for <c>low</c>. Source:
    /// ai.google.dev/gemini-api/docs/thinking (2026).
    /// </summary>
    public IReadOnlyList<string> MinimalThinkingModels { get; init; } = ["gemini-3-flash", "gemini-3.1-flash", "gemini-3.5-flash", "gemini-3.6-flash"];

    /// <summary>What the service refuses of single models, or pays no heed to (<see cref="RefusedMembers"/>).</summary>
    // The sampling of the newest is their own: what a request says of it is passed over, and is to be refused of later ones
    // (ai.google.dev/gemini-api/docs/latest-model, 2026). "Penalty is not enabled for this model" since 2.5.
    internal string? RefusedByModel { get; init; } = """
        gemini-3.5-flash-lite* temperature=1 topP=0.95 frequencyPenalty=0 presencePenalty=0
        gemini-3.6* temperature=1 topP=0.95 frequencyPenalty=0 presencePenalty=0
        gemini-3.7* temperature=1 topP=0.95 frequencyPenalty=0 presencePenalty=0
        gemini-3.8* temperature=1 topP=0.95 frequencyPenalty=0 presencePenalty=0
        gemini-2.5* frequencyPenalty=0 presencePenalty=0
        gemini-3* frequencyPenalty=0 presencePenalty=0
        """;

    /// <summary>
    /// What stands in for the signature of a function call that another model made, or null to send none. Gemini 3 and later refuse a
    /// call without a signature, and accept these bytes in its place; they are not sent to <see cref="ThinkingBudgetModels"/>.
    /// </summary>
    /// <remarks>
    /// The default is <c>skip_thought_signature_validator</c> in base64, the form that signatures have: Vertex demands it, the Gemini API takes the plain words
    /// as well (2026). Source: ai.google.dev/gemini-api/docs/thought-signatures and docs.cloud.google.com/vertex-ai/generative-ai/docs/thought-signatures.
    /// </remarks>
    public string? ForeignCallSignature { get; init; } = UncheckedSignature;

    /// <summary>False for Vertex, which takes a request to be counted as it is; the Gemini API wants it wrapped.</summary>
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
        wire.Begin(wire.KnownUrl ?? Address(wire.BaseUrl, request.Model!, stream ? "streamGenerateContent" : "generateContent", stream ? "?alt=sse" : ""), stream, "text/event-stream");
        GeminiWriter.Write(this, request, name, wire);
    }

    /// <inheritdoc/>
    public override void ReadReply(ReadOnlySpan<byte> body, EventBuffer events)
    {
        using var decoder = new GeminiDecoder();
        decoder.ReadReply(body, events);
    }

    /// <inheritdoc/>
    /// <remarks>Reads server-sent events as well as the JSON array that a service sends which <c>alt=sse</c> does not reach.</remarks>
    public override StreamDecoder CreateDecoder(DecoderOptions? options = null) =>
        new(new GeminiFrames(), new GeminiDecoder(), options);

    /// <inheritdoc/>
    /// <remarks>The body may be an array that still grows, which is read element by element.</remarks>
    public override StreamDecoder CreateReplyDecoder(DecoderOptions? options = null) => CreateDecoder(options);

    /// <inheritdoc/>
    public override bool IsStream(string? mediaType) => mediaType == "text/event-stream";

    internal override bool StreamsJson => true;

    /// <inheritdoc/>
    public override bool WriteModelsRequest(WireRequest wire)
    {
        ArgumentNullException.ThrowIfNull(wire);
        // 1,000 is the most that the service gives at once.
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
    public override int MostEmbeddingInputs => 100;

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

    /// <summary>True when the model takes thinking as a number of tokens.</summary>
    internal bool TakesBudget(string model) => IsAmong(ThinkingBudgetModels, model);

    /// <summary>True when the model knows the least level of thinking.</summary>
    internal bool TakesMinimal(string model) => IsAmong(MinimalThinkingModels, model);

    // The model's name without its collection.
    private static string NameOf(string? model)
    {
        if (string.IsNullOrWhiteSpace(model))
            RequestErrors.Throw("The request names no model, and on this wire the address holds its name. Set ChatRequest.Model.");
        string collection = Collection(model);
        return model.StartsWith(collection, StringComparison.Ordinal) ? model[collection.Length..] : model;
    }

    // Lists of models name them with their collection.
    private static string Collection(string model) => model.StartsWith("tunedModels/", StringComparison.Ordinal) ? "tunedModels/" : "models/";

    // The name stays one segment, whatever it holds.
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
