namespace RawLlm.Protocols;

/// <summary>A frame that was found to fit a template, and where the text of its piece lies: one number, because each is written and read once.</summary>
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

    /// <summary>A frame whose text stands in it, as it is.</summary>
    /// <param name="template">The number of its template.</param>
    /// <param name="start">Where the text begins, from the frame's first byte.</param>
    /// <param name="textLength">How long it is.</param>
    /// <param name="length">How long the frame is.</param>
    public static FrameAhead Of(int template, int start, int textLength, int length) =>
        new((uint)start | (ulong)textLength << TextAt | (ulong)length << LengthAt | (ulong)template << TemplateAt);

    /// <summary>A frame whose text lies in the scratch, where it was freed from escapes.</summary>
    /// <param name="template">The number of its template.</param>
    /// <param name="start">Where the text begins in the scratch.</param>
    /// <param name="textLength">How long it is.</param>
    /// <param name="length">How long the frame is.</param>
    public static FrameAhead OfScratch(int template, int start, int textLength, int length) => new(Of(template, start, textLength, length)._value | InScratch);

    public int Start => (ushort)_value;

    public int TextLength => (ushort)(_value >> TextAt);

    public bool IsInScratch => (long)_value < 0;

    public int Template => (int)((_value & ~InScratch) >> TemplateAt);

    public int Length => (int)(_value >> LengthAt) & LongestFrame;
}
