using System.Text;
using System.Text.Json.Nodes;
using RawLlm.Framing;
using RawLlm.Tests.Faults;
using RawLlm.Tests.Support;
using Xunit.Abstractions;

namespace RawLlm.Tests.Framing;

public sealed class AwsEventStreamReaderTests(ITestOutputHelper output)
{
    private static readonly byte[] Delta = AwsMessage.Event("contentBlockDelta", """{"delta":{"text":"Hi"}}""");
    private static readonly byte[] Stop = AwsMessage.Event("messageStop", """{"stopReason":"end_turn"}""");

    [Fact]
    public void TryRead_SplitAtEveryPosition_ReturnsAllMessages()
    {
        byte[] wire = [.. Delta, .. Stop];
        RecordedFrame[] expected =
        [
            new("""{"delta":{"text":"Hi"}}""", "contentBlockDelta", "", "event", "", Encoding.Latin1.GetString(Delta), false),
            new("""{"stopReason":"end_turn"}""", "messageStop", "", "event", "", Encoding.Latin1.GetString(Stop), false),
        ];

        Assert.Equal(expected, FrameFeed.RunByteByByte(new AwsEventStreamReader(), wire).Frames);
        for (int i = 0; i <= wire.Length; i++)
        {
            for (int j = i; j <= wire.Length; j += 7)
            {
                var feed = FrameFeed.Run(new AwsEventStreamReader(), wire, i, j);
                Assert.Equal(expected, feed.Frames);
                Assert.False(feed.Reader.IsCut);
                Assert.Equal(Math.Max(Delta.Length, Stop.Length), feed.Reader.LongestFrame);
            }
        }
    }

    [Fact]
    public void TryRead_TruncatedAnywhere_ReturnsCompleteMessagesAndSetsIsCut()
    {
        byte[] wire = [.. Delta, .. Stop];
        for (int length = 0; length < wire.Length; length++)
        {
            var feed = FrameFeed.Run(new AwsEventStreamReader(), wire.AsSpan(0, length));

            Assert.Equal(length < Delta.Length ? 0 : 1, feed.Frames.Count);
            Assert.Equal(length != 0 && length != Delta.Length, feed.Reader.IsCut);
        }
    }

    [Fact]
    [Case(70)]
    public void TryRead_AnyBitFlipped_ThrowsFramingException()
    {
        for (int bit = 0; bit < Delta.Length * 8; bit++)
        {
            byte[] wire = [.. Delta];
            wire[bit / 8] ^= (byte)(1 << (bit % 8));
            var feed = new FrameFeed(new AwsEventStreamReader());

            Assert.Throws<FramingException>(() => feed.Push(wire));
            Assert.Empty(feed.Frames);
        }
    }

    [Fact]
    public void TryRead_UnknownHeadersOfEveryType_AreSkipped()
    {
        byte[] headers =
        [
            .. AwsMessage.Header("a", 0),
            .. AwsMessage.Header("b", 1),
            .. AwsMessage.Header("c", 2, 1),
            .. AwsMessage.Header("d", 3, 1, 2),
            .. AwsMessage.Header("e", 4, 1, 2, 3, 4),
            .. AwsMessage.Header("f", 5, 1, 2, 3, 4, 5, 6, 7, 8),
            .. AwsMessage.Header("g", 6, 0, 2, 1, 2),
            .. AwsMessage.Header("h", 7, 0, 0),
            .. AwsMessage.Header("i", 8, 1, 2, 3, 4, 5, 6, 7, 8),
            .. AwsMessage.Header("j", 9, [.. new byte[16]]),
            .. AwsMessage.Text(":event-type", "chunk"),
        ];

        var frame = Assert.Single(FrameFeed.Run(new AwsEventStreamReader(), AwsMessage.Write(headers, "{}"u8)).Frames);

        Assert.Equal(("chunk", "", "{}"), (frame.Type, frame.Category, frame.Data));
    }

    [Theory]
    [InlineData("event", "messageStop", "")]
    [InlineData("exception", "throttlingException", "")]
    [InlineData("error", "InternalError", "It broke.")]
    public void TryRead_EachCategoryInAnyHeaderOrder_ReturnsTypeAndMessage(string category, string type, string message)
    {
        byte[][] headers =
        [
            AwsMessage.Text(":message-type", category),
            category switch
            {
                "event" => AwsMessage.Text(":event-type", type),
                "exception" => AwsMessage.Text(":exception-type", type),
                _ => AwsMessage.Text(":error-code", type),
            },
            category == "error" ? AwsMessage.Text(":error-message", message) : AwsMessage.Text(":content-type", "application/json"),
        ];
        foreach (int[] order in new int[][] { [0, 1, 2], [2, 1, 0], [1, 2, 0] })
        {
            byte[] wire = AwsMessage.Write([.. order.SelectMany(i => headers[i])], "{}"u8);

            var frame = Assert.Single(FrameFeed.Run(new AwsEventStreamReader(), wire).Frames);

            Assert.Equal((category, type, message, "{}"), (frame.Category, frame.Type, frame.ErrorMessage, frame.Data));
        }
    }

    [Theory]
    [InlineData(0u, 0u, "shorter")]
    [InlineData(15u, 0u, "shorter")]
    [InlineData(16u, 1u, "headers")]
    [InlineData(100u, 85u, "headers")]
    [InlineData(100u, uint.MaxValue, "headers")]
    [InlineData((64u << 20) + 1, 0u, "longer")]
    [InlineData(0x80000000u, 0u, "longer")]
    [InlineData(uint.MaxValue, 0u, "longer")]
    [Case(70)]
    public void TryRead_InvalidLengthsInPrelude_ThrowsFramingException(uint length, uint headersLength, string reason)
    {
        var feed = new FrameFeed(new AwsEventStreamReader());
        byte[] prelude = AwsMessage.Write([], [], length, headersLength)[..12];
        feed.Push(prelude.AsSpan(0, 11));

        var failure = Assert.Throws<FramingException>(() => feed.Push(prelude.AsSpan(11)));

        Assert.Contains(reason, failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void LongestFrame_AfterPrelude_IsLengthOfMessage()
    {
        var feed = new FrameFeed(new AwsEventStreamReader());

        feed.Push(AwsMessage.Write([], [], 24 << 20, 0).AsSpan(0, 12));

        Assert.Equal(24 << 20, feed.Reader.LongestFrame);
    }

    [Theory]
    [InlineData("00")] // no name
    [InlineData("0161")] // no type
    [InlineData("01610A")] // an invalid type
    [InlineData("0261")] // the name reaches past the end
    [InlineData("016107")] // no length
    [InlineData("01610700")] // half a length
    [InlineData("0161070002FF")] // the value reaches past the end
    [InlineData("01610900")] // a short UUID
    [InlineData("01610501020304050607")] // a short long
    [InlineData("016100016101")] // the same name twice
    [InlineData("0161000162000161070000")] // the same name twice, of different types and not adjacent
    public void TryRead_InvalidHeaders_ThrowsFramingException(string headers)
    {
        // A reader that does not stop at the end of the headers would take the payload for the rest of the header.
        byte[] wire = AwsMessage.Write(Convert.FromHexString(headers), new byte[64]);

        Assert.Throws<FramingException>(() => FrameFeed.Run(new AwsEventStreamReader(), wire));
    }

    [Fact]
    public void TryRead_DuplicateHeaderAmongThousands_ThrowsFramingException()
    {
        byte[] many = [.. Enumerable.Range(0, 10_000).SelectMany(i => AwsMessage.Header($"h{i}", 0))];
        byte[] once = AwsMessage.Write([.. many, .. AwsMessage.Text(":event-type", "a")], "{}"u8);
        byte[] twice = AwsMessage.Write([.. many, .. AwsMessage.Text(":event-type", "a"), .. AwsMessage.Text(":event-type", "b")], "{}"u8);

        Assert.Equal("a", Assert.Single(FrameFeed.Run(new AwsEventStreamReader(), once).Frames).Type);
        Assert.Throws<FramingException>(() => FrameFeed.Run(new AwsEventStreamReader(), twice));
    }

    [Fact]
    public void TryRead_PublicVectors_AreReadOrRejected()
    {
        if (SharedVectors.Find(output, "conformance", "eventstream") is not { } folder)
            return;
        string[] files = Directory.GetFiles(folder, "*.bin");
        foreach (string file in files)
        {
            byte[] wire = File.ReadAllBytes(file);
            var expected = JsonNode.Parse(File.ReadAllText(Path.ChangeExtension(file, ".json")))!;
            if (!(bool)expected["ok"]!)
            {
                string part = (string)expected["error"]! switch
                {
                    "ChecksumMismatch" => "checksum",
                    "DuplicateHeader" => "twice",
                    _ => "headers",
                };
                var failure = Assert.Throws<FramingException>(() => FrameFeed.RunByteByByte(new AwsEventStreamReader(), wire));
                Assert.Contains(part, failure.Message, StringComparison.Ordinal);
                continue;
            }
            for (int cut = 0; cut <= wire.Length; cut++)
            {
                var frame = Assert.Single(FrameFeed.Run(new AwsEventStreamReader(), wire, cut).Frames);
                Assert.Equal(Convert.FromBase64String((string)expected["payload_b64"]!), Encoding.Latin1.GetBytes(frame.Data));
                Assert.Equal((string?)expected["headers"]![":message-type"] ?? "", frame.Category);
                Assert.Equal((string?)expected["headers"]![":error-code"] ?? "", frame.Type);
                Assert.Equal((string?)expected["headers"]![":error-message"] ?? "", frame.ErrorMessage);
            }
        }
        output.WriteLine($"{files.Length} vectors");
        Assert.Equal(15, files.Length);
    }

    [Fact]
    public void TryRead_NetworkChunksSplitInsideMessages_ReturnsAllMessages()
    {
        if (SharedVectors.Find(output, "conformance", "chunking") is not { } folder)
            return;
        var feed = new FrameFeed(new AwsEventStreamReader());
        var counts = new List<int>();
        for (int i = 1; i <= 3; i++)
        {
            feed.Push(File.ReadAllBytes(Path.Combine(folder, $"kong-bedrock-chunk-{i}.bin")));
            counts.Add(feed.Frames.Count);
        }
        feed.End();

        Assert.False(feed.Reader.IsCut);
        Assert.Equal([3, 5, 10], counts);
        Assert.Equal(
            [
                "messageStart",
                "contentBlockStart",
                "contentBlockDelta",
                "contentBlockDelta",
                "contentBlockDelta",
                "contentBlockDelta",
                "contentBlockDelta",
                "contentBlockStop",
                "messageStop",
                "metadata",
            ],
            feed.Frames.Select(frame => frame.Type)
        );
        Assert.All(feed.Frames, frame => Assert.Equal("event", frame.Category));
        Assert.Equal("""{"p":"ab","stopReason":"tool_use"}""", feed.Frames[8].Data);
    }
}
