using System.Globalization;

namespace RawLlm;

/// <summary>What an answer cost, in US dollars, and how that is known. An unknown cost is null, never zero.</summary>
/// <param name="Amount">The amount in US dollars, not rounded.</param>
/// <param name="Source">Whether the service reported it or it was calculated from a price table.</param>
public sealed record Cost(decimal Amount, CostSource Source)
{
    /// <summary>The date of the model's prices, for <see cref="CostSource.Table"/>; null if the table has none.</summary>
    public DateOnly? PricesAsOf { get; init; }

    /// <summary>The name of the price table, for <see cref="CostSource.Table"/>; null for a sum of several tables.</summary>
    public string? Prices { get; init; }

    /// <summary>
    /// Returns the amount and its source, such as <c>$0.00195 (reported by the service)</c>, <c>$0.00195 (built-in prices of
    /// 2026-10-24)</c> or, for a sum of several tables, <c>$0.00195 (calculated)</c>.
    /// </summary>
    public override string ToString() => $"${Amount.ToString("0.############", CultureInfo.InvariantCulture)} ({Origin()})";

    private string Origin()
    {
        if (Source == CostSource.Reported)
            return "reported by the service";
        string date = PricesAsOf is { } day ? " of " + day.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture) : "";
        return Prices is { Length: > 0 } table ? table + date
            : date.Length > 0 ? "prices" + date
            : "calculated";
    }
}
