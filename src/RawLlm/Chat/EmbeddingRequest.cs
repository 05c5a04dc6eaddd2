using System.Text.Json.Serialization;

namespace RawLlm;

/// <summary>Texts of which vectors are wanted. Immutable; change a copy with <c>with { … }</c>.</summary>
/// <param name="Inputs">The texts, none of them null; as many as one likes, since they go out in batches.</param>
public sealed record EmbeddingRequest(IReadOnlyList<string> Inputs)
{
    /// <summary>The model; null for the client's own.</summary>
    public string? Model { get; init; }

    /// <summary>How many numbers a vector is to have, for models that can give fewer than usual; nothing is sent when null.</summary>
    public int? Dimensions { get; init; }

    /// <summary>How many texts go out at once; the most that the wire takes when null.</summary>
    public int? BatchSize { get; init; }

    /// <summary>An id of the end user, for services that take one.</summary>
    public string? User { get; init; }

    /// <summary>Members that are written into the JSON as they stand: into the request's, or on Gemini's wire into each text's, such as <c>taskType</c>.</summary>
    public IReadOnlyDictionary<string, RawJson> Extra { get; init; } = NoMembers<RawJson>.Instance;

    /// <summary>Headers for this request alone, beside the provider's.</summary>
    public IReadOnlyDictionary<string, string> Headers { get; init; } = NoMembers<string>.Instance;

    /// <summary>Who pays for this request: the proof that goes out in place of the provider's own, such as the key of a gateway's tenant; null for the provider's.</summary>
    /// <remarks>A <see cref="FallbackChain"/> over several services takes none, since each would see it. It is not stored with the request.</remarks>
    [JsonIgnore]
    public Credential? Credential { get; init; }
}
