namespace RawLlm.Testing;

/// <summary>A kind of fault.</summary>
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
