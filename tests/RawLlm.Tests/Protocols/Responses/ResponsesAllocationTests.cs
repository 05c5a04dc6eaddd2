using System.Text;
using RawLlm.Protocols;

namespace RawLlm.Tests.Protocols.Responses;

public sealed class ResponsesAllocationTests
{
    private const int WarmUp = 500;
    private const int Measured = 2000;

    [Theory]
    [InlineData(
        StreamEventKind.Text,
        """{"type":"message","id":"i_1","role":"assistant","content":[]}""",
        """{"type":"response.output_text.delta","item_id":"i_1","output_index":0,"content_index":0,"delta":"wörd\n","logprobs":[],"sequence_number":5,"obfuscation":"a1b2"}"""
    )]
    [InlineData(
        StreamEventKind.Refusal,
        """{"type":"message","id":"i_1","role":"assistant","content":[]}""",
        """{"type":"response.refusal.delta","item_id":"i_1","output_index":0,"content_index":0,"delta":"no "}"""
    )]
    [InlineData(
        StreamEventKind.Reasoning,
        """{"type":"reasoning","id":"i_1","summary":[]}""",
        """{"type":"response.reasoning_summary_text.delta","item_id":"i_1","output_index":0,"summary_index":0,"delta":"hm "}"""
    )]
    [InlineData(
        StreamEventKind.ToolArguments,
        """{"type":"function_call","id":"i_1","call_id":"c","name":"f","arguments":""}""",
        """{"type":"response.function_call_arguments.delta","item_id":"i_1","output_index":0,"delta":"[1],"}"""
    )]
    [InlineData(
        StreamEventKind.ToolArguments,
        """{"type":"custom_tool_call","id":"i_1","call_id":"c","name":"f","input":""}""",
        """{"type":"response.custom_tool_call_input.delta","item_id":"i_1","output_index":0,"delta":"x\ty"}"""
    )]
    [InlineData(
        StreamEventKind.Text,
        """{"type":"message","id":"i_1","role":"assistant","content":[]}""",
        """{"type":"response.output_text.delta","item_id":"other","output_index":0,"content_index":0,"delta":"w"}"""
    )]
    [InlineData(
        StreamEventKind.Text,
        """{"type":"message","id":"i_1","role":"assistant","content":[]}""",
        """{"type":"response.output_text.delta","item_id":"i_1","delta":"w"}"""
    )]
    [InlineData(
        StreamEventKind.Other,
        """{"type":"code_interpreter_call","id":"i_1"}""",
        """{"type":"response.code_interpreter_call_code.delta","item_id":"i_1","output_index":0,"delta":"1"}"""
    )]
    public void Deltas_AfterWarmUp_AllocateNothing(StreamEventKind kind, string item, string delta)
    {
        byte[] head = Encoding.UTF8.GetBytes($"data: {{\"type\":\"response.output_item.added\",\"output_index\":0,\"item\":{item}}}\n\n");
        byte[] piece = Encoding.UTF8.GetBytes($"event: x\ndata: {delta}\n\n");
        using var decoder = new ResponsesProtocol().CreateDecoder();
        Feed(decoder, head, kind);
        for (int i = 0; i < WarmUp; i++)
            Assert.Equal(1, Feed(decoder, piece, kind));

        // The buffer for a call's arguments doubles now and then; in four rounds out of five it does not.
        int events = 0;
        long least = long.MaxValue;
        for (int round = 0; round < 5; round++)
        {
            long before = GC.GetAllocatedBytesForCurrentThread();
            for (int i = 0; i < Measured / 5; i++)
                events += Feed(decoder, piece, kind);
            least = Math.Min(least, GC.GetAllocatedBytesForCurrentThread() - before);
        }

        Assert.Equal(Measured, events);
        Assert.Equal(0, least);
    }

    private static int Feed(StreamDecoder decoder, byte[] bytes, StreamEventKind kind)
    {
        bytes.CopyTo(decoder.GetSpan(bytes.Length));
        decoder.Advance(bytes.Length);
        int count = 0;
        while (decoder.TryRead())
            count += decoder.Current.Kind == kind ? 1 : 0;
        return count;
    }
}
