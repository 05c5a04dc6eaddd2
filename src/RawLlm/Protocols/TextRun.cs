namespace RawLlm.Protocols;

/// <summary>A text that comes in pieces. Half of a surrogate pair at the end of one piece waits for the other half in the next.</summary>
/// <param name="kind">Text, reasoning or refusal.</param>
/// <param name="choice">Which of several answers side by side.</param>
/// <param name="part">The number of the part.</param>
/// <param name="place">Where the text stands, for quirks.</param>
internal sealed class TextRun(StreamEventKind kind, int choice, int part, string place) : PieceTarget(kind, choice, part)
{
    /// <summary>Counts what is given, predicted pieces too; null where nobody asks.</summary>
    public TextCount? Counted { get; init; }

    /// <summary>Begins another text in place of this one, which was flushed.</summary>
    public void Restart(StreamEventKind kind, int part)
    {
        Kind = kind;
        Part = part;
    }

    public override void Add(JsonText piece, EventBuffer events)
    {
        events.Trace?.Note(this, piece.Raw);
        var room = events.Reserve(piece.MaxLength);
        int length = piece.CopyTo(room, ref Pending, out var flaw);
        if (flaw != QuirkKind.None)
            events.Note(flaw, place);
        Counted?.Add(length, room[..length]);
        events.Commit(Kind, Choice, Part, length, name: Name);
    }

    /// <summary>The text has ended: gives what was held back.</summary>
    public void Flush(EventBuffer events)
    {
        if (Pending == 0)
            return;
        Pending = '\0';
        events.Note(QuirkKind.LoneSurrogate, place);
        Counted?.Add(3, "\uFFFD"u8);
        events.Add(Kind, Choice, Part, "\uFFFD"u8, name: Name);
    }
}
