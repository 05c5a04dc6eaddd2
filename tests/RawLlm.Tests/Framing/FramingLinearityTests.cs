using System.Text;
using RawLlm.Framing;
using RawLlm.Tests.Support;

namespace RawLlm.Tests.Framing;

/// <summary>
/// A long frame that arrives in small pieces. Until the frame is complete, bytes that the reader has seen are overwritten with end
/// marks, so a reader that looks at them again ends the frame early or fails. A clock could only estimate such repeated work.
/// </summary>
public sealed class FramingLinearityTests
{
    private const int Length = 1 << 20;
    private const int Drip = 16;

    [Fact]
    public void SseReader_LongLineInSmallChunks_SearchesEachByteOnce() =>
        AssertSeenOnce(new SseReader(), "data: " + new string('x', Length) + "\n\n", new string('x', Length), "\n\r\n\n");

    [Fact]
    public void SseReader_EventOfManyLinesInSmallChunks_SearchesEachLineOnce()
    {
        string[] lines = [.. Enumerable.Repeat(new string('x', 100), Length / 100)];
        AssertSeenOnce(
            new SseReader(),
            string.Concat(lines.Select(line => $"data: {line}\n")) + "\n",
            string.Join('\n', lines),
            "\n\r\n\n",
            keepLine: true
        );
    }

    [Fact]
    public void JsonLinesReader_LongLineInSmallChunks_SearchesEachByteOnce() =>
        AssertSeenOnce(new JsonLinesReader(), "{" + new string('x', Length) + "}\n", "{" + new string('x', Length) + "}", "\n");

    [Fact]
    public void JsonArrayReader_LongStringInSmallChunks_SearchesEachByteOnce() =>
        AssertSeenOnce(new JsonArrayReader(), "{\"" + new string('x', Length) + "\"}", "{\"" + new string('x', Length) + "\"}", "\"}]}");

    [Fact]
    public void JsonArrayReader_ManyBracketsInSmallChunks_SearchesEachByteOnce()
    {
        string element = "{" + string.Concat(Enumerable.Repeat("\"a\\\"\":[{}],", Length / 12)) + "}";
        AssertSeenOnce(new JsonArrayReader(), element, element, "\"}]}");
    }

    [Fact]
    public void AwsEventStreamReader_LongMessageInSmallChunks_ReadsPreludeOnce()
    {
        string payload = new('x', Length);
        AssertSeenOnce(new AwsEventStreamReader(), Encoding.Latin1.GetString(AwsMessage.Event("a", payload)), payload, "\0");
    }

    private static void AssertSeenOnce(FrameReader reader, string wire, string data, string poison, bool keepLine = false)
    {
        byte[] input = Encoding.Latin1.GetBytes(wire);
        byte[] shown = [.. input];

        // The last bytes arrive at the end, together with the original bytes of all others: they complete the frame.
        int spoiled = 0;
        for (int end = Drip; end < input.Length - 2; end += Drip)
        {
            Assert.False(
                reader.TryRead(shown.AsSpan(0, end), false, out _, out int consumed),
                $"A frame was found in seen bytes at {end}."
            );
            Assert.Equal(0, consumed);
            int seen = keepLine ? input.AsSpan(0, end).LastIndexOf((byte)'\n') + 1 : end;
            for (; spoiled < seen; spoiled++)
                shown[spoiled] = (byte)poison[spoiled % poison.Length];
        }

        Assert.True(reader.TryRead(input, false, out var frame, out int all));
        Assert.Equal(input.Length, all);
        Assert.True(Encoding.Latin1.GetString(frame.Data) == data, "The data is another.");
        reader.Dispose();
    }
}
