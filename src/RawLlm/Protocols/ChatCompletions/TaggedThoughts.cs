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
            int opening = choice.IsThinking ? 0 : TagLength(raw, "<thought>"u8);
            bool isThought = !isWhole || opening > 0;
            int end = isThought ? IndexOfClosing(raw) : opening;
            if (end > opening)
                choice.Reason(JsonText.Of(raw[opening..end], content.IsEscaped), events);
            raw = raw[end..];
            choice.IsThinking = isThought && raw.IsEmpty;
        }
        else
        {
            choice.IsThinking = false;
        }
        if (!choice.IsThinking)
            choice.Say(JsonText.Of(raw[TagLength(raw, "</thought>"u8)..], content.IsEscaped), events);
    }

    private static int IndexOfClosing(ReadOnlySpan<byte> raw)
    {
        for (int at = 0; at < raw.Length; at++)
        {
            if (TagLength(raw[at..], "</thought>"u8) > 0)
                return at;
            // A backslash that is escaped begins no escape.
            if (raw[at] == '\\')
                at++;
        }
        return raw.Length;
    }

    // How many bytes of the body of a string its beginning takes that is this tag; 0 where it is not. Google escapes what means something in HTML.
    private static int TagLength(ReadOnlySpan<byte> raw, ReadOnlySpan<byte> tag)
    {
        int length = 0;
        foreach (byte b in tag)
        {
            var rest = raw[length..];
            if (rest.StartsWith([b]))
                length++;
            else if (b == '/' && rest.StartsWith("\\/"u8))
                length += 2;
            else if (b is (byte)'<' or (byte)'>' && rest.Length >= 6 && rest.StartsWith("\\u003"u8) && (rest[5] | 0x20) == (b == '<' ? 'c' : 'e'))
                length += 6;
            else
                return 0;
        }
        return length;
    }
}
