using System.Text;
using RawLlm.Protocols;
using RawLlm.Tests.Support;

namespace RawLlm.Tests.Protocols.Anthropic;

/// <summary>A streamed event of the Messages wire allocates nothing once the buffers have grown.</summary>
public sealed class AnthropicAllocationTests
{
    [Theory]
    [InlineData("text", """{"type":"text","text":""}""", """{"type":"text_delta","text":"Hello, \"wörld\"\n"}""")]
    [InlineData(
        "reasoning",
        """{"type":"thinking","thinking":"","signature":""}""",
        """{"type":"thinking_delta","thinking":"Hm, \u00e9"}"""
    )]
    [InlineData(
        "arguments",
        """{"type":"tool_use","id":"t","name":"a","input":{}}""",
        """{"type":"input_json_delta","partial_json":"{\"city\": "}"""
    )]
    [InlineData("ping", """{"type":"text","text":""}""", null)]
    public void Deltas_AfterWarmUp_AllocateNothing(string name, string block, string? delta)
    {
        byte[] start = Encoding.UTF8.GetBytes(
            "event: message_start\ndata: {\"type\":\"message_start\",\"message\":{\"id\":\"m\",\"model\":\"m\",\"content\":[],\"usage\":{\"input_tokens\":1}}}\n\n"
                + $"event: content_block_start\ndata: {{\"type\":\"content_block_start\",\"index\":0,\"content_block\":{block}}}\n\n"
        );
        byte[] piece = Encoding.UTF8.GetBytes(
            delta is null
                ? "event: ping\ndata: {\"type\": \"ping\"}\n\n"
                : $"event: content_block_delta\ndata: {{\"type\":\"content_block_delta\",\"index\":0,\"delta\":{delta}}}\n\n"
        );
        long allocated = EventAllocation.Measure(new AnthropicProtocol(), start, piece, isSilent: delta is null);
        Assert.True(allocated == 0, $"{name}: {allocated} bytes");
    }
}
