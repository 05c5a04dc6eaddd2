using System.Text;
using RawLlm.Framing;
using RawLlm.Tests.Faults;

namespace RawLlm.Tests.Framing;

public sealed class JsonLinesReaderTests
{
    [Theory]
    [InlineData("{\"a\":1}\n{\"b\":2}\n", "{\"a\":1}|{\"b\":2}")]
    [InlineData("{\"a\":1}\r\n{\"b\":2}\r\n", "{\"a\":1}|{\"b\":2}")]
    [InlineData("{\"a\":1}\n{\"b\":2}", "{\"a\":1}|~{\"b\":2}")]
    [InlineData("{\"a\":1}\n{\"b\":2}\r", "{\"a\":1}|~{\"b\":2}")]
    [InlineData("{\"a\":1}\n{\"b\":", "{\"a\":1}|~{\"b\":")]
    [InlineData("\n\r\n \t\n{\"a\":1}\n\n\n\r\n  {\"b\":2}\n  \n ", "{\"a\":1}|{\"b\":2}")]
    [InlineData("\u00EF\u00BB\u00BF{\"a\":1}\n", "{\"a\":1}")]
    [InlineData("\u00EF\u00BB\u00BF\n{\"a\":1}\n", "{\"a\":1}")]
    [InlineData("{\"a\":\"\u00EF\u00BB\u00BF\"}\n\u00EF\u00BB\u00BF{}\n", "{\"a\":\"\u00EF\u00BB\u00BF\"}|\u00EF\u00BB\u00BF{}")]
    [InlineData("\u00EF\u00BB", "~\u00EF\u00BB")]
    [InlineData("\u00EF\u00BB\u00BF", "")]
    [InlineData("{\"a\":\"x\\n\"} \n[1]\n2\n", "{\"a\":\"x\\n\"} |[1]|2")]
    [InlineData("a\rb\n", "a\rb")]
    [InlineData("", "")]
    [InlineData(" \n ", "")]
    [Case(69)]
    public void TryRead_SplitAtEveryPosition_ReturnsAllLines(string wire, string expected)
    {
        byte[] bytes = Encoding.Latin1.GetBytes(wire);
        string whole = Show(FrameFeed.Run(new JsonLinesReader(), bytes));

        Assert.Equal(
            expected,
            string.Join(
                '|',
                FrameFeed.Run(new JsonLinesReader(), bytes).Frames.Select(frame => (frame.IsUnterminated ? "~" : "") + frame.Data)
            )
        );
        Assert.Equal(whole, Show(FrameFeed.RunByteByByte(new JsonLinesReader(), bytes)));
        for (int i = 0; i <= bytes.Length; i++)
        {
            for (int j = i; j <= bytes.Length; j++)
                Assert.Equal(whole, Show(FrameFeed.Run(new JsonLinesReader(), bytes, i, j)));
        }
    }

    [Fact]
    public void TryRead_LineFeed_ReturnsLineImmediately()
    {
        var feed = new FrameFeed(new JsonLinesReader());

        feed.Push("{}\r"u8);
        Assert.Empty(feed.Frames);
        feed.Push("\n"u8);

        Assert.Equal("{}\r\n", Assert.Single(feed.Frames).Raw);
    }

    [Fact]
    public void TryRead_BlankLines_AreConsumedImmediately()
    {
        using var reader = new JsonLinesReader();

        Assert.False(reader.TryRead(" \r\n\n\t"u8, false, out _, out int consumed));

        Assert.Equal(5, consumed);
        Assert.Equal(0, reader.LongestFrame);
    }

    private static string Show(FrameFeed feed) => $"{feed.Reader.IsCut} {feed.Reader.LongestFrame}\n" + string.Join('\n', feed.Frames);
}
