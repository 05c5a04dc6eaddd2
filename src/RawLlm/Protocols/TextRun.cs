namespace RawLlm.Protocols;

/// <summary>A text that comes in pieces. Half of a surrogate pair at the end of one piece waits for the other half in the next.</summary>
/// <remarks>A struct to be kept in one place.</remarks>
internal struct TextRun
{
    private char _pending;

    /// <summary>Gives a piece as an event; nothing when it is empty.</summary>
    /// <param name="text">The piece.</param>
    /// <param name="kind">Text, reasoning or refusal.</param>
    /// <param name="choice">Which of several answers side by side.</param>
    /// <param name="part">The number of the part.</param>
    /// <param name="place">Where the text stands, for the quirk.</param>
    /// <param name="events">Takes the event.</param>
    public void Give(JsonText text, StreamEventKind kind, int choice, int part, string place, EventBuffer events)
    {
        int length = text.CopyTo(events.Reserve(text.MaxLength), ref _pending, out var flaw);
        if (flaw != QuirkKind.None)
            events.Note(flaw, place);
        events.Commit(kind, choice, part, length);
    }

    /// <summary>The text has ended: gives what was held back.</summary>
    public void Flush(StreamEventKind kind, int choice, int part, string place, EventBuffer events)
    {
        if (_pending == 0)
            return;
        _pending = '\0';
        events.Note(QuirkKind.LoneSurrogate, place);
        events.Add(kind, choice, part, "\uFFFD"u8);
    }
}
