namespace RawLlm;

/// <summary>How many tokens a prompt has, and whether that was counted or guessed.</summary>
/// <param name="Tokens">The tokens.</param>
/// <param name="IsEstimate">True for a guess made here, false where the service has counted.</param>
public readonly record struct TokenCount(long Tokens, bool IsEstimate)
{
    /// <summary>Guesses the tokens of a prompt without asking anybody; docs/tokens.md says how far off it is.</summary>
    /// <param name="request">The prompt, its functions included.</param>
    /// <param name="provider">The service it is meant for, since services add different amounts; what is usual when null.</param>
    public static TokenCount Estimate(ChatRequest request, Provider? provider = null)
    {
        ArgumentNullException.ThrowIfNull(request);
        return new(TokenEstimate.Of(request, provider?.TokenShape ?? TokenShape.Usual), IsEstimate: true);
    }

    /// <summary>Guesses the tokens of a text alone, without what a service adds around it.</summary>
    public static TokenCount Estimate(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        return new((long)Math.Ceiling(TokenEstimate.Of(text)), IsEstimate: true);
    }

    /// <summary>The number, with a mark in front of a guess: <c>~120</c>.</summary>
    public override string ToString() => FormattableString.Invariant($"{(IsEstimate ? "~" : "")}{Tokens}");
}
