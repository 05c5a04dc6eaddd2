namespace RawLlm.Protocols;

/// <summary>One text of an item: a content part, or a part of the summary of the thoughts.</summary>
internal sealed class OutputText(StreamEventKind kind, bool isSummary, int index)
{
    public StreamEventKind Kind => kind;

    public bool IsSummary => isSummary;

    /// <summary>The wire's number of the text within the item.</summary>
    public int Index => index;

    /// <summary>The number of the part that it is given as; -1 as long as it has no text.</summary>
    public int Part = -1;

    public TextRun? Run;
    public bool IsDone;

    /// <summary>True once all of it was said at its end.</summary>
    public bool IsCompared;

    /// <summary>What was said of it as it began, as it stands in JSON; it counts when nothing else comes.</summary>
    public byte[] Kept = [];
    public bool IsKeptEscaped;

    /// <summary>True when the first event of the item said it, and not that of the part.</summary>
    public bool IsKeptOfItem;

    /// <summary>The sources that it cites; null as long as there is none.</summary>
    public List<Citation>? Citations;

    /// <summary>How many of them were given.</summary>
    public int CitationsGiven;

    /// <summary>True when one of them has not gone into what the service wants back.</summary>
    public bool HasNewCitations;

    public bool HasText => Part >= 0;
}
