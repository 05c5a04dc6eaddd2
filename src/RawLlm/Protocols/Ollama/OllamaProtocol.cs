using RawLlm.Framing;

namespace RawLlm.Protocols;

/// <summary>Ollama's own wire, <c>/api/chat</c>. Each property describes how some version deviates.</summary>
/// <remarks>
/// <para>
/// <c>keep_alive</c> and everything else without a property in <see cref="ChatRequest"/> goes through <see cref="ChatRequest.Extra"/>;
/// its <c>options</c>, such as <c>{"num_ctx":8192}</c>, are merged with the request's settings. No member may occur twice.
/// </para>
/// <para>
/// Images are sent only as bytes. The wire has no tool choice: to forbid tool calls the tools are left out, and a call cannot be required.
/// </para>
/// <para>Source: docs.ollama.com/api/chat.</para>
/// </remarks>
public sealed record OllamaProtocol : WireProtocol
{
    /// <inheritdoc/>
    public override string Name => "ollama";

    /// <summary>False for a server that can only turn thinking on and off (before mid-2025).</summary>
    public bool SupportsThinkingLevels { get; init; } = true;

    /// <summary>
    /// The models, by the beginning of their names, that accept a thinking effort. All others are only asked to think, because they reject
    /// an effort (<c>think value "low" is not supported for this model</c>). The part of a name before a slash may be left out.
    /// </summary>
    public IReadOnlyList<string> ThinkingLevelModels { get; init; } = ["gpt-oss"];

    internal override bool HasOneAddress => true;

    // Source: github.com/ollama/ollama/issues/6778.
    internal override Prefill? Continue(ChatRequest request, string model, Uri baseUrl, string text) =>
        Prefill.AsLastMessage(request, text);

    /// <inheritdoc/>
    public override void WriteRequest(ChatRequest request, bool stream, WireRequest wire)
    {
        ArgumentNullException.ThrowIfNull(request);
        ArgumentNullException.ThrowIfNull(wire);
        wire.Begin(wire.KnownUrl ?? Address(wire.BaseUrl, "chat"), stream, "application/x-ndjson");
        OllamaWriter.Write(this, request, stream, wire);
    }

    /// <inheritdoc/>
    public override void ReadReply(ReadOnlySpan<byte> body, EventBuffer events)
    {
        using var decoder = new OllamaDecoder();
        decoder.ReadReply(body, events);
    }

    /// <inheritdoc/>
    public override StreamDecoder CreateDecoder(DecoderOptions? options = null) => new(new JsonLinesReader(), new OllamaDecoder(), options);

    /// <inheritdoc/>
    public override bool IsStream(string? mediaType) => mediaType is "application/x-ndjson" or "application/ndjson" or "application/jsonl";

    internal override bool StreamsJson => true;

    internal override string MainPath => "api/chat";

    /// <inheritdoc/>
    public override bool WriteModelsRequest(WireRequest wire)
    {
        ArgumentNullException.ThrowIfNull(wire);
        wire.Url = Address(wire.BaseUrl, "tags");
        return true;
    }

    /// <inheritdoc/>
    /// <remarks>Source: docs.ollama.com/api/show. Contains the context length and the capabilities of the model, which the list of models
    /// lacks.</remarks>
    public override bool WriteModelRequest(string model, WireRequest wire)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(model);
        ArgumentNullException.ThrowIfNull(wire);
        wire.Url = Address(wire.BaseUrl, "show");
        wire.Method = "POST";
        wire.ContentType = "application/json";
        var json = new JsonWriter(wire);
        json.StartObject();
        json.WriteMember("model"u8, model, "model");
        json.EndObject();
        return true;
    }

    /// <inheritdoc/>
    public override int MaxEmbeddingInputs => 256;

    /// <inheritdoc/>
    /// <remarks>Source: docs.ollama.com/api/embed. <c>truncate</c> and <c>keep_alive</c> go through
    /// <see cref="EmbeddingRequest.Extra"/>.</remarks>
    public override void WriteEmbeddingRequest(EmbeddingRequest request, WireRequest wire)
    {
        ArgumentNullException.ThrowIfNull(request);
        ArgumentNullException.ThrowIfNull(wire);
        wire.Url = Address(wire.BaseUrl, "embed");
        EmbeddingWriter.Write(request, wire, encoding: null, takesUser: false);
    }

    /// <summary>Whether the model accepts a thinking effort.</summary>
    internal bool SupportsLevels(string? model)
    {
        if (!SupportsThinkingLevels || model is null)
            return false;
        var name = model.AsSpan(model.LastIndexOf('/') + 1);
        foreach (string prefix in ThinkingLevelModels)
        {
            if (name.StartsWith(prefix, StringComparison.OrdinalIgnoreCase) || model.StartsWith(prefix, StringComparison.OrdinalIgnoreCase))
                return true;
        }
        return false;
    }

    /// <summary>Joins a base URL, with or without <c>/api</c> or the whole <c>/api/chat</c>, and the name of an operation.</summary>
    internal static Uri Address(Uri baseUrl, string operation)
    {
        bool hasApi = baseUrl.AbsolutePath.TrimEnd('/').EndsWith("/api", StringComparison.Ordinal);
        return UrlPath.Join(baseUrl, "", hasApi ? operation : "api/" + operation, "api/chat");
    }
}
