namespace RawLlm;

/// <summary>How many calls of a chain asked a second client as well (<see cref="FallbackOptions.HedgeAfter"/>).</summary>
/// <param name="Calls">The number of all calls.</param>
/// <param name="Hedged">Those that asked a second client.</param>
/// <param name="Refused">Those that were late enough, but asked no second client because the share was used up
/// (<see cref="FallbackOptions.MaxHedgeShare"/>).</param>
public readonly record struct HedgeCounts(long Calls, long Hedged, long Refused);
