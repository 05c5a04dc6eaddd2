namespace RawLlm.Protocols;

/// <summary>What an event of the Responses wire is about, as far as it matters here.</summary>
internal enum ResponsesEventKind
{
    /// <summary>Nothing that is read: what it says comes again in a later event.</summary>
    Skipped,

    /// <summary>No name of the wire, or no name at all.</summary>
    Foreign,
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
    PartAdded,

    /// <summary>A piece of text, where it is one: an older name (OpenRouter, 2025).</summary>
    PartDelta,
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

    /// <summary>A source that a text cites.</summary>
    Annotation,

    /// <summary>Progress of tools that the service runs, and whatever the wire grows.</summary>
    Other,
}
