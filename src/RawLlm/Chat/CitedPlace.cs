namespace RawLlm;

/// <summary>
/// Where a service says that a source is cited, in its own units. <see cref="Citation.Start"/> is calculated from it once the whole text is
/// known.
/// </summary>
/// <param name="Unit">The unit of the positions.</param>
/// <param name="Start">Where the cited passage starts.</param>
/// <param name="End">Where it ends, exclusive.</param>
/// <param name="Passage">The passage itself, if the service repeats it; otherwise null.</param>
/// <param name="IsInLaterPart">Whether the positions count from a part other than the first.</param>
internal readonly record struct CitedPlace(CitedUnit Unit, int Start = 0, int End = 0, string? Passage = null, bool IsInLaterPart = false);
