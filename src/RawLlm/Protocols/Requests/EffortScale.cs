namespace RawLlm.Protocols;

/// <summary>The words and the token counts of the thinking efforts, so that an effort means the same on every wire.</summary>
internal static class EffortScale
{
    // The smallest budget that Anthropic's models accept.
    private const int MinBudget = 1024;

    /// <summary>Returns OpenAI's word (2026), including one for no reasoning.</summary>
    public static string Word(ThinkingEffort effort) =>
        effort switch
        {
            ThinkingEffort.None => "none",
            ThinkingEffort.Minimal => "minimal",
            ThinkingEffort.Low => "low",
            ThinkingEffort.Medium => "medium",
            ThinkingEffort.High => "high",
            ThinkingEffort.ExtraHigh or ThinkingEffort.Max => "xhigh",
            _ => throw Unknown(effort),
        };

    /// <summary>Returns Anthropic's word of 2026; up to "high", others use the same ones.</summary>
    /// <param name="effort">The effort.</param>
    /// <param name="goesAboveHigh">Whether the model knows words above "high".</param>
    public static ReadOnlySpan<byte> ShortWord(ThinkingEffort effort, bool goesAboveHigh) =>
        effort switch
        {
            ThinkingEffort.Minimal or ThinkingEffort.Low => "low"u8,
            ThinkingEffort.Medium => "medium"u8,
            ThinkingEffort.High => "high"u8,
            ThinkingEffort.ExtraHigh => goesAboveHigh ? "xhigh"u8 : "high"u8,
            ThinkingEffort.Max => goesAboveHigh ? "max"u8 : "high"u8,
            _ => throw Unknown(effort),
        };

    /// <summary>Returns the number of tokens that an effort stands for with Anthropic's models.</summary>
    // Above 32,000, the service advises against a single answer over one connection. ExtraHigh has no documented number: it lies between
    // its neighbors.
    public static int Budget(ThinkingEffort effort) =>
        effort switch
        {
            ThinkingEffort.Minimal or ThinkingEffort.Low => MinBudget,
            ThinkingEffort.Medium => 8192,
            ThinkingEffort.High => 24576,
            ThinkingEffort.ExtraHigh => 28672,
            ThinkingEffort.Max => 32000,
            _ => throw Unknown(effort),
        };

    /// <summary>
    /// Returns the same for an answer of limited length: half the limit if the effort would use all of it. Null if even the smallest budget
    /// does not fit.
    /// </summary>
    public static int? Budget(ThinkingEffort effort, int? maxTokens)
    {
        int budget = Budget(effort);
        if (maxTokens is not { } limit || budget < limit)
            return budget;
        return limit > MinBudget ? Math.Max(MinBudget, limit / 2) : null;
    }

    /// <summary>Returns the effort that a number of tokens stands for.</summary>
    // The budgets that Gemini's compatible endpoint documents for its words (2025): 1,024, 8,192 and 24,576 tokens.
    public static ThinkingEffort EffortOf(int budget) =>
        budget switch
        {
            <= 1024 => ThinkingEffort.Low,
            <= 8192 => ThinkingEffort.Medium,
            _ => ThinkingEffort.High,
        };

    /// <summary>Returns the effort that a request asks for, by name or by a number of tokens; null if it asks for neither.</summary>
    public static ThinkingEffort? RequestedEffort(Thinking? thinking) =>
        thinking switch
        {
            { Effort: { } effort } => effort,
            { BudgetTokens: { } budget } => EffortOrNone(budget),
            _ => null,
        };

    /// <summary>Returns the same on wires that have a word for no reasoning.</summary>
    public static ThinkingEffort EffortOrNone(int budget) => budget <= 0 ? ThinkingEffort.None : EffortOf(budget);

    private static ArgumentException Unknown(ThinkingEffort effort) =>
        new($"The thinking effort {effort.ToString()} is not known.", "request");
}
