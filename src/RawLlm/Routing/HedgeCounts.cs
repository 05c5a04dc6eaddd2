namespace RawLlm;

/// <summary>How many calls of a chain were asked of a second client as well (<see cref="FallbackOptions.HedgeAfter"/>).</summary>
/// <param name="Calls">All calls.</param>
/// <param name="Hedged">Those of which a second client was asked.</param>
/// <param name="Refused">Those that were late enough, and of which no second one was asked because the share was used up (<see cref="FallbackOptions.HedgeShare"/>).</param>
public readonly record struct HedgeCounts(long Calls, long Hedged, long Refused);
