using System.Text.Json.Serialization;

namespace RawLlm;

/// <summary>The log probabilities of an answer's tokens. Immutable.</summary>
/// <param name="Tokens">The tokens, in order; empty if the service sends only their average.</param>
public sealed record LogProbs(IReadOnlyList<TokenLogProb> Tokens)
{
    /// <summary>
    /// The average log probability: as the service reports it, or otherwise that of <see cref="Tokens"/>; null if there are none.
    /// </summary>
    [JsonNumberHandling(JsonNumberHandling.AllowNamedFloatingPointLiterals)]
    public double? Average
    {
        get => field ?? Mean();
        init;
    }

    private double? Mean()
    {
        double sum = 0;
        foreach (var token in Tokens)
            sum += token.LogProb;
        return Tokens.Count == 0 ? null : sum / Tokens.Count;
    }
}
