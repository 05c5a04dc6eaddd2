namespace RawLlm;

/// <summary>The number of tokens in a prompt, either counted or estimated.</summary>
/// <param name="Tokens">The number of tokens.</param>
/// <param name="IsEstimate">True for a local estimate; false if the service counted.</param>
public readonly record struct TokenCount(long Tokens, bool IsEstimate)
{
    /// <summary>Estimates the tokens of a prompt without sending anything; docs/tokens.md describes the accuracy.</summary>
    /// <param name="request">The prompt, with its tools.</param>
    /// <param name="provider">The service that will receive the prompt, because services add different amounts; null for a typical
    /// service.</param>
    public static TokenCount Estimate(ChatRequest request, Provider? provider = null)
    {
        ArgumentNullException.ThrowIfNull(request);
        return new(TokenEstimate.Of(request, provider?.TokenShape ?? TokenShape.Usual), IsEstimate: true);
    }

    /// <summary>Estimates the tokens of a text alone, without what a service adds around it.</summary>
    public static TokenCount Estimate(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        return new((long)Math.Ceiling(TokenEstimate.Of(text)), IsEstimate: true);
    }

    /// <summary>Returns the number; an estimate has a prefix: <c>~120</c>.</summary>
    public override string ToString() => FormattableString.Invariant($"{(IsEstimate ? "~" : "")}{Tokens}");
}
