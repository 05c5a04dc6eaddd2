namespace RawLlm;

/// <summary>How much the model should think before it answers.</summary>
/// <remarks>Services accept an effort, a budget, or only on and off; each wire sends the closest value that it can express.</remarks>
public sealed record Thinking
{
    /// <summary>The effort of thinking.</summary>
    public ThinkingEffort? Effort { get; init; }

    /// <summary>The maximum number of tokens for thinking, for services that accept a number.</summary>
    public int? BudgetTokens { get; init; }

    /// <summary>Whether to include the reasoning or a summary of it in the answer; nothing is sent if null.</summary>
    public bool? Include { get; init; }

    /// <summary>No thinking, if the model allows it; a model that always thinks is asked for the minimum.</summary>
    public static Thinking Off { get; } = new() { Effort = ThinkingEffort.None };

    /// <summary>As little thinking as the model can.</summary>
    public static Thinking Minimal { get; } = new() { Effort = ThinkingEffort.Minimal };

    /// <summary>A small amount of thinking.</summary>
    public static Thinking Low { get; } = new() { Effort = ThinkingEffort.Low };

    /// <summary>The usual amount of thinking.</summary>
    public static Thinking Medium { get; } = new() { Effort = ThinkingEffort.Medium };

    /// <summary>A large amount of thinking.</summary>
    public static Thinking High { get; } = new() { Effort = ThinkingEffort.High };

    /// <summary>
    /// More than <see cref="High"/>, for long work such as coding and agents. A level of its own
    /// if the model has one ("xhigh" of OpenAI's models since 5.2, and of Claude since 4.7).
    /// </summary>
    public static Thinking ExtraHigh { get; } = new() { Effort = ThinkingEffort.ExtraHigh };

    /// <summary>As much thinking as the model can.</summary>
    public static Thinking Max { get; } = new() { Effort = ThinkingEffort.Max };

    /// <summary>Thinking with a maximum number of tokens.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The number is not positive.</exception>
    public static Thinking Budget(int tokens)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(tokens);
        return new() { BudgetTokens = tokens };
    }
}
