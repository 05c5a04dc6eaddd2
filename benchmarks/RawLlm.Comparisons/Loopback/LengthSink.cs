using System.Diagnostics;
using System.Text;

namespace RawLlm.Comparisons.Loopback;

/// <summary>Counts the content, and records when its first part arrived.</summary>
internal sealed class LengthSink : TextSink
{
    /// <summary>The number of text bytes so far.</summary>
    public long Length { get; private set; }

    /// <summary>The number of undecoded bytes so far.</summary>
    public long RawLength { get; private set; }

    /// <summary>The time at which the first content arrived.</summary>
    public long FirstAt { get; private set; }

    public override void Text(ReadOnlySpan<byte> utf8)
    {
        if (FirstAt == 0)
            FirstAt = Stopwatch.GetTimestamp();
        Length += utf8.Length;
    }

    public override void Text(string text)
    {
        if (FirstAt == 0)
            FirstAt = Stopwatch.GetTimestamp();
        Length += Encoding.UTF8.GetByteCount(text);
    }

    public override void Raw(ReadOnlySpan<byte> bytes)
    {
        if (FirstAt == 0)
            FirstAt = Stopwatch.GetTimestamp();
        RawLength += bytes.Length;
    }
}
