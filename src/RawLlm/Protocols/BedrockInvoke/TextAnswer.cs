namespace RawLlm.Protocols;

/// <summary>One of the texts that a model of one text gives side by side.</summary>
internal sealed class TextAnswer(int index)
{
    private TextRun? _run;

    /// <summary>Its number.</summary>
    public int Index { get; } = index;

    /// <summary>The number of its next part.</summary>
    public int NextPart { get; set; }

    /// <summary>The number of its text.</summary>
    public int TextPart => _run?.Part ?? 0;

    /// <summary>True once something was said.</summary>
    public bool HasText => _run is not null;

    /// <summary>The word with which it ended.</summary>
    public StopWord Stop;

    /// <summary>True once it ended, with a word or without.</summary>
    public bool IsStopped { get; set; }

    /// <summary>Gives a piece.</summary>
    public void Give(JsonText piece, EventBuffer events)
    {
        if (piece.IsEmpty)
            return;
        if (IsStopped)
            events.Note(QuirkKind.ContentAfterFinish, "text");
        _run ??= new TextRun(StreamEventKind.Text, Index, NextPart++, "text");
        _run.Add(piece, events);
    }

    /// <summary>The text has ended.</summary>
    public void Flush(EventBuffer events) => _run?.Flush(events);
}
