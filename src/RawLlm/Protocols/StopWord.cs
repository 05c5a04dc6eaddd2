namespace RawLlm.Protocols;

/// <summary>The word that a service sends as its stop reason. It may arrive again, and differ then.</summary>
internal struct StopWord
{
    /// <summary>The last word, as the service wrote it; null until one arrives.</summary>
    public string? Text { get; private set; }

    /// <summary>Takes a word. A missing and an empty word both mean that there is none.</summary>
    /// <param name="word">The word.</param>
    /// <param name="place">The place on the wire, for quirks.</param>
    /// <param name="events">Receives quirks.</param>
    public void Set(JsonText word, string place, EventBuffer events)
    {
        if (word.IsEmpty)
            return;
        string text = StringCache.Get(word);
        if (Text is not null && Text != text)
            events.Note(QuirkKind.RepeatedFinishReason, place);
        Text = text;
        if (StopWords.Read(text) == StopReason.Unknown)
            events.Note(QuirkKind.UnknownFinishReason, place);
    }
}
