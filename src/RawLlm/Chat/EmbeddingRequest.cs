using System.Text.Json.Serialization;

namespace RawLlm;

/// <summary>A request for the embeddings of texts. Immutable; change a copy with <c>with { … }</c>.</summary>
/// <param name="Inputs">The texts, none of them null. There is no maximum, because they are sent in batches. The list is not copied: do not
/// change it before the call has ended.</param>
public sealed record EmbeddingRequest(IReadOnlyList<string> Inputs)
{
    /// <summary>The model; null for the client's own.</summary>
    public string? Model { get; init; }

    /// <summary>The length of the embeddings, for models that can return shorter ones than usual; nothing is sent if null.</summary>
    public int? Dimensions { get; init; }

    /// <summary>How many texts are sent at once; null for the most that the wire accepts.</summary>
    public int? BatchSize { get; init; }

    /// <summary>An ID of the end user, for services that accept one.</summary>
    public string? User { get; init; }

    /// <summary>
    /// Members that are written into the JSON unchanged: into that of the request, or on Gemini's wire into that of each text, such as
    /// <c>taskType</c>.
    /// </summary>
    public IReadOnlyDictionary<string, RawJson> Extra { get; init; } = NoMembers<RawJson>.Instance;

    /// <summary>Headers for this request only, in addition to the provider's.</summary>
    public IReadOnlyDictionary<string, string> Headers { get; init; } = NoMembers<string>.Instance;

    /// <summary>
    /// The credential for this request, instead of the provider's own, such as the API key of a gateway's tenant; null for the provider's.
    /// </summary>
    /// <remarks>A <see cref="FallbackChain"/> over several hosts does not accept one, because each of them would see it. It is not stored
    /// with the request.</remarks>
    [JsonIgnore]
    public Credential? Credential { get; init; }
}
