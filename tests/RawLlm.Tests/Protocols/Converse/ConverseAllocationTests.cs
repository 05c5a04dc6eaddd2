using System.Text;
using System.Text.Json.Nodes;
using RawLlm.Protocols;
using RawLlm.Tests.Support;

namespace RawLlm.Tests.Protocols.Converse;

/// <summary>A streamed event of either Bedrock wire allocates nothing once the buffers have grown.</summary>
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
        Check(
            name,
            new ConverseProtocol(),
            head,
            AwsMessage.Event("contentBlockDelta", $$"""{"contentBlockIndex":0,"delta":{{delta}},"p":"abcdefghijklmnop"}""")
        );
    }

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
    public void BedrockInvoke_DeltasAfterWarmUp_AllocateNothing(string name, string block, string delta)
    {
        byte[] head =
        [
            .. Chunk("""{"type":"message_start","message":{"id":"m","model":"m","content":[],"usage":{"input_tokens":1}}}"""),
            .. Chunk($$"""{"type":"content_block_start","index":0,"content_block":{{block}}}"""),
        ];
        Check(name, new BedrockInvokeProtocol(), head, Chunk($$"""{"type":"content_block_delta","index":0,"delta":{{delta}}}"""));
    }

    [Theory]
    [InlineData(
        "nova",
        """{"messageStart":{"role":"assistant"}}""",
        """{"contentBlockDelta":{"delta":{"text":"Hello, \"w\u00f6rld\"\n"},"contentBlockIndex":0}}"""
    )]
    [InlineData(
        "titan",
        """{"outputText":"H","index":0,"completionReason":null}""",
        """{"outputText":"Hello, \"wörld\"\n","index":0,"totalOutputTextTokenCount":null,"completionReason":null,"inputTextTokenCount":4}"""
    )]
    [InlineData(
        "llama",
        """{"generation":"H","prompt_token_count":3,"generation_token_count":1,"stop_reason":null}""",
        """{"generation":" you","prompt_token_count":null,"generation_token_count":2,"stop_reason":null}"""
    )]
    [InlineData("command", """{"is_finished":false,"text":"H"}""", """{"is_finished":false,"text":" you"}""")]
    [InlineData(
        "command-r",
        """{"event_type":"stream-start","generation_id":"g","is_finished":false}""",
        """{"event_type":"text-generation","is_finished":false,"text":" you"}"""
    )]
    [InlineData("mistral", """{"outputs":[{"text":"H","stop_reason":null}]}""", """{"outputs":[{"text":" you","stop_reason":null}]}""")]
    [InlineData(
        "mistral-messages",
        """{"choices":[{"index":0,"message":{"role":"assistant","content":"H"},"stop_reason":null}]}""",
        """{"choices":[{"index":0,"message":{"role":"assistant","content":" you"},"stop_reason":null}]}"""
    )]
    [InlineData("deepseek", """{"choices":[{"text":"H","stop_reason":null}]}""", """{"choices":[{"text":" you","stop_reason":null}]}""")]
    [InlineData(
        "gpt-oss",
        """{"choices":[{"delta":{"content":"","role":"assistant"},"finish_reason":null,"index":0}],"id":"c","model":"m"}""",
        """{"choices":[{"delta":{"content":" you"},"finish_reason":null,"index":0,"logprobs":null}],"created":1,"id":"c","model":"m","object":"chat.completion.chunk"}"""
    )]
    public void BedrockInvoke_ChunksOfOtherVendorsAfterWarmUp_AllocateNothing(string name, string head, string piece) =>
        Check(name, new BedrockInvokeProtocol(), Chunk(head), Chunk(piece));

    private static byte[] Chunk(string json) =>
        AwsMessage.Event(
            "chunk",
            new JsonObject { ["bytes"] = Convert.ToBase64String(Encoding.UTF8.GetBytes(json)), ["p"] = "abcdef" }.ToJsonString()
        );

    private static void Check(string name, WireProtocol protocol, byte[] head, byte[] piece)
    {
        long allocated = EventAllocation.Measure(protocol, head, piece);
        Assert.True(allocated == 0, $"{name}: {allocated} bytes");
    }
}
