namespace RawLlm;

/// <summary>How much the model should think before it answers.</summary>
/// <remarks>A service takes an effort, a budget, or only on and off; each wire sends the nearest that it can carry.</remarks>
public sealed record Thinking
{
    /// <summary>How hard to think.</summary>
    public ThinkingEffort? Effort { get; init; }

    /// <summary>How many tokens may be spent on thinking, for services that take a number.</summary>
    public int? BudgetTokens { get; init; }

    /// <summary>Whether the thoughts, or their summary, are to be shown; nothing is sent when null.</summary>
    public bool? Include { get; init; }

    /// <summary>Do not think, where the model allows it; of one that always thinks, the least is asked.</summary>
    public static Thinking Off { get; } = new() { Effort = ThinkingEffort.None };

    /// <summary>As little as the model can.</summary>
    public static Thinking Minimal { get; } = new() { Effort = ThinkingEffort.Minimal };

    /// <summary>Little.</summary>
    public static Thinking Low { get; } = new() { Effort = ThinkingEffort.Low };

    /// <summary>The usual amount.</summary>
    public static Thinking Medium { get; } = new() { Effort = ThinkingEffort.Medium };

    /// <summary>Much.</summary>
    public static Thinking High { get; } = new() { Effort = ThinkingEffort.High };

    /// <summary>More than much, for long work such as coding and agents; a step of its own where a model knows it ("xhigh" of OpenAI's models since 5.2, and of Claude since 4.7).</summary>
    public static Thinking ExtraHigh { get; } = new() { Effort = ThinkingEffort.ExtraHigh };

    /// <summary>As much as the model can.</summary>
    public static Thinking Max { get; } = new() { Effort = ThinkingEffort.Max };

    /// <summary>Up to a number of tokens.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The number is not positive.</exception>
    public static Thinking Budget(int tokens)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(tokens);
        return new() { BudgetTokens = tokens };
    }
}
