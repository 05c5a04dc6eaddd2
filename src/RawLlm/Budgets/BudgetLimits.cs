namespace RawLlm;

/// <summary>
/// How much may be spent: from a <see cref="Budget"/> that calls share, or by each call. Immutable; docs/budgets.md explains what is
/// counted.
/// </summary>
public sealed record BudgetLimits : ISpendingSource
{
    /// <summary>The maximum cost, in US dollars; null for no limit.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The amount is negative.</exception>
    public decimal? MaxCost
    {
        get;
        init =>
            field = value is null or >= 0
                ? value
                : throw new ArgumentOutOfRangeException(nameof(value), "MaxCost cannot be negative; use null for no limit.");
    }

    /// <summary>The maximum number of output tokens, including reasoning; null for no limit.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The number is negative.</exception>
    public long? MaxOutputTokens
    {
        get;
        init =>
            field = value is null or >= 0
                ? value
                : throw new ArgumentOutOfRangeException(nameof(value), "MaxOutputTokens cannot be negative; use null for no limit.");
    }

    /// <summary>
    /// Whether to send requests that cannot be checked against the limits beforehand, because the model's price, or how long its answer can
    /// get, is not known; otherwise they are refused. Unknown amounts are not reserved, but are counted once they are known; a stream that
    /// exceeds the limits is ended.
    /// </summary>
    public bool AllowUnknown { get; init; }

    /// <summary>What to count for an attempt that does not report its usage.</summary>
    public UnknownUsage UnknownUsage { get; init; }

    Spending ISpendingSource.Join(Spending? around) => BudgetSet.Join(new Budget(this), around);
}
