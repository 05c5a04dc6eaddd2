using Microsoft.Extensions.AI;
using RawLlm.Telemetry;

namespace RawLlm.Extensions.AI;

/// <summary>A client's vectors as Microsoft.Extensions.AI wants them.</summary>
internal sealed class LlmEmbeddingGenerator(LlmClient client, LlmAdapterOptions options) : IEmbeddingGenerator<string, Embedding<float>>
{
    private readonly EmbeddingGeneratorMetadata _metadata = new(ProviderNames.Of(client.Provider), client.Provider.BaseUrl, client.Model);

    public async Task<GeneratedEmbeddings<Embedding<float>>> GenerateAsync(IEnumerable<string> values, EmbeddingGenerationOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(values);
        List<string> inputs = [.. values];
        // Nothing of nothing; a service would refuse it.
        if (inputs.Count == 0)
            return [];
        var createdAt = client.Options.Time.GetUtcNow();
        var answer = await client.EmbedAsync(Read(inputs, options), cancellationToken).ConfigureAwait(false);
        var embeddings = new GeneratedEmbeddings<Embedding<float>>(answer.Vectors.Count)
        {
            Usage = UsageNumbers.Read(answer.Usage, client.Provider.Protocol.UsageConvention),
            AdditionalProperties = AnswerProperties.Of(null, client.Provider.Name, answer.RequestId, answer.Cost, answer.RateLimits, answer.Quirks, []),
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
            : serviceType == typeof(LlmClient) ? client
            : serviceType.IsInstanceOfType(this) ? this
            : null;
    }

    public void Dispose()
    {
        if (options.DisposesClients)
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
            Extra = asked?.AdditionalProperties is { Count: > 0 } properties ? ExtraMembers.Read(request.Extra, properties, null, options.Json) : request.Extra,
        };
    }
}
