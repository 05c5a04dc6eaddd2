using System.Buffers.Text;
using System.Diagnostics;
using System.Globalization;

namespace RawLlm.Comparisons.Loopback;

/// <summary>
/// Reads the server's timestamp from each piece of text and records how long ago it was. All processes of a machine read the same clock.
/// </summary>
internal sealed class StampSink : TextSink
{
    private static readonly double MicrosecondsPerTick = 1e6 / Stopwatch.Frequency;

    /// <summary>The microseconds from the server's write to the caller.</summary>
    public List<double> Delays { get; } = new(1024);

    public override void Text(ReadOnlySpan<byte> utf8)
    {
        long now = Stopwatch.GetTimestamp();
        if (Utf8Parser.TryParse(utf8, out long stamp, out int count) && count == utf8.Length)
            Delays.Add((now - stamp) * MicrosecondsPerTick);
    }

    public override void Text(string text)
    {
        long now = Stopwatch.GetTimestamp();
        if (long.TryParse(text, CultureInfo.InvariantCulture, out long stamp))
            Delays.Add((now - stamp) * MicrosecondsPerTick);
    }

    public override void Raw(ReadOnlySpan<byte> bytes)
    {
        long now = Stopwatch.GetTimestamp();
        for (int at; (at = bytes.IndexOf("\"content\":\""u8)) >= 0; )
        {
            bytes = bytes[(at + 11)..];
            if (Utf8Parser.TryParse(bytes, out long stamp, out int _))
                Delays.Add((now - stamp) * MicrosecondsPerTick);
        }
    }
}
