namespace RawLlm.Protocols;

/// <summary>What the steps of thinking are called, and how many tokens they stand for, so that one step means the same on every wire.</summary>
internal static class EffortScale
{
    // The least that Anthropic's models take.
    private const int LeastBudget = 1024;

    /// <summary>OpenAI's words (2026), with one for no thoughts at all.</summary>
    public static string Word(ThinkingEffort effort) => effort switch
    {
        ThinkingEffort.None => "none",
        ThinkingEffort.Minimal => "minimal",
        ThinkingEffort.Low => "low",
        ThinkingEffort.Medium => "medium",
        ThinkingEffort.High => "high",
        ThinkingEffort.ExtraHigh or ThinkingEffort.Max => "xhigh",
        _ => throw Unknown(effort),
    };

    /// <summary>Anthropic's words of 2026, which others share up to "high".</summary>
    /// <param name="effort">The step.</param>
    /// <param name="goesAboveHigh">Whether the model knows words above that.</param>
    public static ReadOnlySpan<byte> ShortWord(ThinkingEffort effort, bool goesAboveHigh) => effort switch
    {
        ThinkingEffort.Minimal or ThinkingEffort.Low => "low"u8,
        ThinkingEffort.Medium => "medium"u8,
        ThinkingEffort.High => "high"u8,
        ThinkingEffort.ExtraHigh => goesAboveHigh ? "xhigh"u8 : "high"u8,
        ThinkingEffort.Max => goesAboveHigh ? "max"u8 : "high"u8,
        _ => throw Unknown(effort),
    };

    /// <summary>How many tokens a step stands for with Anthropic's models.</summary>
    // Above 32,000 the service advises other ways than one answer over one connection. The step below has no number of its own anywhere: between its neighbours.
    public static int Budget(ThinkingEffort effort) => effort switch
    {
        ThinkingEffort.Minimal or ThinkingEffort.Low => LeastBudget,
        ThinkingEffort.Medium => 8192,
        ThinkingEffort.High => 24576,
        ThinkingEffort.ExtraHigh => 28672,
        ThinkingEffort.Max => 32000,
        _ => throw Unknown(effort),
    };

    /// <summary>The same within an answer of limited length: half of it where the step wants all. Null where the least that the models take is too much.</summary>
    public static int? Budget(ThinkingEffort effort, int? maxTokens)
    {
        int budget = Budget(effort);
        if (maxTokens is not { } most || budget < most)
            return budget;
        return most > LeastBudget ? Math.Max(LeastBudget, most / 2) : null;
    }

    /// <summary>The step that a number of tokens stands for.</summary>
    // The budgets that Gemini's compatible endpoint documents for its words (2025): 1,024, 8,192 and 24,576 tokens.
    public static ThinkingEffort Step(int budget) => budget switch
    {
        <= 1024 => ThinkingEffort.Low,
        <= 8192 => ThinkingEffort.Medium,
        _ => ThinkingEffort.High,
    };

    /// <summary>The step that a request asks for, by name or by a number of tokens; null where it asks for none.</summary>
    public static ThinkingEffort? Asked(Thinking? thinking) => thinking switch
    {
        { Effort: { } effort } => effort,
        { BudgetTokens: { } budget } => StepOrNone(budget),
        _ => null,
    };

    /// <summary>The same on wires that have a word for no thoughts at all.</summary>
    public static ThinkingEffort StepOrNone(int budget) => budget <= 0 ? ThinkingEffort.None : Step(budget);

    private static ArgumentException Unknown(ThinkingEffort effort) => new($"The thinking effort {effort} is not known.", "request");
}
