namespace RawLlm.Protocols;

/// <summary>Converts positions in a text from bytes or characters to the UTF-16 units of its string.</summary>
/// <remarks>Counts once and remembers: many positions in one long text cost no more than one pass over it.</remarks>
internal sealed class TextPositions
{
    private const int Step = 256;

    private readonly ReadOnlyMemory<byte> _utf8;

    // How many characters and units come before each byte whose number is a multiple of the step; null if all bytes are ASCII.
    private readonly (int Characters, int Units)[]? _before;

    /// <summary>Counts a text.</summary>
    /// <param name="utf8">Valid UTF-8.</param>
    public TextPositions(ReadOnlyMemory<byte> utf8)
    {
        _utf8 = utf8;
        var bytes = utf8.Span;
        if (System.Text.Ascii.IsValid(bytes))
            return;
        _before = new (int, int)[bytes.Length / Step + 1];
        var (characters, units) = (0, 0);
        for (int i = 0; i < bytes.Length; i++)
        {
            if (i % Step == 0)
                _before[i / Step] = (characters, units);
            Count(bytes[i], ref characters, ref units);
        }
        if (bytes.Length % Step == 0)
            _before[^1] = (characters, units);
    }

    /// <summary>Returns the unit at a byte; -1 outside the text and inside a character.</summary>
    public int FromByte(int offset)
    {
        var bytes = _utf8.Span;
        if ((uint)offset > (uint)bytes.Length)
            return -1;
        if (_before is null)
            return offset;
        if (offset < bytes.Length && IsInside(bytes[offset]))
            return -1;
        var (characters, units) = _before[offset / Step];
        for (int i = offset / Step * Step; i < offset; i++)
            Count(bytes[i], ref characters, ref units);
        return units;
    }

    /// <summary>Returns the unit at a character; -1 outside the text.</summary>
    public int FromCharacter(int offset)
    {
        var bytes = _utf8.Span;
        if (_before is null)
            return offset <= bytes.Length ? offset : -1;
        int low = 0;
        for (int high = _before.Length; high - low > 1; )
        {
            int middle = (low + high) / 2;
            if (_before[middle].Characters <= offset)
                low = middle;
            else
                high = middle;
        }
        var (characters, units) = _before[low];
        int at = low * Step;
        // The rest of a character that began before the step counts as nothing.
        while (at < bytes.Length && (characters < offset || IsInside(bytes[at])))
            Count(bytes[at++], ref characters, ref units);
        return characters == offset ? units : -1;
    }

    private static bool IsInside(byte b) => (b & 0xC0) == 0x80;

    private static void Count(byte b, ref int characters, ref int units)
    {
        if (IsInside(b))
            return;
        characters++;
        units += b >= 0xF0 ? 2 : 1;
    }
}
