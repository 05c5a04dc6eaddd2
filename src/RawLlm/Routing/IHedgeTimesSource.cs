namespace RawLlm;

/// <summary>An option that decides how long to wait for a client.</summary>
// A chain refers only to this interface, so that the implementation can be trimmed if no option uses it.
internal interface IHedgeTimesSource
{
    /// <summary>Begins to learn.</summary>
    HedgeTimes Begin();
}
