using System.Text;
using System.Text.Json.Nodes;
using RawLlm.Cli.Output;

namespace RawLlm.Tests.Cli;

public sealed class EventLinesTests
{
    [Fact]
    public void EventLines_WireDataOnSeveralLines_IsPrintedOnOneLine()
    {
        var lines = Write(
            new StreamEvent(StreamEventKind.WireData, utf8: "{\n  \"signature\":\r\n \"\\n\"}"u8) { Name = "anthropic", Origin = "o" }
        );

        Assert.Equal(
            "{\"kind\":\"WireData\",\"choice\":0,\"index\":0,\"wire\":\"anthropic\",\"origin\":\"o\",\"data\":{   \"signature\":   \"\\n\"}}\n",
            lines
        );
    }

    [Fact]
    public void EventLines_WireDataThatIsNotJson_IsPrintedAsText()
    {
        var lines = Write(new StreamEvent(StreamEventKind.WireData, utf8: "{\"a\":"u8) { Name = "w" });

        Assert.Equal("""{"kind":"WireData","choice":0,"index":0,"wire":"w","data":"{\"a\":"}""" + "\n", lines);
    }

    [Theory]
    [InlineData("audio/wav", "AAAA", """"mediaType":"audio/wav","data":"AAAA"""")]
    [InlineData(null, "https://example.org/a.png", """"url":"https://example.org/a.png"""")]
    public void EventLines_Media_AreDataOrUrl(string? mediaType, string content, string expected)
    {
        var lines = Write(new StreamEvent(StreamEventKind.Media, utf8: Encoding.UTF8.GetBytes(content)) { Name = mediaType });

        Assert.Contains(expected, lines, StringComparison.Ordinal);
    }

    [Fact]
    public void EventLines_InvalidUtf8_IsReplaced()
    {
        var lines = Write(new StreamEvent(StreamEventKind.Text, utf8: [(byte)'a', 0xFF, (byte)'b']));

        Assert.Equal("a\uFFFDb", (string?)JsonNode.Parse(lines)!["text"]);
    }

    [Fact]
    public void EventLines_ManyEventsWithoutFlush_ArePrintedInPieces()
    {
        using var output = new MemoryStream();
        using var lines = new EventLines(output);

        for (int i = 0; i < 10_000; i++)
            lines.Add(new StreamEvent(StreamEventKind.Text, utf8: "0123456789"u8));

        Assert.InRange(output.Length, 500_000, 600_000);
    }

    private static string Write(in StreamEvent e)
    {
        using var output = new MemoryStream();
        using var lines = new EventLines(output);
        lines.Add(e);
        lines.Flush();
        return Encoding.UTF8.GetString(output.ToArray());
    }
}
