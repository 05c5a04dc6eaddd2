namespace RawLlm.Protocols;

/// <summary>
/// A frame that was matched ahead: its template, and where the text of its piece is. Packed into one number, because each is written and
/// read once.
/// </summary>
internal readonly struct FrameAhead
{
    /// <summary>The largest start or length of a piece.</summary>
    public const int Longest = ushort.MaxValue;

    /// <summary>The length of the largest frame.</summary>
    public const int LongestFrame = (1 << (TemplateAt - LengthAt)) - 1;

    private const int TextAt = 16;
    private const int LengthAt = 32;
    private const int TemplateAt = 56;
    private const ulong InScratch = 1UL << 63;

    private readonly ulong _value;

    private FrameAhead(ulong value) => _value = value;

    /// <summary>A frame that contains its text unescaped.</summary>
    /// <param name="template">The number of its template.</param>
    /// <param name="start">Where the text begins, relative to the frame's first byte.</param>
    /// <param name="textLength">The length of the text.</param>
    /// <param name="length">The length of the frame.</param>
    public static FrameAhead Of(int template, int start, int textLength, int length) =>
        new((uint)start | (ulong)textLength << TextAt | (ulong)length << LengthAt | (ulong)template << TemplateAt);

    /// <summary>A frame whose text was unescaped into the scratch room.</summary>
    /// <param name="template">The number of its template.</param>
    /// <param name="start">Where the text begins in the scratch room.</param>
    /// <param name="textLength">The length of the text.</param>
    /// <param name="length">The length of the frame.</param>
    public static FrameAhead OfScratch(int template, int start, int textLength, int length) =>
        new(Of(template, start, textLength, length)._value | InScratch);

    public int Start => (ushort)_value;

    public int TextLength => (ushort)(_value >> TextAt);

    public bool IsInScratch => (long)_value < 0;

    public int Template => (int)((_value & ~InScratch) >> TemplateAt);

    public int Length => (int)(_value >> LengthAt) & LongestFrame;
}
