using RawLlm.Tests.Support;

namespace RawLlm.Tests.Contract;

public sealed class VllmContractTests
{
    private const string Model = "Qwen/Qwen3-8B";

    [Fact]
    public async Task Send_NonStreamingAnswer_RequestAndReplyMatch()
    {
        using var service = MockService.Json(
            """
            {"id":"chatcmpl-v1","object":"chat.completion","created":1,"model":"Qwen/Qwen3-8B","choices":[{"index":0,"message":{"role":"assistant","content":"Scattering.","refusal":null,"annotations":null,"audio":null,"function_call":null,"tool_calls":[],"reasoning":"Hm.","reasoning_content":"Hm."},"logprobs":null,"finish_reason":"stop","stop_reason":null,"token_ids":null}],
             "service_tier":null,"system_fingerprint":null,"usage":{"prompt_tokens":12,"total_tokens":20,"completion_tokens":8,"prompt_tokens_details":null},"prompt_logprobs":null,"kv_transfer_params":null}
            """
        );
        using var client = service.Client(Providers.Vllm, Model);

        var reply = await client.SendAsync(
            Conversations.Ask with
            {
                Thinking = Thinking.Off,
                Extra = new Dictionary<string, RawJson> { ["top_k"] = "20", ["min_p"] = "0.05" },
            }
        );

        service.AssertRequest(
            """
            POST http://localhost:8000/v1/chat/completions
            Accept: application/json
            Authorization: Bearer test-key
            Content-Type: application/json
            """,
            """
            {"model":"Qwen/Qwen3-8B",
             "messages":[{"role":"system","content":"Be brief."},{"role":"user","content":"Why is the sky blue?"}],
             "max_tokens":100,"temperature":0.5,"seed":7,"chat_template_kwargs":{"enable_thinking":false},"top_k":20,"min_p":0.05}
            """
        );
        Assert.Equal(("Scattering.", "Hm."), (reply.Text, reply.Reasoning));
        Assert.Equal((12L, 8L, 20L), (reply.Usage!.InputTokens, reply.Usage.OutputTokens, reply.Usage.TotalTokens));
    }

    [Fact]
    public async Task Stream_UsageOnEveryChunk_UsesLast()
    {
        using var service = MockService.Sse(
            """
            data: {"id":"v2","object":"chat.completion.chunk","created":1,"model":"Qwen/Qwen3-8B","choices":[{"index":0,"delta":{"role":"assistant","content":""},"logprobs":null,"finish_reason":null}],"usage":{"prompt_tokens":12,"total_tokens":12,"completion_tokens":0}}

            data: {"id":"v2","object":"chat.completion.chunk","created":1,"model":"Qwen/Qwen3-8B","choices":[{"index":0,"delta":{"content":"Scattering."},"logprobs":null,"finish_reason":null}],"usage":{"prompt_tokens":12,"total_tokens":14,"completion_tokens":2}}

            data: {"id":"v2","object":"chat.completion.chunk","created":1,"model":"Qwen/Qwen3-8B","choices":[{"index":0,"delta":{"content":""},"logprobs":null,"finish_reason":"stop","stop_reason":151645}],"usage":{"prompt_tokens":12,"total_tokens":15,"completion_tokens":3}}

            data: [DONE]


            """
        );
        using var client = service.Client(Providers.Vllm, Model);

        await using var stream = await client.StreamAsync(Conversations.Ask);
        var reply = await stream.ReplyAsync();

        service.AssertRequest(
            """
            POST http://localhost:8000/v1/chat/completions
            Accept-Encoding: identity
            Accept: text/event-stream
            Authorization: Bearer test-key
            Content-Type: application/json
            """,
            """
            {"model":"Qwen/Qwen3-8B",
             "messages":[{"role":"system","content":"Be brief."},{"role":"user","content":"Why is the sky blue?"}],
             "max_tokens":100,"temperature":0.5,"seed":7,"stream":true,"stream_options":{"include_usage":true}}
            """
        );
        Assert.Equal("Scattering.", reply.Text);
        Assert.Equal(StopReason.EndTurn, reply.StopReason);
        Assert.Equal((12L, 3L, 15L), (reply.Usage!.InputTokens, reply.Usage.OutputTokens, reply.Usage.TotalTokens));
    }

    [Fact]
    public async Task Send_NamedToolWithFinishReasonStop_StopReasonIsToolUse()
    {
        using var service = MockService.Json(
            """
            {"id":"v3","model":"Qwen/Qwen3-8B","choices":[{"index":0,"message":{"role":"assistant","content":"","tool_calls":[{"id":"chatcmpl-tool-1","type":"function","function":{"name":"get_weather","arguments":"{\"city\": \"Paris\"}"}}]},"finish_reason":"stop"}]}
            """
        );
        using var client = service.Client(Providers.Vllm, Model);

        var reply = await client.SendAsync(Conversations.AskWithTools with { ToolChoice = ToolChoice.Named("get_weather") });

        JsonAssert.Equal(
            """
            {"model":"Qwen/Qwen3-8B","messages":[{"role":"user","content":"Weather in Paris?"}],
             "tools":[{"type":"function","function":{"name":"get_weather","description":"Tells the weather.",
               "parameters":{"type":"object","properties":{"city":{"type":"string"}},"required":["city"]},"strict":true}}],
             "tool_choice":{"type":"function","function":{"name":"get_weather"}}}
            """,
            service.Body
        );
        Assert.Equal("chatcmpl-tool-1", Assert.Single(reply.CompletedToolCalls).Id);
        Assert.Equal(StopReason.ToolUse, reply.StopReason);
    }

    [Fact]
    public async Task Send_ToolResult_SendsCallAndResult()
    {
        using var service = MockService.Json(
            """{"id":"v4","model":"m","choices":[{"index":0,"message":{"role":"assistant","content":"18."},"finish_reason":"stop"}]}"""
        );
        using var client = service.Client(Providers.Vllm, Model);

        var reply = await client.SendAsync(
            Conversations.AnswerTools(new ToolCallPart(new ToolCall("chatcmpl-tool-1", "get_weather", """{"city": "Paris"}""")))
        );

        JsonAssert.Equal(
            """
            {"model":"Qwen/Qwen3-8B","messages":[
              {"role":"user","content":"Weather in Paris?"},
              {"role":"assistant","content":null,"tool_calls":[{"id":"chatcmpl-tool-1","type":"function","function":{"name":"get_weather","arguments":"{\"city\": \"Paris\"}"}}]},
              {"role":"tool","tool_call_id":"chatcmpl-tool-1","content":"18 degrees"}],
             "tools":[{"type":"function","function":{"name":"get_weather","description":"Tells the weather.",
               "parameters":{"type":"object","properties":{"city":{"type":"string"}},"required":["city"]},"strict":true}}]}
            """,
            service.Body
        );
        Assert.Equal("18.", reply.Text);
    }
}
