using System.Text;
using RawLlm.Framing;
using RawLlm.Tests.Faults;

namespace RawLlm.Tests.Framing;

public sealed class SseReaderTests
{
    private const string Mark = "\u00EF\u00BB\u00BF";

    private static readonly Dictionary<string, SseCase> Cases = new()
    {
        // The examples of the specification, in its order.
        ["spec 1: three messages"] = new(
            "data: This is the first message.\n\ndata: This is the second message, it\ndata: has two lines.\n\ndata: This is the third message.\n\n",
            ("This is the first message.", "", ""),
            ("This is the second message, it\nhas two lines.", "", ""),
            ("This is the third message.", "", "")
        ),
        ["spec 2: named events"] = new(
            "event: add\ndata: 73857293\n\nevent: remove\ndata: 2153\n\nevent: add\ndata: 113411\n\n",
            ("73857293", "add", ""),
            ("2153", "remove", ""),
            ("113411", "add", "")
        ),
        ["spec 3: stock"] = new("data: YHOO\ndata: +2\ndata: 10\n\n", ("YHOO\n+2\n10", "", "")),
        ["spec 4: a comment, ids, an id reset, two spaces"] = new(
            ": test stream\n\ndata: first event\nid: 1\n\ndata:second event\nid\n\ndata:  third event",
            ("first event", "", "1"),
            ("second event", "", "")
        )
        {
            Last = " third event",
        },
        ["spec 5: empty data, two empty lines, and one that is not dispatched"] = new(
            "data\n\ndata\ndata\n\ndata:",
            ("", "", ""),
            ("\n", "", "")
        )
        {
            Last = "",
        },
        ["spec 6: one space is stripped"] = new("data:test\n\ndata: test\n\n", ("test", "", ""), ("test", "", "")),

        // Line ends.
        ["LF"] = new("data: a\n\ndata: b\n\n", ("a", "", ""), ("b", "", "")),
        ["CR"] = new("data: a\r\rdata: b\r\r", ("a", "", ""), ("b", "", "")),
        ["CR LF"] = new("data: a\r\n\r\ndata: b\r\n\r\n", ("a", "", ""), ("b", "", "")),
        ["CR LF, then LF"] = new("data: a\r\n\ndata: b\n\r\n", ("a", "", ""), ("b", "", "")),
        ["LF, then CR"] = new("data: a\n\rdata: b\r\n\r", ("a", "", ""), ("b", "", "")),
        ["all mixed, two lines"] = new("data: a\rdata: b\ndata: c\r\ndata: d\n\r\n\r\n\r\r\n", ("a\nb\nc\nd", "", "")),
        ["LF CR is two line ends"] = new("data: a\n\r\ndata: b\n\n", ("a", "", ""), ("b", "", "")),
        ["many blank lines"] = new("\n\r\n\r\r\n\n\ndata: a\n\n\n\n\r", ("a", "", "")),
        ["other separators of lines are text"] = new(
            "data: a\u000B\u000C\u0085\u00E2\u0080\u00A8b\n\n",
            ("a\u000B\u000C\u0085\u00E2\u0080\u00A8b", "", "")
        ),

        // The byte order mark.
        ["BOM"] = new(Mark + "data: 1\n\n", ("1", "", "")),
        ["BOM twice: the second belongs to the field's name"] = new(Mark + Mark + "data: 1\n\ndata: 2\n\n", ("2", "", "")),
        ["BOM in midstream makes an unknown field"] = new("data: 1\n\n" + Mark + "data: 2\n\ndata: 3\n\n", ("1", "", ""), ("3", "", "")),
        ["BOM inside data stays"] = new("data: " + Mark + "x\n\n", (Mark + "x", "", "")),
        ["part of a BOM is text"] = new("\u00EF\u00BBdata: 1\n\ndata: 2\n\n", ("2", "", "")),
        ["a BOM's first byte, then a field"] = new("\u00EFdata: 1\n\ndata:2\n\n", ("2", "", "")),
        ["BOM of UTF-16 is text"] = new("\u00FF\u00FEdata: 1\n\ndata: 2\n\n", ("2", "", "")),
        ["BOM alone"] = new(Mark),
        ["half a BOM alone"] = new("\u00EF\u00BB") { IsCut = true },

        // Comments and unknown fields.
        ["comments between events"] = new(": ping\n\n:\n: \ndata: a\n\n:::\n\n", ("a", "", "")),
        ["comments inside an event"] = new("data: a\n: x\n:\ndata: b\n\n", ("a\nb", "", "")),
        ["a comment with NUL and a field in it"] = new(":\0data: x\ndata: a\n\n", ("a", "", "")),
        ["unknown fields"] = new("foo: x\nDATA: x\nData: x\ndata : x\n data: x\ndatax: x\ndat: x\nhello\ndata: a\n\n", ("a", "", "")),
        ["an unknown field without a colon"] = new("data\nfoo\ndata\n\n", ("\n", "", "")),
        ["a colon in the value"] = new("data: a: b:c\n\n", ("a: b:c", "", "")),
        ["only the first space goes, and no tab"] = new("data:   a\ndata:\tb \n\n", ("  a\n\tb ", "", "")),
        ["only a space"] = new("data: \ndata:\ndata:  \n\n", ("\n\n ", "", "")),

        // The type.
        ["an empty type is none"] = new(
            "event:\ndata: a\n\nevent: \ndata: b\n\nevent\ndata: c\n\n",
            ("a", "", ""),
            ("b", "", ""),
            ("c", "", "")
        ),
        ["an empty type after a line that is consumed at once"] = new("id: 123\nevent:\ndata: a\n\n", ("a", "", "123")),
        ["a later type wins"] = new("event: x\nevent: y\ndata: a\n\n", ("a", "y", "")),
        ["a later empty type wins"] = new("event: x\nevent:\ndata: a\n\n", ("a", "", "")),
        ["a type after the data"] = new("data: a\nevent: x\n\n", ("a", "x", "")),
        ["a type without data does not leak"] = new("event: error\n\ndata: a\n\n", ("a", "", "")),
        ["a type does not stay"] = new("event: x\ndata: a\n\ndata: b\n\n", ("a", "x", ""), ("b", "", "")),
        ["NUL in type and data stays"] = new("event: x\0\ndata: \0\ndata: a\0b\n\n", ("\0\na\0b", "x\0", "")),

        // The id.
        ["an id stays"] = new("id: 1\ndata: a\n\ndata: b\n\n", ("a", "", "1"), ("b", "", "1")),
        ["an id alone counts for the next event"] = new("id: 1\n\ndata: a\n\n", ("a", "", "1")),
        ["an empty id resets"] = new(
            "id: 1\ndata: a\n\nid:\ndata: b\n\nid: 2\n\nid\ndata: c\n\n",
            ("a", "", "1"),
            ("b", "", ""),
            ("c", "", "")
        ),
        ["an id with NUL is ignored"] = new(
            "id: 1\ndata: a\n\nid: 2\0\ndata: b\n\nid: \0\ndata: c\n\n",
            ("a", "", "1"),
            ("b", "", "1"),
            ("c", "", "1")
        ),
        ["the last id of an event wins"] = new("id: 1\ndata: a\nid: 22\n\n", ("a", "", "22")),
        ["a long id, then a short one"] = new(
            "id: " + new string('i', 70) + "\ndata: a\n\nid: 2\ndata: b\n\n",
            ("a", "", new string('i', 70)),
            ("b", "", "2")
        ),

        // Retry.
        ["retry"] = new("retry: 1000\ndata: a\n\n", ("a", "", "")) { Retry = 1000 },
        ["retry with zeros, no space, no event"] = new("retry:007\n\n") { Retry = 7 },
        ["retry that is no number changes nothing"] = new(
            "retry: 5\nretry: -1\nretry: 1.5\nretry: 1e3\nretry:\nretry\nretry: \nretry:  7\nretry: 7 \nretry: 7\0\nretry: +7\n\n"
        )
        {
            Retry = 5,
        },
        ["retry beyond a long"] = new("retry: 99999999999999999999\n\n"),
        ["retry of a long"] = new("retry: 9223372036854775807\n\n") { Retry = long.MaxValue },
        ["retry in digits of another script"] = new("retry: \u00D9\u00A1\n\n"),

        // Bytes that are not UTF-8 are left to the reader of the data.
        ["invalid UTF-8 is passed on"] = new(
            "data: \u00FF\u00C0\u0080\u00ED\u00A0\u0080\u00E2\u0082\ndata: \u0080\n\n",
            ("\u00FF\u00C0\u0080\u00ED\u00A0\u0080\u00E2\u0082\n\u0080", "", "")
        ),

        // The end of the input.
        ["nothing"] = new(""),
        ["ends after a blank line's CR"] = new("data: a\r\n\r", ("a", "", "")),
        ["ends without a blank line"] = new("data: a\n\ndata: b\n", ("a", "", "")) { Last = "b" },
        ["ends without a line end"] = new("data: [DONE]") { Last = "[DONE]" },
        ["ends without a line end after CR LF"] = new("event: x\r\ndata: a\r\ndata: b") { Last = "a\nb" },
        ["ends in a field's name"] = new("data: a\n\ndat", ("a", "", "")) { IsCut = true },
        ["ends in a field's name after data"] = new("data: a\ndata") { Last = "a", IsCut = true },
        ["ends in the next field after data"] = new("data: a\ndata: b\nid: 3") { Last = "a\nb", IsCut = true },
        ["ends in a comment"] = new("data: a\n\n: pin", ("a", "", "")),
        ["ends in a comment after data"] = new("data: a\n: pin") { Last = "a" },
        ["ends in a type"] = new("event: x\n") { IsCut = true },
        ["ends after an id"] = new("data: a\n\nid: 3\n", ("a", "", "")),
        ["ends in an id"] = new("id: 3") { IsCut = true },
    };

    public static TheoryData<string> Names => [.. Cases.Keys];

    [Theory]
    [MemberData(nameof(Names))]
    [Case(51, 53, 54, 55, 56, 57)]
    public void TryRead_SplitAtEveryPosition_ReturnsAllEvents(string name)
    {
        var expected = Cases[name];
        var outcome = SseOutcome.OfEverySplit(Encoding.Latin1.GetBytes(expected.Wire));

        Assert.Equal(expected.Events, outcome.Dispatched.Select(frame => (frame.Data, frame.Type, frame.Id)));
        Assert.Equal(expected.Last, outcome.Frames.FirstOrDefault(frame => frame.IsUnterminated)?.Data);
        Assert.Equal(expected.IsCut, outcome.IsCut);
        Assert.Equal(expected.Retry, outcome.Retry);
    }

    [Theory]
    [MemberData(nameof(Names))]
    [Case(52)]
    public void TryRead_ByteByByte_ReturnsEventsAsEarlyAsPossible(string name) =>
        SseOutcome.AssertPrompt(Encoding.Latin1.GetBytes(Cases[name].Wire));

    [Theory]
    [MemberData(nameof(Names))]
    public void WhatwgReference_SameCases_ReturnsSameEvents(string name)
    {
        var expected = Cases[name];
        var events = WhatwgReference.Read(RecordedFrame.Utf8(expected.Wire), out long? retry);

        Assert.Equal(expected.Events.Select(e => SseEvent.From(new RecordedFrame(e.Data, e.Type, e.Id, "", "", "", false))), events);
        Assert.Equal(expected.Retry, retry);
    }

    [Fact]
    [Case(52)]
    public void TryRead_BlankLineEndsWithCarriageReturn_FrameEndsThere()
    {
        var whole = SseOutcome.Of("data: a\r\n\r\ndata: b\r\n\r\n"u8.ToArray());

        Assert.Equal(["data: a\r\n\r", "data: b\r\n\r"], whole.Frames.Select(frame => frame.Raw));
    }

    [Fact]
    public void TryRead_LinesOutsideEvent_AreNotPartOfFrame()
    {
        var outcome = SseOutcome.OfEverySplit("id: 1\n: c\nfoo\ndata: a\n: d\nid: 2\n\n"u8.ToArray());

        Assert.Equal("data: a\n: d\nid: 2\n\n", Assert.Single(outcome.Frames).Raw);
    }

    [Fact]
    public void TryRead_SingleDataLine_ReturnsSliceOfInput()
    {
        byte[] wire = "data: abc\n\n"u8.ToArray();
        using var reader = new SseReader();

        Assert.True(reader.TryRead(wire, false, out var frame, out _));

        Assert.True(wire.AsSpan().Overlaps(frame.Data, out int offset));
        Assert.Equal(6, offset);
    }

    [Theory]
    [InlineData(": ping\n")]
    [InlineData(": ping\r")]
    [InlineData("\n")]
    [InlineData("\r\n")]
    [InlineData("foo: bar\n")]
    [InlineData("id: 1\n")]
    [InlineData("retry: 1\n")]
    [InlineData("event: ping\n\n")]
    public void TryRead_LinesWithoutEvent_AreConsumedImmediately(string lines)
    {
        byte[] wire = Encoding.Latin1.GetBytes(lines);
        using var reader = new SseReader();

        for (int i = 0; i < 1000; i++)
        {
            Assert.False(reader.TryRead(wire, false, out _, out int consumed));
            Assert.Equal(wire.Length, consumed);
        }
    }

    [Fact]
    public void TryRead_MoreThanTwoGibibytes_DoesNotOverflow()
    {
        // Offsets from the start of the stream would overflow.
        byte[] comment = new byte[16 << 20];
        comment.AsSpan().Fill((byte)':');
        comment[^1] = (byte)'\n';
        using var reader = new SseReader();
        for (long read = 0; read <= int.MaxValue; read += comment.Length)
        {
            Assert.False(reader.TryRead(comment, false, out _, out int consumed));
            Assert.Equal(comment.Length, consumed);
        }

        Assert.True(reader.TryRead("event: x\ndata: a\n\n"u8, false, out var frame, out _));
        Assert.Equal("a"u8, frame.Data);
        Assert.Equal("x"u8, frame.Type);
    }
}
