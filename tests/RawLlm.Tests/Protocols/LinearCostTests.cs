using System.Text;
using RawLlm.Framing;
using RawLlm.Protocols;
using RawLlm.Tests.Support;

namespace RawLlm.Tests.Protocols;

/// <summary>
/// The cost of input in many pieces is proportional to it: measured in allocated bytes, or by bytes that change once seen; never in time.
/// </summary>
public sealed class LinearCostTests
{
    private const int Pieces = 16_000;

    // Allocated 2 GB when each piece copied those before it.
    [Fact]
    public void CompactionText_InManyChunks_IsNotCopiedPerChunk()
    {
        var body = new StringBuilder(
            """data: {"type":"message_start","message":{"id":"m","role":"assistant","content":[],"usage":{"input_tokens":1}}}"""
                + "\n\n"
                + """data: {"type":"content_block_start","index":0,"content_block":{"type":"compaction","content":""}}"""
                + "\n\n"
        );
        for (int i = 0; i < Pieces; i++)
        {
            body.Append(
                """data: {"type":"content_block_delta","index":0,"delta":{"type":"compaction_delta","content":"0123456789abcdef"}}"""
                    + "\n\n"
            );
        }

        Assert.InRange(Allocated(new AnthropicProtocol(), Encoding.UTF8.GetBytes(body.ToString())), 0, 32 << 20);
    }

    // Allocated 1.7 GB when each piece decoded those before it.
    [Fact]
    public void Base64Run_ManyPaddedChunks_AllocatesLinearly()
    {
        var random = new SplitMix64(6);
        byte[] all = new byte[2000 * 1000];
        for (int i = 0; i < all.Length; i++)
            all[i] = (byte)random.Next();
        var run = new Base64Run();
        byte[][] pieces = [.. all.Chunk(1000).Select(piece => Encoding.ASCII.GetBytes(Convert.ToBase64String(piece)))];
        long before = GC.GetAllocatedBytesForCurrentThread();
        foreach (byte[] piece in pieces)
            Assert.True(run.TryAppend(JsonText.Of(piece, isEscaped: false)));
        long allocated = GC.GetAllocatedBytesForCurrentThread() - before;

        Assert.Equal(Convert.ToBase64String(all), Encoding.ASCII.GetString(run.Span));
        Assert.InRange(allocated, 0, 64 << 20);
        run.Return();
    }

    [Theory]
    [InlineData("QQ==", "Qg==", "Qw==", "QUJD")]
    [InlineData("QUJD", "REVG", "", "QUJDREVG")]
    [InlineData("QQ== ", " Qg==", "REVG", "QUJERUY=")]
    [InlineData("QU\nJD", "RA==", "RUY=", "QUJDREVG")]
    [InlineData("  ", "QQ==", "Qg==", "QUI=")]
    public void Base64Run_PaddedOrSpacedChunks_AreJoined(string first, string second, string third, string joined)
    {
        var run = new Base64Run();
        foreach (string piece in (string[])[first, second, third])
            Assert.True(run.TryAppend(JsonText.Of(Encoding.ASCII.GetBytes(piece), isEscaped: false)));

        Assert.Equal(joined, Encoding.ASCII.GetString(run.Span));
        run.Return();
    }

    // More members than are searched one by one: the last value of a name counts, in the place of the first.
    [Fact]
    public void ReasoningDetails_ManyRepeatedMembers_AreKeptOnce()
    {
        string[] names = [.. Enumerable.Range(0, 40).Select(i => $"k{i}")];
        string Delta(int value) =>
            "data: {\"choices\":[{\"index\":0,\"delta\":{\"reasoning_details\":[{\"type\":\"t\",\"text\":\"a\","
            + string.Join(',', names.Select(name => $"\"{name}\":{value}"))
            + "}]},\"finish_reason\":null}]}\n\n";
        var reply = Decoded
            .Stream(
                new ChatCompletionsProtocol(),
                Encoding.UTF8.GetBytes(
                    Delta(1) + Delta(2) + "data: {\"choices\":[{\"index\":0,\"delta\":{},\"finish_reason\":\"stop\"}]}\n\ndata: [DONE]\n\n"
                )
            )
            .Reply;

        Assert.Equal(
            "{\"reasoning_details\":[{\"type\":\"t\",\"text\":\"aa\"," + string.Join(',', names.Select(name => $"\"{name}\":2")) + "}]}",
            Assert.Single(reply.Message.Parts).WireData!.Json.ToString()
        );
    }

    // Bytes that were seen change into something that ends the wait, so a reader that looks again does not wait.
    [Theory]
    [InlineData(": x\n\n{")]
    [InlineData(": x\n\n[")]
    public void SseReader_WhiteSpaceAfterBracket_IsScannedOnce(string start)
    {
        byte[] body = Encoding.UTF8.GetBytes(start + new string(' ', 64));
        var reader = new SseReader { ReadsDocuments = true };
        Assert.False(reader.TryRead(body.AsSpan(0, start.Length + 32), isFinal: false, out _, out int consumed));
        var rest = body.AsSpan(consumed);
        rest[1..^32].Fill((byte)'x');

        Assert.False(reader.TryRead(rest, isFinal: false, out _, out consumed));
        Assert.Equal(0, consumed);
    }

    [Fact]
    public void GeminiFrames_WhiteSpaceBeforeAnswer_IsScannedOnce()
    {
        byte[] body = Encoding.UTF8.GetBytes(new string(' ', 64) + "[]");
        using var reader = new GeminiFrames();
        Assert.False(reader.TryRead(body.AsSpan(0, 32), isFinal: false, out _, out _));
        body.AsSpan(0, 32).Fill((byte)'x');
        Assert.False(reader.TryRead(body.AsSpan(0, 64), isFinal: false, out _, out int consumed));

        Assert.Equal(0, consumed);
    }

    // Allocated 400 MB when the ID was unescaped for each item.
    [Fact]
    public void EventId_EscapedWithManyItems_IsUnescapedOnce()
    {
        var body = new StringBuilder(Texts(500));
        for (int i = 0; i < 500; i++)
            body.Append(TextDelta(i, "\\u0061" + new string('a', 1500)));

        Assert.InRange(Allocated(new ResponsesProtocol(), Encoding.UTF8.GetBytes(body.ToString())), 0, 32 << 20);
    }

    [Fact]
    public void FinalListIds_EscapedWithManyItems_AreUnescapedOnce()
    {
        string entries = string.Join(
            ',',
            Enumerable
                .Range(0, 500)
                .Select(i => $$"""{"type":"message","id":"\u0061{{new string('a', 1500)}}{{i}}","role":"assistant","content":[]}""")
        );
        string body =
            Texts(500)
            + $$$"""
                data: {"type":"response.completed","response":{"id":"r","status":"completed","output":[{{{entries}}}]}}


                """;

        Assert.InRange(Allocated(new ResponsesProtocol(), Encoding.UTF8.GetBytes(body)), 0, 32 << 20);
    }

    // Allocated 200 MB when each call tried the numbers of all calls before it.
    [Fact]
    public void CallId_SharedByManyCalls_IsMadeUniqueInLinearTime()
    {
        string id = new('a', 20_000);
        var chat = new StringBuilder();
        var blocks = new StringBuilder("""data: {"type":"message_start","message":{"id":"m","role":"assistant","content":[]}}""" + "\n\n");
        for (int i = 0; i < 100; i++)
        {
            chat.Append(
                $$$"""data: {"choices":[{"index":0,"delta":{"tool_calls":[{"index":{{{i}}},"id":"{{{id}}}","function":{"name":"f","arguments":"{\"a\":{{{i}}} }"}}]}}]}"""
                    + "\n\n"
            );
            blocks.Append(
                $$$"""data: {"type":"content_block_start","index":{{{i}}},"content_block":{"type":"tool_use","id":"{{{id}}}","name":"f","input":{} }}"""
                    + "\n\n"
            );
        }

        Assert.InRange(Allocated(new ChatCompletionsProtocol(), Encoding.UTF8.GetBytes(chat.ToString())), 0, 64 << 20);
        Assert.InRange(Allocated(new AnthropicProtocol(), Encoding.UTF8.GetBytes(blocks.ToString())), 0, 64 << 20);
    }

    private static string Texts(int count) =>
        string.Concat(Enumerable.Range(0, count).Select(i => TextDelta(i, $"{i}".PadLeft(1500, 'a'))));

    private static string TextDelta(int index, string id) =>
        $$"""
            data: {"type":"response.output_text.delta","item_id":"{{id}}","output_index":{{index}},"content_index":0,"delta":"t"}


            """;

    private static long Allocated(WireProtocol protocol, byte[] body)
    {
        using var decoder = protocol.CreateDecoder();
        long before = GC.GetAllocatedBytesForCurrentThread();
        decoder.Append(body);
        while (decoder.TryRead()) { }
        return GC.GetAllocatedBytesForCurrentThread() - before;
    }
}
