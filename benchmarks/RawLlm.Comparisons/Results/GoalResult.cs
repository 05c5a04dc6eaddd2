using System.Globalization;

namespace RawLlm.Comparisons.Results;

/// <summary>A goal and its result.</summary>
/// <param name="Text">The goal in words.</param>
/// <param name="Reached">The measured figure.</param>
/// <param name="Bound">The target figure.</param>
/// <param name="IsLeast">Whether the bound is a minimum; otherwise it is a maximum.</param>
/// <param name="Unit">The unit of both, such as <c>KiB</c>; <c>x</c> for a ratio.</param>
internal sealed record GoalResult(string Text, double Reached, double Bound, bool IsLeast, string Unit)
{
    /// <summary>Whether the goal is met. NaN meets no goal.</summary>
    public bool IsMet => IsLeast ? Reached >= Bound : Reached <= Bound;

    /// <summary>The figure with its unit.</summary>
    public string ReachedText => $"{Number(Reached)} {Unit}";

    /// <summary>The bound with its direction and unit.</summary>
    public string BoundText => $"{(IsLeast ? "≥" : "≤")} {Number(Bound)} {Unit}";

    public override string ToString() => $"{(IsMet ? "met    " : "NOT MET")}  {Text}: {ReachedText} (goal {BoundText})";

    private static string Number(double value) => value.ToString(Math.Abs(value) >= 1000 ? "#,0" : "0.###", CultureInfo.InvariantCulture);
}
