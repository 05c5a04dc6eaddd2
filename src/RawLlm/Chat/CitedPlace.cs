namespace RawLlm;

/// <summary>Where a service says that a source is cited, in its own units; <see cref="Citation.Start"/> is found from it once the whole text is known.</summary>
/// <param name="Unit">What is counted.</param>
/// <param name="Start">Where the cited passage begins.</param>
/// <param name="End">Where it ends, exclusive.</param>
/// <param name="Passage">The passage itself, where the service repeats it; null where it does not.</param>
/// <param name="IsInLaterPart">True where the service says that the numbers begin with a part that is not the first.</param>
internal readonly record struct CitedPlace(CitedUnit Unit, int Start = 0, int End = 0, string? Passage = null, bool IsInLaterPart = false);
