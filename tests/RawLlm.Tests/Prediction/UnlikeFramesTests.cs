using System.Runtime.InteropServices;
using System.Text;
using RawLlm.Protocols;
using RawLlm.Tests.Framing;
using RawLlm.Tests.Support;
using RawLlm.Tests.Wire;

namespace RawLlm.Tests.Prediction;

/// <summary>Frames that look alike but differ: each was once predicted wrongly, or cost more than it may.</summary>
public sealed class UnlikeFramesTests
{
    // Only the last number means something: a negative cost does not.
    [Fact]
    public void Cost_NegativeThenPositive_IsRead() =>
        AssertAlike(
            new ChatCompletionsProtocol(),
            [
                .. Enumerable
                    .Range(0, 6)
                    .Select(i =>
                        $$$"""data: {"choices":[{"index":0,"delta":{"content":"{{{i}}}"},"finish_reason":null}],"cost":{"usd":{{{(i < 5 ? -1 - i : 0.5)}}}}}"""
                        + "\n\n"
                    ),
                "data: [DONE]\n\n",
            ],
            "cost=0.5"
        );

    // The bytes of a citation are compared, those of reasoning are kept.
    [Theory]
    [InlineData("\"annotations\":[{\"type\":\"url_citation\",\"url_citation\":#{\"url\":\"u\"}}]")]
    [InlineData("\"reasoning\":\"?\",\"reasoning_details\":[{\"type\":\"reasoning.text\",\"text\":\"?\",\"format\":{\"a\":#1}}]")]
    public void WhiteSpace_DiffersWithinKeptJson_IsPreserved(string member) =>
        AssertAlike(
            new ChatCompletionsProtocol(),
            [
                .. Enumerable
                    .Range(0, 9)
                    .Select(i =>
                        "data: {\"choices\":[{\"index\":0,\"delta\":{\"content\":\"?\",".Replace('?', (char)('a' + i))
                        + member
                            .Replace("?", $"{(char)('a' + i)}", StringComparison.Ordinal)
                            .Replace("#", new string(' ', i % 3), StringComparison.Ordinal)
                        + "},\"finish_reason\":null}]  }\n\n"
                    ),
                "data: {\"choices\":[{\"index\":0,\"delta\":{},\"finish_reason\":\"stop\"}]}\n\n",
                "data: [DONE]\n\n",
            ],
            "Stop 0 EndTurn"
        );

    [Fact]
    public void Usage_AfterTooLongToolArguments_IsStillRead() =>
        AssertAlike(
            new ChatCompletionsProtocol(),
            [
                """data: {"choices":[{"index":0,"delta":{"tool_calls":[{"index":0,"id":"c","function":{"name":"f","arguments":"{"}}]}}]}"""
                    + "\n\n",
                .. Enumerable
                    .Range(0, 8)
                    .Select(i =>
                        $$$"""data: {"choices":[{"index":0,"delta":{"tool_calls":[{"index":0,"function":{"arguments":"12345678"}}]},"usage":{"prompt_tokens":{{{10 + i}}} }}]}"""
                        + "\n\n"
                    ),
            ],
            "14 in",
            new LlmLimits { ToolArgumentBytes = 40 }
        );

    [Fact]
    public void UnionMembers_InSameDelta_AreBothRead()
    {
        var said = new StringBuilder(
            AwsText("contentBlockStart", """{"contentBlockIndex":0,"start":{"toolUse":{"toolUseId":"t","name":"f"}}}""")
        );
        for (int i = 0; i < 8; i++)
            said.Append(AwsText("contentBlockDelta", $$$"""{"contentBlockIndex":0,"delta":{"text":"{{{i}}}","toolUse":{"input":"1"} }}"""));
        said.Append(AwsText("contentBlockStop", """{"contentBlockIndex":0}"""))
            .Append(AwsText("messageStop", """{"stopReason":"tool_use"}"""));

        AssertAlike(new ConverseProtocol(), [said.ToString()], "11111111");
    }

    // With its LF, the last frame that is found ahead is one byte longer than the framing counts, and exactly as long as allowed.
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Frame_ExactlyAtEventBytesLimit_IsCountedOnce(bool isStrict)
    {
        const int Bound = 400;
        var frames = new List<string>(Begun("\r\n"));
        foreach (char letter in "abcdefg")
        {
            string frame = Delta($"{letter}", "\r\n");
            // The framing counts only the first byte of the blank line's end.
            int missing = letter == 'e' ? Bound + 1 - frame.Length : 10;
            frames.Add(frame.Replace("\"pad\":\"\"", $"\"pad\":\"{new string('p', missing)}\"", StringComparison.Ordinal));
        }
        frames.Add(
            Event("""{"type":"response.output_text.done","output_index":0,"item_id":"i","content_index":0,"text":"abcdefg"}""", "\r\n")
        );
        frames.Add(Event("""{"type":"response.completed","response":{"id":"r","status":"completed","output":[]}}""", "\r\n"));

        AssertAlike(new ResponsesProtocol(), frames, "Done r", new LlmLimits { EventBytes = Bound }, isStrict);
    }

    // If the caller writes while events are left to read, and then exceeds a limit, frames that were found ahead are read again.
    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    [InlineData(5)]
    public void Text_PredictedFramesAreReadAgain_IsNotRepeated(int taken)
    {
        string first = string.Concat(Begun("\n")) + string.Concat("abcdef".Select(letter => Delta($"{letter}", "\n")));
        string rest =
            Event("""{"type":"response.output_text.done","output_index":0,"item_id":"i","content_index":0,"text":"abcdefGHI"}""", "\n")
            + Event("""{"type":"response.completed","response":{"id":"r","status":"completed","output":[]}}""", "\n");
        var limits = new LlmLimits { StreamBytes = first.Length + rest.Length + 2 };
        string on = Read(prediction: true);

        Assert.Equal(Read(prediction: false), on);
        Assert.Contains("\"GHI\"", on, StringComparison.Ordinal);

        string Read(bool prediction)
        {
            using var decoder = new ResponsesProtocol().CreateDecoder(new DecoderOptions { Prediction = prediction, Limits = limits });
            var text = new StringBuilder();
            Write(decoder, first);
            for (int i = 0; i <= taken && decoder.TryRead(); i++)
                text.AppendLine(EventText.Line(decoder.Current));
            Write(decoder, rest + ": more\n\n");
            decoder.Complete();
            while (decoder.TryRead())
                text.AppendLine(EventText.Line(decoder.Current));
            return text.AppendJoin(", ", decoder.Quirks).ToString();
        }
    }

    // mlx-vlm (2026) sends each piece of reasoning under two names.
    [Fact]
    public void Reasoning_UnderTwoNames_IsPredicted()
    {
        using var decoder = new ChatCompletionsProtocol().CreateDecoder(new DecoderOptions { Prediction = true });
        for (int i = 0; i < 20; i++)
        {
            Write(
                decoder,
                $$$"""data: {"choices":[{"index":0,"delta":{"reasoning":"t{{{i}}}","reasoning_content":"t{{{i}}}"},"finish_reason":null}]}"""
                    + "\n\n"
            );
        }

        while (decoder.TryRead()) { }

        Assert.True(decoder.PredictedCount > 14, $"{decoder.PredictedCount} predicted");
    }

    [Theory]
    [InlineData(6)]
    [InlineData(45)]
    public void Frames_WithManyDifferingFields_ArePredictedAfterFewFrames(int fields)
    {
        using var decoder = new ChatCompletionsProtocol().CreateDecoder(new DecoderOptions { Prediction = true });
        for (int i = 0; i < 100; i++)
            Write(decoder, ChunkOf(fields, i));
        while (decoder.TryRead()) { }

        Assert.True(decoder.PredictedCount > 80, $"{decoder.PredictedCount} predicted");
    }

    // Discovering that a frame has too many fields for a template takes several reads. With known frames in between, prediction never
    // paused: 50 µs per frame instead of 1.
    [Fact]
    public void Frames_TooManyFieldsBetweenKnownFrames_PausePrediction()
    {
        using var decoder = new ChatCompletionsProtocol().CreateDecoder(new DecoderOptions { Prediction = true });
        for (int i = 0; i < 2000; i += 2)
        {
            Write(decoder, ChunkOf(0, i));
            Write(decoder, ChunkOf(50, i));
        }
        while (decoder.TryRead()) { }

        Assert.True(decoder.PredictedCount < 200, $"{decoder.PredictedCount} predicted");
    }

    private static string ChunkOf(int fields, int number) =>
        "data: {"
        + string.Concat(Enumerable.Range(0, fields).Select(field => $"\"x{field}\":\"v{number * 31 + field * 7}\","))
        + $$$"""
            "choices":[{"index":0,"delta":{"content":"t{{{number}}}"},"finish_reason":null}]}
            """
        + "\n\n";

    // Until the frame is complete, bytes that were seen once are overwritten with its end: a decoder that looks at them again finds a
    // frame. Each read may look at the first 4 KiB again.
    [Theory]
    [InlineData("data: ", "\n\n", false)]
    [InlineData("data: ", "\n\n", true)]
    [InlineData("", "\n", false)]
    public void LongFrame_PredictedInSmallChunks_IsSearchedOnce(string before, string behind, bool hasEscapes)
    {
        WireProtocol protocol = before.Length == 0 ? new OllamaProtocol() : new ChatCompletionsProtocol();
        string head =
            before
            + (
                before.Length == 0
                    ? "{\"model\":\"m\",\"message\":{\"role\":\"assistant\",\"content\":\""
                    : "{\"choices\":[{\"index\":0,\"delta\":{\"content\":\""
            );
        string tail = (before.Length == 0 ? "\"},\"done\":false}" : "\"},\"finish_reason\":null}]}") + behind;
        string text = (hasEscapes ? "\\n" : "") + new string('x', 1 << 18);
        using var decoder = protocol.CreateDecoder(new DecoderOptions { Prediction = true });
        for (int i = 0; i < 4; i++)
            Write(decoder, head + "abc" + tail);
        while (decoder.TryRead()) { }
        Assert.True(decoder.PredictedCount > 0);

        byte[] wire = Encoding.UTF8.GetBytes(head + text + tail);
        byte[] end = Encoding.UTF8.GetBytes(tail);
        const int Drip = 64;
        const int MaxSeenAgain = 4096;
        int at = 0;
        for (; at < wire.Length - 2 * tail.Length; at += Drip)
        {
            var room = decoder.GetMemory(Drip);
            wire.AsSpan(at, Drip).CopyTo(room.Span);
            decoder.Advance(Drip);
            Assert.False(decoder.TryRead(), $"A frame was found in seen bytes at {at}.");
            Spoil(decoder, at + Drip, end, MaxSeenAgain);
        }
        Restore(decoder, wire.AsSpan(0, at));
        Write(decoder, Encoding.UTF8.GetString(wire.AsSpan(at)));

        Assert.True(decoder.TryRead());
        Assert.Equal(text.Length - (hasEscapes ? 1 : 0), decoder.Current.Utf8.Length);
        Assert.False(decoder.TryRead());
    }

    private static void Spoil(StreamDecoder decoder, int length, byte[] end, int from)
    {
        var all = Written(decoder, length);
        if (length > from + end.Length)
            end.CopyTo(all[^end.Length..]);
    }

    private static void Restore(StreamDecoder decoder, ReadOnlySpan<byte> wire) => wire.CopyTo(Written(decoder, wire.Length));

    private static Span<byte> Written(StreamDecoder decoder, int length)
    {
        MemoryMarshal.TryGetArray((ReadOnlyMemory<byte>)decoder.GetMemory(1), out var rest);
        return rest.Array.AsSpan(rest.Offset - length, length);
    }

    private static void Write(StreamDecoder decoder, string text)
    {
        byte[] bytes = Encoding.UTF8.GetBytes(text);
        bytes.CopyTo(decoder.GetSpan(bytes.Length));
        decoder.Advance(bytes.Length);
    }

    private static IEnumerable<string> Begun(string lineEnd) =>
        [
            Event("""{"type":"response.created","response":{"id":"r","model":"m"}}""", lineEnd),
            Event("""{"type":"response.output_item.added","output_index":0,"item":{"type":"message","id":"i","content":[]}}""", lineEnd),
        ];

    private static string Delta(string text, string lineEnd) =>
        Event(
            $$"""{"type":"response.output_text.delta","output_index":0,"item_id":"i","content_index":0,"delta":"{{text}}","pad":""}""",
            lineEnd
        );

    private static string Event(string json, string lineEnd) => $"data: {json}{lineEnd}{lineEnd}";

    private static string AwsText(string type, string payload) => Encoding.Latin1.GetString(AwsMessage.Event(type, payload));

    private static void AssertAlike(
        WireProtocol protocol,
        IReadOnlyList<string> frames,
        string expected,
        LlmLimits? limits = null,
        bool isStrict = false
    )
    {
        byte[] body = Encoding.Latin1.GetBytes(string.Concat(frames));
        var options = new DecoderOptions
        {
            Prediction = true,
            Limits = limits ?? LlmLimits.Default,
            Strict = isStrict,
        };
        string on = DecodingRun.Describe(protocol.CreateDecoder(options), body, pieces: 3);
        string off = DecodingRun.Describe(protocol.CreateDecoder(options with { Prediction = false }), body, pieces: 3);

        Assert.Equal(off, on);
        Assert.Contains(expected, on, StringComparison.Ordinal);
    }
}
