namespace RawLlm.Protocols;

/// <summary>The kinds of events on the Responses wire, as far as they matter here.</summary>
internal enum ResponsesEventKind
{
    /// <summary>Not read: a later event repeats its content.</summary>
    Skipped,

    /// <summary>An unknown name, or no name at all.</summary>
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

    /// <summary>A piece of text, if it contains one: an older name (OpenRouter, 2025).</summary>
    PartDelta,
    PartDone,
    SummaryPartDone,
    ItemAdded,
    ItemDone,

    /// <summary>The beginning of the answer, with its ID and its model.</summary>
    Head,
    Completed,
    Incomplete,
    Failed,
    Cancelled,
    Error,

    /// <summary>A citation in a text.</summary>
    Annotation,

    /// <summary>Progress of tools that the service runs, and whatever the wire adds.</summary>
    Other,
}
