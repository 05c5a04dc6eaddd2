namespace RawLlm;

/// <summary>How much may be spent: of a <see cref="Budget"/> that calls share, or of each call by itself. Immutable; docs/budgets.md tells what is counted.</summary>
public sealed record BudgetLimits : ISpendingSource
{
    /// <summary>The most that may be spent, in US dollars; null for no bound.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The amount is negative.</exception>
    public decimal? MaxCost { get; init => field = value is null or >= 0 ? value : throw new ArgumentOutOfRangeException(nameof(value), "An amount cannot be negative."); }

    /// <summary>The most tokens of answers, thoughts included; null for no bound.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The number is negative.</exception>
    public long? MaxOutputTokens { get; init => field = value is null or >= 0 ? value : throw new ArgumentOutOfRangeException(nameof(value), "A number of tokens cannot be negative."); }

    /// <summary>
    /// True to send also what cannot be held to the bounds beforehand, because the model's price is not known, or how long its answer can get; false refuses
    /// it. What is not known is not held, and counted once it is; a stream that goes beyond the bounds is ended.
    /// </summary>
    public bool AllowsUnknown { get; init; }

    /// <summary>What counts for an attempt that does not say what it used.</summary>
    public UnknownUsage UnknownUsage { get; init; }

    Spending ISpendingSource.Join(Spending? around) => BudgetSet.Join(new Budget(this), around);
}
