namespace RawLlm.Protocols;

/// <summary>Finds tags in the raw body of a JSON string. Some services escape characters with a meaning in HTML (Google, 2025).</summary>
internal static class TagText
{
    /// <summary>
    /// Returns the length of the tag that a text starts with: 0 if the text starts otherwise, -1 if it ends before that is known.
    /// </summary>
    public static int Match(ReadOnlySpan<byte> tag, ReadOnlySpan<byte> raw)
    {
        int length = 0;
        foreach (byte b in tag)
        {
            var rest = raw[length..];
            if (rest.IsEmpty)
                return -1;
            if (rest[0] == b)
                length++;
            else if (b == '/' && rest.StartsWith("\\/"u8))
                length += 2;
            else if (
                b is (byte)'<' or (byte)'>'
                && rest.Length >= 6
                && rest.StartsWith("\\u003"u8)
                && (rest[5] | 0x20) == (b == '<' ? 'c' : 'e')
            )
            {
                length += 6;
            }
            else
                return 0;
        }
        return length;
    }

    /// <summary>Returns the length of the tag that a text starts with; 0 if the text does not start with all of it.</summary>
    public static int LengthOf(ReadOnlySpan<byte> tag, ReadOnlySpan<byte> raw) => Math.Max(0, Match(tag, raw));

    /// <summary>
    /// Returns the position of a tag. If there is none, returns the position of its possible beginning at the end of the text, or the
    /// length of the text.
    /// </summary>
    public static int IndexOf(ReadOnlySpan<byte> tag, ReadOnlySpan<byte> raw, out bool isWhole)
    {
        int at = 0;
        while (true)
        {
            int next = raw[at..].IndexOfAny((byte)'<', (byte)'\\');
            isWhole = false;
            if (next < 0)
                return raw.Length;
            at += next;
            int length = Match(tag, raw[at..]);
            isWhole = length > 0;
            if (length != 0)
                return at;
            // An escaped backslash starts no escape.
            at += raw[at] == '\\' ? 2 : 1;
        }
    }
}
