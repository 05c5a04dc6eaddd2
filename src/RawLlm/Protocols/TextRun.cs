namespace RawLlm.Protocols;

/// <summary>A text that arrives in pieces. Half a surrogate pair at the end of one piece waits for the other half in the next.</summary>
/// <param name="kind">Text, reasoning or refusal.</param>
/// <param name="choice">The number of the choice.</param>
/// <param name="part">The number of the part.</param>
/// <param name="place">The place of the text, for quirks.</param>
internal sealed class TextRun(StreamEventKind kind, int choice, int part, string place) : PieceTarget(kind, choice, part)
{
    /// <summary>Counts what is returned, including predicted pieces; null if no count is needed.</summary>
    public TextCount? Counted { get; init; }

    /// <summary>Starts another text after this one was flushed.</summary>
    public void Restart(StreamEventKind kind, int part)
    {
        Kind = kind;
        Part = part;
    }

    public override void Add(JsonText piece, EventBuffer events)
    {
        events.Trace?.RecordPiece(this, piece.Raw);
        var room = events.Reserve(piece.MaxLength);
        int length = piece.CopyTo(room, ref Pending, out var flaw);
        if (flaw != QuirkKind.None)
            events.Note(flaw, place);
        Counted?.Add(length, room[..length]);
        events.Commit(Kind, Choice, Part, length, name: Name);
    }

    /// <summary>Ends the text and emits what was held back.</summary>
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
