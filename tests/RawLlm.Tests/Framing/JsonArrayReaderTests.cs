using System.Text;
using RawLlm.Framing;

namespace RawLlm.Tests.Framing;

public sealed class JsonArrayReaderTests
{
    [Theory]
    [InlineData("[]", "", false)]
    [InlineData(" [ \r\n\t] \n", "", false)]
    [InlineData("[{}]", "{}", false)]
    [InlineData("[{\"a\":1}\n,\r\n{\"b\":[2,{}]}\n]\n", "{\"a\":1}|{\"b\":[2,{}]}", false)]
    [InlineData("\u00EF\u00BB\u00BF[{\"a\":1}]", "{\"a\":1}", false)]
    [InlineData("[{\"a\":\"}]{[\\\"}\"},{\"\\\\\":\"\\\\\"}]", "{\"a\":\"}]{[\\\"}\"}|{\"\\\\\":\"\\\\\"}", false)]
    [InlineData("[{\"a\":\"\\u005c\\\\\\\"\"}]", "{\"a\":\"\\u005c\\\\\\\"\"}", false)]
    [InlineData("{\"error\":{\"code\":429}}\n", "{\"error\":{\"code\":429}}", false)]
    [InlineData("", "", false)]
    [InlineData("\u00EF\u00BB\u00BF \n", "", false)]
    [InlineData("[", "", true)]
    [InlineData("[{\"a\":1}", "{\"a\":1}", true)]
    [InlineData("[{\"a\":1},", "{\"a\":1}", true)]
    [InlineData("[{\"a\":1},{\"b\":", "{\"a\":1}", true)]
    [InlineData("[{\"a\":\"}]", "", true)]
    [InlineData("{\"error\":", "", true)]
    public void TryRead_SplitAtEveryPosition_ReturnsAllObjects(string wire, string expected, bool isCut)
    {
        byte[] bytes = Encoding.Latin1.GetBytes(wire);
        var feed = FrameFeed.Run(new JsonArrayReader(), bytes);
        string whole = Show(feed);

        Assert.Equal(expected, string.Join('|', feed.Frames.Select(frame => frame.Data)));
        Assert.Equal(isCut, feed.Reader.IsCut);
        Assert.All(feed.Frames, frame => Assert.Equal(frame.Raw, frame.Data));
        Assert.Equal(whole, Show(FrameFeed.RunByteByByte(new JsonArrayReader(), bytes)));
        for (int i = 0; i <= bytes.Length; i++)
        {
            for (int j = i; j <= bytes.Length; j++)
                Assert.Equal(whole, Show(FrameFeed.Run(new JsonArrayReader(), bytes, i, j)));
        }
    }

    [Theory]
    [InlineData("x", 0)]
    [InlineData("\"[{}]\"", 0)]
    [InlineData("\u00EF\u00BB[{}]", 0)]
    [InlineData("]", 0)]
    [InlineData("[1]", 0)]
    [InlineData("[[{}]]", 0)]
    [InlineData("[\"{}\"]", 0)]
    [InlineData("[,{}]", 0)]
    [InlineData("[null]", 0)]
    [InlineData("[{},]", 1)]
    [InlineData("[{},,{}]", 1)]
    [InlineData("[{}{}]", 1)]
    [InlineData("[{}}", 1)]
    [InlineData("[{}]x", 1)]
    [InlineData("[{}][{}]", 1)]
    [InlineData("{}{}", 1)]
    [InlineData("{},{}", 1)]
    public void TryRead_NotArrayOfObjects_ThrowsFramingExceptionAtEverySplit(string wire, int before)
    {
        byte[] bytes = Encoding.Latin1.GetBytes(wire);
        for (int cut = 0; cut <= bytes.Length; cut++)
        {
            var feed = new FrameFeed(new JsonArrayReader());

            Assert.Throws<FramingException>(() =>
            {
                feed.Push(bytes.AsSpan(0, cut));
                feed.Push(bytes.AsSpan(cut));
                feed.End();
            });
            Assert.Equal(before, feed.Frames.Count);
        }
    }

    [Fact]
    public void TryRead_ClosingBrace_ReturnsObjectImmediately()
    {
        var feed = new FrameFeed(new JsonArrayReader());

        feed.Push("[{\"a\":{}"u8);
        Assert.Empty(feed.Frames);
        feed.Push("}"u8);

        Assert.Single(feed.Frames);
    }

    [Fact]
    public void TryRead_LongWhiteSpace_IsConsumedImmediately()
    {
        using var reader = new JsonArrayReader();
        byte[] spaces = Encoding.Latin1.GetBytes(new string(' ', 1000));

        Assert.False(reader.TryRead("[ "u8, false, out _, out int consumed));
        Assert.Equal(2, consumed);
        Assert.False(reader.TryRead(spaces, false, out _, out consumed));
        Assert.Equal(1000, consumed);
    }

    private static string Show(FrameFeed feed) => $"{feed.Reader.IsCut} {feed.Reader.LongestFrame}\n" + string.Join('\n', feed.Frames);
}
