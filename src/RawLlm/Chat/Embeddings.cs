using System.Text.Json.Serialization;

namespace RawLlm;

/// <summary>The embeddings of texts.</summary>
/// <param name="Vectors">A vector for each text, in the order of the texts, all of the same length. The caller owns them.</param>
/// <param name="Model">The model that returned them, as the service names it; null if it sent none, as on Gemini's wire
/// (<see cref="Embeddings.RequestedModel"/>).</param>
/// <param name="Usage">What all batches together used; null if the service did not report it for each of them.</param>
public sealed record Embeddings(IReadOnlyList<float[]> Vectors, string? Model, Usage? Usage)
{
    /// <summary>The length of each vector; 0 if there are none.</summary>
    [JsonIgnore]
    public int Dimensions => Vectors.Count > 0 ? Vectors[0].Length : 0;

    /// <summary>What the embeddings cost; null if that is unknown.</summary>
    public Cost? Cost { get; init; }

    /// <summary>The name of the service that returned them; null for embeddings that were read without a client.</summary>
    public string? Provider { get; init; }

    /// <summary>The model that was requested from that service; null for embeddings that were read without a client.</summary>
    public string? RequestedModel { get; init; }

    /// <summary>
    /// The attempts that failed before the embeddings arrived, of all batches, including
    /// those at other services of a <see cref="FallbackChain"/>; usually empty.
    /// </summary>
    public IReadOnlyList<LlmAttempt> Attempts { get; init; } = [];

    /// <summary>
    /// Tolerated deviations from the wire's specification, and what was left out of the requests; of all batches, each once.
    /// </summary>
    public IReadOnlyList<Quirk> Quirks { get; init; } = [];

    /// <summary>What remains of the service's rate limits after the last batch; null if it sent no such headers.</summary>
    public RateLimits? RateLimits { get; init; }

    /// <summary>The service's ID of the last batch's request, to quote to its support.</summary>
    public string? RequestId { get; init; }
}
