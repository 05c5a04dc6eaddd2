namespace RawLlm.Comparisons.Results;

/// <summary>One bar of a chart.</summary>
/// <param name="Label">Its label.</param>
/// <param name="Value">Its length.</param>
/// <param name="Style">Its CSS class: <c>floor</c>, <c>own</c> or <c>rival</c>.</param>
internal sealed record Bar(string Label, double Value, string Style);
