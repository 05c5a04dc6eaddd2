namespace RawLlm.Protocols;

/// <summary>The word with which a service says why its answer ended; it may come again, and be another one then.</summary>
internal struct StopWord
{
    /// <summary>The last one, as the service wrote it; null while none came.</summary>
    public string? Text { get; private set; }

    /// <summary>Takes a word; none and an empty one both mean that nothing was said.</summary>
    /// <param name="word">The word.</param>
    /// <param name="place">Where it stands on the wire, for quirks.</param>
    /// <param name="events">Takes quirks.</param>
    public void Take(JsonText word, string place, EventBuffer events)
    {
        if (word.IsEmpty)
            return;
        string text = KnownText.Get(word);
        if (Text is not null && Text != text)
            events.Note(QuirkKind.RepeatedFinishReason, place);
        Text = text;
        if (StopWords.Read(text) == StopReason.Unknown)
            events.Note(QuirkKind.UnknownFinishReason, place);
    }
}
