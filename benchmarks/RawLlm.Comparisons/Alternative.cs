namespace RawLlm.Comparisons;

/// <summary>One way to do a piece of work.</summary>
/// <param name="Name">A short name for tables.</param>
/// <param name="Operations">By how much the time of a run is divided.</param>
/// <param name="Run">Does the work.</param>
/// <param name="Prepare">Is called before each run and not measured.</param>
internal sealed record Alternative(string Name, int Operations, Action Run, Action? Prepare = null);
