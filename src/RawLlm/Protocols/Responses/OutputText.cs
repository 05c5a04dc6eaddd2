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

    public bool HasText => Part >= 0;
}
