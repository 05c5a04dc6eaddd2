namespace RawLlm.Protocols;

/// <summary>Gives content of Gemini's compatible endpoint (2025), in which thoughts stand where they are asked for: <c>extra_content</c> marks them, and tags stand around them.</summary>
internal static class TaggedThoughts
{
    /// <summary>Gives content that is marked, or that is the first behind such.</summary>
    /// <param name="content">The content.</param>
    /// <param name="isMarked">True where it is said to be a thought.</param>
    /// <param name="isWhole">True for all of an answer's content: the mark then says that there are thoughts in it, and the tags tell which.</param>
    /// <param name="choice">The choice that it is of.</param>
    /// <param name="events">Takes the events.</param>
    public static void Give(JsonText content, bool isMarked, bool isWhole, ChoiceState choice, EventBuffer events)
    {
        var raw = content.Raw;
        if (isMarked)
        {
            int opening = choice.IsThinking ? 0 : TagText.LengthOf("<thought>"u8, raw);
            bool isThought = !isWhole || opening > 0;
            int end = isThought ? IndexOfClosing(raw) : opening;
            if (end > opening)
                choice.ReasonInContent(JsonText.Of(raw[opening..end], content.IsEscaped), events);
            raw = raw[end..];
            choice.IsThinking = isThought && raw.IsEmpty;
        }
        else
        {
            choice.IsThinking = false;
        }
        if (!choice.IsThinking)
            choice.SayPlain(JsonText.Of(raw[TagText.LengthOf("</thought>"u8, raw)..], content.IsEscaped), events);
    }

    private static int IndexOfClosing(ReadOnlySpan<byte> raw)
    {
        int at = TagText.IndexOf("</thought>"u8, raw, out bool isWhole);
        return isWhole ? at : raw.Length;
    }
}
