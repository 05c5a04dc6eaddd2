using RawLlm.Tests.Support;

namespace RawLlm.Tests.Contract;

public sealed class GroqContractTests
{
    private const string Model = "openai/gpt-oss-20b";

    [Fact]
    public async Task Send_NonStreamingAnswer_RequestAndReplyMatch()
    {
        using var service = MockService.Json(
            """
            {"id":"chatcmpl-g1","object":"chat.completion","created":1,"model":"openai/gpt-oss-20b","choices":[{"index":0,"message":{"role":"assistant","content":"Scattering.","reasoning":"Hm."},"logprobs":null,"finish_reason":"stop"}],
             "usage":{"queue_time":0.01,"prompt_tokens":80,"prompt_time":0.004,"completion_tokens":20,"completion_time":0.02,"total_tokens":100,"total_time":0.024},"x_groq":{"id":"req_1"},"service_tier":"on_demand"}
            """
        );
        using var client = service.Client(Providers.Groq, Model);

        var reply = await client.SendAsync(Conversations.Ask with { Thinking = Thinking.Low with { Include = true } });

        service.AssertRequest(
            """
            POST https://api.groq.com/openai/v1/chat/completions
            Accept: application/json
            Authorization: Bearer test-key
            Content-Type: application/json
            """,
            """
            {"model":"openai/gpt-oss-20b",
             "messages":[{"role":"system","content":"Be brief."},{"role":"user","content":"Why is the sky blue?"}],
             "max_completion_tokens":100,"temperature":0.5,"seed":7,"reasoning_effort":"low","include_reasoning":true}
            """
        );
        Assert.Equal(("Scattering.", "Hm."), (reply.Text, reply.Reasoning));
        Assert.Equal(StopReason.EndTurn, reply.StopReason);
        Assert.Equal((80L, 20L, 100L), (reply.Usage!.InputTokens, reply.Usage.OutputTokens, reply.Usage.TotalTokens));
    }

    [Fact]
    public async Task Stream_UsageInXGroqMember_IsRead()
    {
        using var service = MockService.Sse(
            """
            data: {"id":"chatcmpl-g2","object":"chat.completion.chunk","created":1,"model":"openai/gpt-oss-20b","choices":[{"index":0,"delta":{"role":"assistant","content":""},"logprobs":null,"finish_reason":null}],"x_groq":{"id":"req_1","seed":7}}

            data: {"id":"chatcmpl-g2","object":"chat.completion.chunk","created":1,"model":"openai/gpt-oss-20b","choices":[{"index":0,"delta":{"content":"Scattering."},"logprobs":null,"finish_reason":null}]}

            data: {"id":"chatcmpl-g2","object":"chat.completion.chunk","created":1,"model":"openai/gpt-oss-20b","choices":[{"index":0,"delta":{},"logprobs":null,"finish_reason":"stop"}],"x_groq":{"id":"req_1","usage":{"prompt_tokens":80,"completion_tokens":4,"total_tokens":84}}}

            data: [DONE]


            """
        );
        using var client = service.Client(Providers.Groq, Model);

        await using var stream = await client.StreamAsync(Conversations.Ask);
        var reply = await stream.ReplyAsync();

        service.AssertRequest(
            """
            POST https://api.groq.com/openai/v1/chat/completions
            Accept-Encoding: identity
            Accept: text/event-stream
            Authorization: Bearer test-key
            Content-Type: application/json
            """,
            """
            {"model":"openai/gpt-oss-20b",
             "messages":[{"role":"system","content":"Be brief."},{"role":"user","content":"Why is the sky blue?"}],
             "max_completion_tokens":100,"temperature":0.5,"seed":7,"stream":true,"stream_options":{"include_usage":true}}
            """
        );
        Assert.Equal("Scattering.", reply.Text);
        Assert.Equal((80L, 4L, 84L), (reply.Usage!.InputTokens, reply.Usage.OutputTokens, reply.Usage.TotalTokens));
    }

    [Fact]
    public async Task Stream_CompleteToolCallInOneChunk_IsRead()
    {
        using var service = MockService.Sse(
            """
            data: {"id":"g","model":"m","choices":[{"index":0,"delta":{"role":"assistant","tool_calls":[{"id":"fc_1","type":"function","function":{"name":"get_weather","arguments":"{\"city\":\"Paris\"}"},"index":0}]},"logprobs":null,"finish_reason":null}]}

            data: {"id":"g","model":"m","choices":[{"index":0,"delta":{},"logprobs":null,"finish_reason":"tool_calls"}],"x_groq":{"usage":{"prompt_tokens":1,"completion_tokens":1,"total_tokens":2}}}

            data: [DONE]


            """
        );
        using var client = service.Client(Providers.Groq, Model);

        await using var stream = await client.StreamAsync(Conversations.AskWithTools);
        var reply = await stream.ReplyAsync();

        JsonAssert.Equal(
            """
            {"model":"openai/gpt-oss-20b","messages":[{"role":"user","content":"Weather in Paris?"}],
             "tools":[{"type":"function","function":{"name":"get_weather","description":"Tells the weather.",
               "parameters":{"type":"object","properties":{"city":{"type":"string"}},"required":["city"]},"strict":true}}],
             "tool_choice":"required","stream":true,"stream_options":{"include_usage":true}}
            """,
            service.Body
        );
        var call = Assert.Single(reply.CompletedToolCalls);
        Assert.Equal(("fc_1", "get_weather", """{"city":"Paris"}"""), (call.Id, call.Name, call.Arguments));
        Assert.Equal(StopReason.ToolUse, reply.StopReason);
    }

    [Fact]
    public async Task Send_ToolResult_SendsCallAndResult()
    {
        using var service = MockService.Json(
            """{"id":"g","model":"m","choices":[{"index":0,"message":{"role":"assistant","content":"18."},"finish_reason":"stop"}]}"""
        );
        using var client = service.Client(Providers.Groq, Model);

        var reply = await client.SendAsync(Conversations.AnswerTools(new ToolCallPart(new ToolCall("fc_1", "get_weather", ""))));

        JsonAssert.Equal(
            """
            {"model":"openai/gpt-oss-20b","messages":[
              {"role":"user","content":"Weather in Paris?"},
              {"role":"assistant","content":null,"tool_calls":[{"id":"fc_1","type":"function","function":{"name":"get_weather","arguments":"{}"}}]},
              {"role":"tool","tool_call_id":"fc_1","content":"18 degrees"}],
             "tools":[{"type":"function","function":{"name":"get_weather","description":"Tells the weather.",
               "parameters":{"type":"object","properties":{"city":{"type":"string"}},"required":["city"]},"strict":true}}]}
            """,
            service.Body
        );
        Assert.Equal("18.", reply.Text);
    }
}
