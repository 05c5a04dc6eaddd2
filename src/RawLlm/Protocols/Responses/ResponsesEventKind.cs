namespace RawLlm.Protocols;

/// <summary>What an event of the Responses wire is about, as far as it matters here.</summary>
internal enum ResponsesEventKind
{
    /// <summary>Nothing that is read: what it says comes again in a later event, or it is not known at all.</summary>
    Skipped,
    TextDelta,
    TextDone,
    RefusalDelta,
    RefusalDone,
    SummaryDelta,
    SummaryDone,
    ReasoningDelta,
    ReasoningDone,
    ArgumentsDelta,
    ArgumentsDone,
    InputDelta,
    InputDone,
    PartDone,
    SummaryPartDone,
    ItemAdded,
    ItemDone,

    /// <summary>The answer's head, which names its id and its model.</summary>
    Head,
    Completed,
    Incomplete,
    Failed,
    Cancelled,
    Error,

    /// <summary>Progress of tools that the service runs, annotations, and whatever the wire grows.</summary>
    Other,
}
