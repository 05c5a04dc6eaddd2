namespace RawLlm.Comparisons.Results;

/// <summary>One bar of a chart.</summary>
/// <param name="Label">What stands beside it.</param>
/// <param name="Value">How long it is.</param>
/// <param name="Style">The class of its colour: <c>floor</c>, <c>own</c> or <c>rival</c>.</param>
internal sealed record Bar(string Label, double Value, string Style);
