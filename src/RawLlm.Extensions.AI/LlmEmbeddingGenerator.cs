using Microsoft.Extensions.AI;
using RawLlm.Telemetry;

namespace RawLlm.Extensions.AI;

/// <summary>A client or a fallback chain as an <see cref="IEmbeddingGenerator{TInput, TEmbedding}"/>.</summary>
internal sealed class LlmEmbeddingGenerator(AdaptedClients clients) : IEmbeddingGenerator<string, Embedding<float>>
{
    private readonly EmbeddingGeneratorMetadata _metadata = new(
        ProviderNames.Of(clients.First.Provider),
        clients.First.Provider.BaseUrl,
        clients.First.Model
    );

    public async Task<GeneratedEmbeddings<Embedding<float>>> GenerateAsync(
        IEnumerable<string> values,
        EmbeddingGenerationOptions? options = null,
        CancellationToken cancellationToken = default
    )
    {
        ArgumentNullException.ThrowIfNull(values);
        List<string> inputs = [.. values];
        // A service would refuse a request without texts.
        if (inputs.Count == 0)
            return [];
        var createdAt = clients.Now();
        var request = Read(inputs, options);
        var answer = await clients.EmbedAsync(request, cancellationToken).ConfigureAwait(false);
        var embeddings = new GeneratedEmbeddings<Embedding<float>>(answer.Vectors.Count)
        {
            Usage = UsageNumbers.Read(answer.Usage, clients.Convention(answer.Provider)),
            AdditionalProperties = AnswerProperties.Of(
                null,
                answer.Provider,
                answer.RequestId,
                answer.Cost,
                answer.RateLimits,
                answer.Quirks,
                []
            ),
        };
        foreach (float[] vector in answer.Vectors)
            embeddings.Add(new Embedding<float>(vector) { ModelId = answer.Model ?? answer.RequestedModel, CreatedAt = createdAt });
        return embeddings;
    }

    public object? GetService(Type serviceType, object? serviceKey = null)
    {
        ArgumentNullException.ThrowIfNull(serviceType);
        return serviceKey is not null ? null
            : serviceType == typeof(EmbeddingGeneratorMetadata) ? _metadata
            : serviceType.IsInstanceOfType(this) ? this
            : clients.Find(serviceType);
    }

    public void Dispose() => clients.Dispose();

    private EmbeddingRequest Read(List<string> inputs, EmbeddingGenerationOptions? asked)
    {
        object? raw = asked?.RawRepresentationFactory?.Invoke(this);
        if (raw is not (null or EmbeddingRequest))
        {
            throw new ArgumentException(
                $"EmbeddingGenerationOptions.RawRepresentationFactory returned a {raw.GetType().Name}; RawLlm takes an EmbeddingRequest or null."
            );
        }

        var request = (EmbeddingRequest?)raw ?? new EmbeddingRequest(inputs);
        return request with
        {
            Inputs = inputs,
            Model = request.Model ?? asked?.ModelId,
            Dimensions = request.Dimensions ?? asked?.Dimensions,
            Extra = asked?.AdditionalProperties is { Count: > 0 } properties
                ? ExtraMembers.Read(request.Extra, properties, null, clients.Options.Json)
                : request.Extra,
        };
    }
}
