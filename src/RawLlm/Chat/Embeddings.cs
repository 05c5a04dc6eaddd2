using System.Text.Json.Serialization;

namespace RawLlm;

/// <summary>Vectors of texts.</summary>
/// <param name="Vectors">A vector for each text, in the order of the texts, all of one length. They belong to the caller.</param>
/// <param name="Model">The model that gave them, as the service names it.</param>
/// <param name="Usage">What all batches together used; null when the service did not say for each.</param>
public sealed record Embeddings(IReadOnlyList<float[]> Vectors, string? Model, Usage? Usage)
{
    /// <summary>How many numbers each vector has.</summary>
    [JsonIgnore]
    public int Dimensions => Vectors.Count > 0 ? Vectors[0].Length : 0;

    /// <summary>What they cost; null when that is not known.</summary>
    public Cost? Cost { get; init; }

    /// <summary>The name of the service that gave them; null for what was read without a client.</summary>
    public string? Provider { get; init; }

    /// <summary>The tries that failed before the vectors came, of all batches, at other services of a <see cref="FallbackChain"/> too; empty as a rule.</summary>
    public IReadOnlyList<LlmAttempt> Attempts { get; init; } = [];

    /// <summary>Deviations from the wire's specification that were tolerated, and what was left out of the requests; of all batches, each once.</summary>
    public IReadOnlyList<Quirk> Quirks { get; init; } = [];

    /// <summary>What is left of the service's limits after the last batch; null when it sent no such headers.</summary>
    public RateLimits? RateLimits { get; init; }

    /// <summary>The service's id of the last batch's request, for its support.</summary>
    public string? RequestId { get; init; }
}
