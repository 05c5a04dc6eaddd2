namespace RawLlm;

/// <summary>Something that says how long a client is waited for.</summary>
// A chain knows it by this alone: what nobody asks for is linked nowhere.
internal interface IHedgeTimesSource
{
    /// <summary>Begins to learn.</summary>
    HedgeTimes Begin();
}
