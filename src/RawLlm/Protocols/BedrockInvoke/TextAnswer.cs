namespace RawLlm.Protocols;

/// <summary>One of the choices of a model that returns plain text.</summary>
internal sealed class TextAnswer(int index)
{
    private TextRun? _run;

    /// <summary>The index of the choice.</summary>
    public int Index { get; } = index;

    /// <summary>The number of the choice's next part.</summary>
    public int NextPart { get; set; }

    /// <summary>The number of the text part.</summary>
    public int TextPart => _run?.Part ?? 0;

    /// <summary>Whether any text has arrived.</summary>
    public bool HasText => _run is not null;

    /// <summary>The service's own finish reason.</summary>
    public StopWord Stop;

    /// <summary>Whether the choice has ended, with or without a finish reason.</summary>
    public bool IsStopped { get; set; }

    /// <summary>Adds a piece of text.</summary>
    public void Add(JsonText piece, EventBuffer events)
    {
        if (piece.IsEmpty)
            return;
        if (IsStopped)
            events.Note(QuirkKind.ContentAfterFinish, "text");
        _run ??= new TextRun(StreamEventKind.Text, Index, NextPart++, "text");
        _run.Add(piece, events);
    }

    /// <summary>Ends the text.</summary>
    public void Flush(EventBuffer events) => _run?.Flush(events);
}
