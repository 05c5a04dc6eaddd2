namespace RawLlm.Protocols;

/// <summary>
/// Emits content of Gemini's compatible endpoint (2025), which includes reasoning if it was requested: <c>extra_content</c> marks it, and
/// tags surround it.
/// </summary>
internal static class TaggedReasoning
{
    /// <summary>Emits content that is marked as reasoning, or the first content after it.</summary>
    /// <param name="content">The content.</param>
    /// <param name="isMarked">Whether the content is marked as reasoning.</param>
    /// <param name="isWhole">Whether this is all of an answer's content: the mark then means that it includes reasoning, and the tags show
    /// where.</param>
    /// <param name="choice">The choice that it belongs to.</param>
    /// <param name="events">Receives the events.</param>
    public static void Emit(JsonText content, bool isMarked, bool isWhole, ChoiceState choice, EventBuffer events)
    {
        var raw = content.Raw;
        if (isMarked)
        {
            int opening = choice.IsThinking ? 0 : TagText.LengthOf("<thought>"u8, raw);
            bool isThought = !isWhole || opening > 0;
            int end = isThought ? IndexOfClosing(raw) : opening;
            if (end > opening)
                choice.EmitReasoningInContent(JsonText.Of(raw[opening..end], content.IsEscaped), events);
            raw = raw[end..];
            choice.IsThinking = isThought && raw.IsEmpty;
        }
        else
        {
            choice.IsThinking = false;
        }
        if (!choice.IsThinking)
            choice.EmitText(JsonText.Of(raw[TagText.LengthOf("</thought>"u8, raw)..], content.IsEscaped), events);
    }

    private static int IndexOfClosing(ReadOnlySpan<byte> raw)
    {
        int at = TagText.IndexOf("</thought>"u8, raw, out bool isWhole);
        return isWhole ? at : raw.Length;
    }
}
