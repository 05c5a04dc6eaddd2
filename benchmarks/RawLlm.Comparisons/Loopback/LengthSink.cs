using System.Diagnostics;
using System.Text;

namespace RawLlm.Comparisons.Loopback;

/// <summary>Counts what comes, and notes when the first of it came.</summary>
internal sealed class LengthSink : TextSink
{
    /// <summary>How many bytes of text have come.</summary>
    public long Length { get; private set; }

    /// <summary>How many bytes have come unread.</summary>
    public long RawLength { get; private set; }

    /// <summary>When the first text came.</summary>
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
