namespace RawLlm.Testing;

/// <summary>What goes wrong.</summary>
internal enum FaultKind
{
    Cut,
    Stall,
    StallBeforeHead,
    SmallReads,
    SplitCharacters,
    Drip,
    Page,
    ErrorInStream,
    NoEndMark,
    CallsWithoutIndex,
    KeepAlives,
    RefuseConnection,
    ResetBeforeHead,
}
