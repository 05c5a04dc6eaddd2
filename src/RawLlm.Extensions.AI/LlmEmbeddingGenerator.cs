using Microsoft.Extensions.AI;
using RawLlm.Telemetry;

namespace RawLlm.Extensions.AI;

/// <summary>The vectors of a client, or of several as one, as Microsoft.Extensions.AI wants them.</summary>
internal sealed class LlmEmbeddingGenerator : IEmbeddingGenerator<string, Embedding<float>>
{
    private readonly LlmClient? _client;
    private readonly FallbackChain? _chain;
    private readonly IReadOnlyList<LlmClient> _clients;
    private readonly LlmAdapterOptions _options;
    private readonly EmbeddingGeneratorMetadata _metadata;

    public LlmEmbeddingGenerator(LlmClient client, LlmAdapterOptions options)
        : this([client], options) => _client = client;

    public LlmEmbeddingGenerator(FallbackChain chain, LlmAdapterOptions options)
        : this(chain.Clients, options) => _chain = chain;

    private LlmEmbeddingGenerator(IReadOnlyList<LlmClient> clients, LlmAdapterOptions options)
    {
        _clients = clients;
        _options = options;
        _metadata = new EmbeddingGeneratorMetadata(ProviderNames.Of(clients[0].Provider), clients[0].Provider.BaseUrl, clients[0].Model);
    }

    public async Task<GeneratedEmbeddings<Embedding<float>>> GenerateAsync(IEnumerable<string> values, EmbeddingGenerationOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(values);
        List<string> inputs = [.. values];
        // Nothing of nothing; a service would refuse it.
        if (inputs.Count == 0)
            return [];
        var createdAt = _clients[0].Options.Time.GetUtcNow();
        var request = Read(inputs, options);
        var answer = _client is not null
            ? await _client.EmbedAsync(request, cancellationToken).ConfigureAwait(false)
            : await _chain!.EmbedAsync(request, cancellationToken).ConfigureAwait(false);
        var embeddings = new GeneratedEmbeddings<Embedding<float>>(answer.Vectors.Count)
        {
            Usage = UsageNumbers.Read(answer.Usage, LlmChatClient.Convention(_clients, answer.Provider)),
            AdditionalProperties = AnswerProperties.Of(null, answer.Provider, answer.RequestId, answer.Cost, answer.RateLimits, answer.Quirks, []),
        };
        foreach (float[] vector in answer.Vectors)
            embeddings.Add(new Embedding<float>(vector) { ModelId = answer.Model, CreatedAt = createdAt });
        return embeddings;
    }

    public object? GetService(Type serviceType, object? serviceKey = null)
    {
        ArgumentNullException.ThrowIfNull(serviceType);
        return serviceKey is not null ? null
            : serviceType == typeof(EmbeddingGeneratorMetadata) ? _metadata
            : serviceType == typeof(LlmClient) ? _client
            : serviceType == typeof(FallbackChain) ? _chain
            : serviceType.IsInstanceOfType(this) ? this
            : null;
    }

    public void Dispose()
    {
        if (!_options.DisposesClients)
            return;
        foreach (var client in _clients)
            client.Dispose();
    }

    private EmbeddingRequest Read(List<string> inputs, EmbeddingGenerationOptions? asked)
    {
        object? raw = asked?.RawRepresentationFactory?.Invoke(this);
        if (raw is not (null or EmbeddingRequest))
            throw new ArgumentException($"EmbeddingGenerationOptions.RawRepresentationFactory gave a {raw.GetType().Name}; RawLlm takes an EmbeddingRequest, or null.");
        var request = (EmbeddingRequest?)raw ?? new EmbeddingRequest(inputs);
        return request with
        {
            Inputs = inputs,
            Model = request.Model ?? asked?.ModelId,
            Dimensions = request.Dimensions ?? asked?.Dimensions,
            Extra = asked?.AdditionalProperties is { Count: > 0 } properties ? ExtraMembers.Read(request.Extra, properties, null, _options.Json) : request.Extra,
        };
    }
}
