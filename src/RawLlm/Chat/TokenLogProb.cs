using System.Text.Json.Serialization;

namespace RawLlm;

/// <summary>A token of an answer, and how likely the model took it to be. Immutable.</summary>
/// <param name="Token">Its text; for a token that is a piece of a character whatever the service writes in its place.</param>
/// <param name="LogProb">The natural logarithm of its probability: 0 where it was certain, about -0.7 where it was one of two. Services write -9999, or nothing, which is negative infinity here, for what is hardly possible.</param>
public sealed record TokenLogProb(string Token, [property: JsonNumberHandling(JsonNumberHandling.AllowNamedFloatingPointLiterals)] double LogProb)
{
    /// <summary>The bytes of the token in UTF-8, which of several tokens may make one character; empty where the service does not say them.</summary>
    public ReadOnlyMemory<byte> Bytes { get; init; }

    /// <summary>The number of the token in the model's vocabulary, where the service says it.</summary>
    public int? Id { get; init; }

    /// <summary>The likeliest tokens of this place, as many as were asked for, the likeliest first; the token itself may be among them or not.</summary>
    public IReadOnlyList<TokenLogProb> Alternatives { get; init; } = [];

    /// <summary>How likely it was, from 0 to 1.</summary>
    [JsonIgnore]
    public double Probability => Math.Exp(LogProb);
}
