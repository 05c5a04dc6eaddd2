using System.Text.Json.Serialization;

namespace RawLlm;

/// <summary>A token of an answer and its log probability. Immutable.</summary>
/// <param name="Token">Its text; for a token that is only part of a character, whatever the service writes instead.</param>
/// <param name="LogProb">
/// The natural logarithm of its probability: 0 for certainty, about -0.7 for one of two equally likely
/// tokens. For what is hardly possible, services write -9999, or nothing, which is negative infinity here.
/// </param>
public sealed record TokenLogProb(
    string Token,
    [property: JsonNumberHandling(JsonNumberHandling.AllowNamedFloatingPointLiterals)] double LogProb
)
{
    /// <summary>The UTF-8 bytes of the token; several tokens can form one character. Empty if the service does not send them.</summary>
    public ReadOnlyMemory<byte> Bytes { get; init; }

    /// <summary>The ID of the token in the model's vocabulary, if the service sends it.</summary>
    public int? Id { get; init; }

    /// <summary>
    /// The most likely tokens at this position, as many as were requested, the most likely first. They may or may not include the token
    /// itself.
    /// </summary>
    public IReadOnlyList<TokenLogProb> Alternatives { get; init; } = [];

    /// <summary>The probability, from 0 to 1.</summary>
    [JsonIgnore]
    public double Probability => Math.Exp(LogProb);
}
