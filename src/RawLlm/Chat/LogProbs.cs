using System.Text.Json.Serialization;

namespace RawLlm;

/// <summary>How likely the tokens of an answer were. Immutable.</summary>
/// <param name="Tokens">The tokens, in order; empty where the service tells their average alone.</param>
public sealed record LogProbs(IReadOnlyList<TokenLogProb> Tokens)
{
    /// <summary>The average of the logarithms: what the service says of it, or else that of <see cref="Tokens"/>; null where there are none.</summary>
    [JsonNumberHandling(JsonNumberHandling.AllowNamedFloatingPointLiterals)]
    public double? Average { get => field ?? Mean(); init; }

    private double? Mean()
    {
        double sum = 0;
        foreach (var token in Tokens)
            sum += token.LogProb;
        return Tokens.Count == 0 ? null : sum / Tokens.Count;
    }
}
