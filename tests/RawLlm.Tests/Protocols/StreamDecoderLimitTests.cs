using System.Buffers;
using System.Text;
using RawLlm.Framing;
using RawLlm.Protocols;
using RawLlm.Tests.Faults;
using RawLlm.Tests.Support;

namespace RawLlm.Tests.Protocols;

public sealed class StreamDecoderLimitTests
{
    [Fact]
    public void Reserve_MoreThanMaxArrayLength_ThrowsLimitExceeded()
    {
        using var events = new EventBuffer();
        events.Add(StreamEventKind.Text, 0, 0, "x"u8);
        Assert.Equal((LlmErrorKind.LimitExceeded, LlmLimit.EventBytes), Limit(() => events.Reserve(int.MaxValue)));

        var bytes = new PooledBytes();
        bytes.Append("x"u8);
        Assert.Equal((LlmErrorKind.LimitExceeded, LlmLimit.EventBytes), Limit(() => bytes.Reserve(int.MaxValue)));
        bytes.Return();

        static (LlmErrorKind, LlmLimit?) Limit(Action reserve)
        {
            var error = Assert.Throws<LlmException>(reserve);
            return (error.Kind, error.Limit);
        }
    }

    private const int Limit = 40;
    private static readonly int[] Sizes = [1, 2, 3, 5, 7, 39, 40, 41, 42, int.MaxValue];

    private static readonly DecoderOptions FortyByteEvents = new() { Limits = new LlmLimits { EventBytes = Limit } };

    [Theory]
    [InlineData("\n")]
    [InlineData("\r")]
    [InlineData("\r\n")]
    public void EventBytes_EventOfExactlyLimit_IsRead(string end)
    {
        string data = new('x', Limit - "data: ".Length - end.Length - 1);
        byte[] wire = Encoding.Latin1.GetBytes($"data: a{end}{end}data: {data}{end}{end}data: b{end}{end}");

        foreach (int size in Sizes)
            Assert.Equal(["a", data, "b"], Read(new SseReader(), wire, size, FortyByteEvents).Texts);
    }

    [Theory]
    [InlineData("\n")]
    [InlineData("\r")]
    [InlineData("\r\n")]
    [Case(61)]
    public void EventBytes_OneByteOverLimit_FailsAtThatByte(string end)
    {
        string data = new('x', Limit - "data: ".Length - end.Length);
        string first = $"data: a{end}{end}";
        byte[] wire = Encoding.Latin1.GetBytes($"{first}data: {data}{end}{end}data: b{end}{end}");

        AssertFails(new Func<FrameReader>(() => new SseReader()), wire, first.Length + Limit + 1, ["a"]);
    }

    [Theory]
    [InlineData(": a comment ")]
    [InlineData("foo: ")]
    [InlineData("id: ")]
    [InlineData("retry: 1")]
    [InlineData("x")]
    public void EventBytes_LineWithoutData_IsCounted(string line)
    {
        byte[] passes = Encoding.Latin1.GetBytes(line.PadRight(Limit, '0') + "\ndata: a\n\n");
        byte[] fails = Encoding.Latin1.GetBytes(line.PadRight(Limit + 1, '0') + "\ndata: a\n\n");

        foreach (int size in Sizes)
            Assert.Equal(["a"], Read(new SseReader(), passes, size, FortyByteEvents).Texts);
        AssertFails(() => new SseReader(), fails, Limit + 1, []);
    }

    [Theory]
    [InlineData("data\n", "\n")]
    [InlineData("data: a\n", "\n")]
    [InlineData("event: ping\n", "\n")]
    [InlineData("event: ping\n: comment\n", "\n")]
    public void EventBytes_LinesOfOneEvent_AreCountedTogether(string line, string end)
    {
        byte[] wire = Encoding.Latin1.GetBytes(string.Concat(Enumerable.Repeat(line, 41 / line.Length + 1)) + end);

        AssertFails(() => new SseReader(), wire, Limit + 1, []);
    }

    [Fact]
    public void EventBytes_ManyCommentLines_AreNotCountedAsEvent()
    {
        byte[] wire = Encoding.Latin1.GetBytes(string.Concat(Enumerable.Repeat(": ping\n\n", 10_000)) + "data: a\n\n");

        foreach (int size in Sizes)
            Assert.Equal(["a"], Read(new SseReader(), wire, size, FortyByteEvents).Texts);
    }

    [Fact]
    public void EventBytes_UnterminatedLastEvent_IsCounted() =>
        AssertFails(() => new SseReader(), Encoding.Latin1.GetBytes("data: ".PadRight(Limit + 1, 'x')), Limit + 1, []);

    [Fact]
    public void EventBytes_JsonLine_IsCountedWithLineEnd()
    {
        byte[] passes = Encoding.Latin1.GetBytes("\n\n" + new string('1', Limit - 1) + "\n2\n");
        byte[] fails = Encoding.Latin1.GetBytes("\n\n" + new string('1', Limit) + "\n2\n");

        foreach (int size in Sizes)
            Assert.Equal([new string('1', Limit - 1), "2"], Read(new JsonLinesReader(), passes, size, FortyByteEvents).Texts);
        AssertFails(() => new JsonLinesReader(), fails, 2 + Limit + 1, []);
    }

    [Fact]
    public void EventBytes_JsonArrayElement_IsCountedWithoutSeparators()
    {
        string element = "{\"" + new string('x', Limit - 4) + "\"}";
        byte[] passes = Encoding.Latin1.GetBytes("[" + new string(' ', 100) + element + " ,\n" + element + "]");
        byte[] fails = Encoding.Latin1.GetBytes("[" + element + ",{ " + element[1..] + "]");

        foreach (int size in Sizes)
            Assert.Equal([element, element], Read(new JsonArrayReader(), passes, size, FortyByteEvents).Texts);
        AssertFails(() => new JsonArrayReader(), fails, 1 + Limit + 1 + Limit + 1, [element]);
    }

    [Fact]
    public void EventBytes_AwsMessageOverLimit_FailsAtPrelude()
    {
        byte[] passes = AwsMessage.Write([], new byte[Limit - 16]);
        byte[] fails = AwsMessage.Write([], new byte[Limit - 15]);

        foreach (int size in Sizes)
            Assert.Single(Read(new AwsEventStreamReader(), passes, size, FortyByteEvents).Texts);
        AssertFails(() => new AwsEventStreamReader(), [.. passes, .. fails], Limit + 12, [new string('\0', Limit - 16)]);
    }

    [Fact]
    [Case(61)]
    public void EventBytes_EndlessLine_AllocatesAtMostTwiceTheLimit()
    {
        const int Bound = 32 << 20;
        byte[] piece = new byte[4096];
        piece.AsSpan().Fill((byte)'x');
        using var decoder = new StreamDecoder(new SseReader(), new TextDecoder());
        decoder.Write("data: "u8);
        long before = GC.GetAllocatedBytesForCurrentThread();
        long written = 0;

        var failure = Assert.Throws<LlmException>(() =>
        {
            for (; written <= 2L * Bound; written += piece.Length)
            {
                while (decoder.TryRead()) { }
                decoder.Write(piece);
            }
        });

        Assert.Equal(LlmLimit.EventBytes, failure.Limit);
        Assert.InRange(written, Bound - 6, Bound + 4096);
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, Bound, 2L * Bound + (4 << 20));
    }

    [Fact]
    public void ReplyBytes_NonStreamingBody_IsLimitedByReplyBytesOnly()
    {
        var options = new DecoderOptions
        {
            Limits = new LlmLimits { EventBytes = 10, ReplyBytes = Limit },
        };
        byte[] wire = Encoding.Latin1.GetBytes(new string('1', Limit + 1));

        foreach (int size in Sizes)
        {
            Assert.Single(Read(new WholeBodyReader(), wire[1..], size, options).Texts);
            var read = Read(new WholeBodyReader(), wire, size, options);
            Assert.Equal(LlmLimit.ReplyBytes, read.Failure?.Limit);
        }
    }

    [Theory]
    [InlineData(0, 3)]
    [InlineData(1, 2)]
    [InlineData(9, 2)]
    [InlineData(10, 1)]
    public void StreamBytes_EventsWithinLimit_AreReadForAnyChunkSize(int missing, int events)
    {
        byte[] wire = "data: 1\n\ndata: 2\n\ndata: 3\n\n"u8.ToArray();
        var options = new DecoderOptions { Limits = new LlmLimits { StreamBytes = wire.Length - missing } };

        foreach (int size in Sizes)
        {
            var read = Read(new SseReader(), wire, size, options);

            Assert.Equal(["1", "2", "3"], [.. read.Texts, .. new[] { "1", "2", "3" }[read.Texts.Count..]]);
            Assert.Equal(events, read.Texts.Count);
            Assert.Equal(missing == 0 ? null : LlmLimit.StreamBytes, read.Failure?.Limit);
        }
    }

    [Fact]
    [Case(62)]
    public void StreamBytes_ManyComments_AreLimited()
    {
        byte[] wire = Encoding.Latin1.GetBytes(string.Concat(Enumerable.Repeat(": ping\n", 1000)));
        var options = new DecoderOptions { Limits = new LlmLimits { StreamBytes = 1000 } };

        foreach (int size in Sizes)
            Assert.Equal(LlmLimit.StreamBytes, Read(new SseReader(), wire, size, options).Failure?.Limit);
        Assert.Equal(1001, Read(new SseReader(), wire, 1, options).FailedAt);
    }

    [Fact]
    public void Current_MultiLineData_ReturnsJoinedFrameWithoutAllocation()
    {
        byte[] wire = "data: {\"a\":\ndata: 1}\n\n"u8.ToArray();
        using var decoder = new StreamDecoder(new SseReader(), new TextDecoder());
        void Read()
        {
            for (int round = 0; round < 100; round++)
            {
                decoder.Write(wire);
                bool isText = false;
                while (decoder.TryRead())
                    isText |= decoder.Current.Kind == StreamEventKind.Text && decoder.Current.Frame.SequenceEqual("{\"a\":\n1}"u8);
                if (!isText)
                    Assert.Fail("The frame is not the joined data.");
            }
        }

        Read();
        Assert.Equal(0, MinAllocation.Of(Read));
    }

    private static void AssertFails(Func<FrameReader> create, byte[] wire, int failsAt, string[] texts)
    {
        foreach (int size in Sizes)
        {
            var read = Read(create(), wire, size, FortyByteEvents);
            Assert.Equal(texts, read.Texts);
            Assert.Equal(LlmErrorKind.LimitExceeded, read.Failure?.Kind);
            Assert.Equal(LlmLimit.EventBytes, read.Failure?.Limit);
            if (size == 1)
                Assert.Equal(failsAt, read.FailedAt);
        }
    }

    private static (List<string> Texts, LlmException? Failure, int FailedAt) Read(
        FrameReader frames,
        byte[] wire,
        int size,
        DecoderOptions options
    )
    {
        using var decoder = new StreamDecoder(frames, new TextDecoder(), options);
        var texts = new List<string>();
        int end = 0;
        try
        {
            while (end < wire.Length)
            {
                int count = Math.Min(size, wire.Length - end);
                decoder.Write(wire.AsSpan(end, count));
                end += count;
                ReadTexts();
            }
            decoder.Complete();
            ReadTexts();
            return (texts, null, 0);
        }
        catch (LlmException e)
        {
            return (texts, e, end);
        }

        void ReadTexts()
        {
            while (decoder.TryRead())
            {
                if (decoder.Current.Kind == StreamEventKind.Text)
                    texts.Add(Encoding.Latin1.GetString(decoder.Current.Utf8));
            }
        }
    }

    // Makes every frame a text.
    private sealed class TextDecoder : EventDecoder
    {
        public override bool Decode(in Frame frame, EventBuffer events)
        {
            events.Add(StreamEventKind.Text, 0, 0, frame.Data);
            return true;
        }

        public override void Complete(bool isCut, EventBuffer events) { }

        public override bool IsWhole(ReadOnlySpan<byte> data) => true;
    }
}
