using System.Text;
using RawLlm.Protocols;

namespace RawLlm.Tests.Protocols.Anthropic;

/// <summary>A streamed event of the Messages wire costs no memory once the buffers have grown.</summary>
public sealed class AnthropicAllocationTests
{
    private const int WarmUp = 200;
    private const int Measured = 2000;

    [Theory]
    [InlineData("text", """{"type":"text","text":""}""", """{"type":"text_delta","text":"Hello, \"wörld\"\n"}""")]
    [InlineData("reasoning", """{"type":"thinking","thinking":"","signature":""}""", """{"type":"thinking_delta","thinking":"Hm, \u00e9"}""")]
    [InlineData("arguments", """{"type":"tool_use","id":"t","name":"a","input":{}}""", """{"type":"input_json_delta","partial_json":"{\"city\": "}""")]
    [InlineData("ping", """{"type":"text","text":""}""", null)]
    public void Deltas_AfterWarmUp_AllocateNothing(string name, string block, string? delta)
    {
        byte[] start = Encoding.UTF8.GetBytes(
            "event: message_start\ndata: {\"type\":\"message_start\",\"message\":{\"id\":\"m\",\"model\":\"m\",\"content\":[],\"usage\":{\"input_tokens\":1}}}\n\n"
            + $"event: content_block_start\ndata: {{\"type\":\"content_block_start\",\"index\":0,\"content_block\":{block}}}\n\n");
        byte[] piece = Encoding.UTF8.GetBytes(delta is null
            ? "event: ping\ndata: {\"type\": \"ping\"}\n\n"
            : $"event: content_block_delta\ndata: {{\"type\":\"content_block_delta\",\"index\":0,\"delta\":{delta}}}\n\n");
        // The first run fills the pool of arrays with every size that the second grows through.
        Run(start, piece, delta is not null);
        // The least of several runs: the runtime itself now and then allocates on the thread, when it compiles anew.
        long allocated = Enumerable.Range(0, 5).Min(_ => Run(start, piece, delta is not null));
        Assert.True(allocated == 0, $"{name}: {allocated} bytes for {Measured} events");
    }

    private static long Run(byte[] start, byte[] piece, bool givesEvents)
    {
        using var decoder = new AnthropicProtocol().CreateDecoder();
        Feed(decoder, start);
        int events = 0;
        for (int i = 0; i < WarmUp; i++)
            events += Feed(decoder, piece);
        events = 0;
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < Measured; i++)
            events += Feed(decoder, piece);
        long allocated = GC.GetAllocatedBytesForCurrentThread() - before;
        Assert.Equal(givesEvents ? Measured : 0, events);
        return allocated;
    }

    private static int Feed(StreamDecoder decoder, byte[] bytes)
    {
        bytes.CopyTo(decoder.GetSpan(bytes.Length));
        decoder.Advance(bytes.Length);
        int events = 0;
        while (decoder.TryRead())
            events++;
        return events;
    }
}
