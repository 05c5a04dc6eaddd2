using System.Text;
using System.Text.Json.Nodes;
using RawLlm.Protocols;
using RawLlm.Tests.Framing;
using RawLlm.Tests.Support;

namespace RawLlm.Tests.Protocols.Converse;

/// <summary>A streamed event of either of Bedrock's wires costs no memory once the buffers have grown.</summary>
public sealed class ConverseAllocationTests
{
    [Theory]
    [InlineData("text", null, """{"text":"Hello, \"wörld\"\n"}""")]
    [InlineData("reasoning", null, """{"reasoningContent":{"text":"Hm, \u00e9"}}""")]
    [InlineData("arguments", """{"toolUse":{"toolUseId":"t","name":"a"}}""", """{"toolUse":{"input":"{\"city\": "}}""")]
    public void Converse_DeltasAfterWarmUp_AllocateNothing(string name, string? start, string delta)
    {
        byte[] head =
        [
            .. AwsMessage.Event("messageStart", """{"p":"abc","role":"assistant"}"""),
            .. start is null ? [] : AwsMessage.Event("contentBlockStart", $$"""{"contentBlockIndex":0,"start":{{start}}}"""),
        ];
        Check(name, new ConverseProtocol(), head, AwsMessage.Event("contentBlockDelta", $$"""{"contentBlockIndex":0,"delta":{{delta}},"p":"abcdefghijklmnop"}"""));
    }

    [Theory]
    [InlineData("text", """{"type":"text","text":""}""", """{"type":"text_delta","text":"Hello, \"wörld\"\n"}""")]
    [InlineData("reasoning", """{"type":"thinking","thinking":"","signature":""}""", """{"type":"thinking_delta","thinking":"Hm, \u00e9"}""")]
    [InlineData("arguments", """{"type":"tool_use","id":"t","name":"a","input":{}}""", """{"type":"input_json_delta","partial_json":"{\"city\": "}""")]
    public void BedrockInvoke_DeltasAfterWarmUp_AllocateNothing(string name, string block, string delta)
    {
        byte[] head =
        [
            .. Chunk("""{"type":"message_start","message":{"id":"m","model":"m","content":[],"usage":{"input_tokens":1}}}"""),
            .. Chunk($$"""{"type":"content_block_start","index":0,"content_block":{{block}}}"""),
        ];
        Check(name, new BedrockInvokeProtocol(), head, Chunk($$"""{"type":"content_block_delta","index":0,"delta":{{delta}}}"""));
    }

    private static byte[] Chunk(string json) =>
        AwsMessage.Event("chunk", new JsonObject { ["bytes"] = Convert.ToBase64String(Encoding.UTF8.GetBytes(json)), ["p"] = "abcdef" }.ToJsonString());

    private static void Check(string name, WireProtocol protocol, byte[] head, byte[] piece)
    {
        long allocated = EventAllocation.Measure(protocol, head, piece);
        Assert.True(allocated == 0, $"{name}: {allocated} bytes");
    }
}
