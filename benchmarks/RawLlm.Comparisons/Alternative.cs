namespace RawLlm.Comparisons;

/// <summary>One way to do a piece of work.</summary>
/// <param name="Name">A short name for tables.</param>
/// <param name="Operations">The number by which the time of a run is divided.</param>
/// <param name="Run">Does the work.</param>
/// <param name="Prepare">Called before each run; not measured.</param>
internal sealed record Alternative(string Name, int Operations, Action Run, Action? Prepare = null);
