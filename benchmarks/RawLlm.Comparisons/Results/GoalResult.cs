using System.Globalization;

namespace RawLlm.Comparisons.Results;

/// <summary>A goal and what was reached.</summary>
/// <param name="Text">The goal in words.</param>
/// <param name="Reached">The figure.</param>
/// <param name="Bound">The figure that is to be reached.</param>
/// <param name="IsLeast">True where the bound is the least that will do, false where it is the most.</param>
/// <param name="Unit">What both are counted in, as in <c>KiB</c>; <c>x</c> for a ratio.</param>
internal sealed record GoalResult(string Text, double Reached, double Bound, bool IsLeast, string Unit)
{
    /// <summary>Whether the goal is met. What is no number meets none.</summary>
    public bool IsMet => IsLeast ? Reached >= Bound : Reached <= Bound;

    /// <summary>The figure with its unit.</summary>
    public string ReachedText => $"{Number(Reached)} {Unit}";

    /// <summary>The bound with its direction and unit.</summary>
    public string BoundText => $"{(IsLeast ? "≥" : "≤")} {Number(Bound)} {Unit}";

    public override string ToString() => $"{(IsMet ? "met    " : "NOT MET")}  {Text}: {ReachedText} (goal {BoundText})";

    private static string Number(double value) => value.ToString(Math.Abs(value) >= 1000 ? "#,0" : "0.###", CultureInfo.InvariantCulture);
}
