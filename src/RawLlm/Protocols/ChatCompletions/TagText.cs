namespace RawLlm.Protocols;

/// <summary>Finds tags in the body of a JSON string, as it stands on the wire: some services escape what means something in HTML (Google, 2025).</summary>
internal static class TagText
{
    /// <summary>How many bytes the tag takes with which a text begins: 0 where it does not begin with it, -1 where it ends before that is known.</summary>
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
            else if (b is (byte)'<' or (byte)'>' && rest.Length >= 6 && rest.StartsWith("\\u003"u8) && (rest[5] | 0x20) == (b == '<' ? 'c' : 'e'))
                length += 6;
            else
                return 0;
        }
        return length;
    }

    /// <summary>How many bytes the tag takes with which a text begins; 0 where it does not begin with all of it.</summary>
    public static int LengthOf(ReadOnlySpan<byte> tag, ReadOnlySpan<byte> raw) => Math.Max(0, Match(tag, raw));

    /// <summary>Where a tag begins; where there is none, what may be the beginning of one at the end of the text, or else the end.</summary>
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
            // A backslash that is escaped begins no escape.
            at += raw[at] == '\\' ? 2 : 1;
        }
    }
}
