using RawLlm.Tests.Support;

namespace RawLlm.Tests.Contract;

public sealed class GlmContractTests
{
    private const string Model = "glm-4.6";

    [Fact]
    public async Task Send_NonStreamingAnswer_PathHasNoV1()
    {
        using var service = MockService.Json(
            """
            {"choices":[{"finish_reason":"stop","index":0,"message":{"content":"Scattering.","reasoning_content":"Hm.","role":"assistant"}}],"created":1,"id":"2026","model":"glm-4.6","object":"chat.completion","request_id":"2026",
             "usage":{"completion_tokens":20,"completion_tokens_details":{"reasoning_tokens":15},"prompt_tokens":13,"prompt_tokens_details":{"cached_tokens":2},"total_tokens":33}}
            """
        );
        using var client = service.Client(Providers.Glm, Model);

        var reply = await client.SendAsync(Conversations.Ask with { Thinking = Thinking.Off });

        service.AssertRequest(
            """
            POST https://api.z.ai/api/paas/v4/chat/completions
            Accept: application/json
            Authorization: Bearer test-key
            Content-Type: application/json
            """,
            """
            {"model":"glm-4.6",
             "messages":[{"role":"system","content":"Be brief."},{"role":"user","content":"Why is the sky blue?"}],
             "max_tokens":100,"temperature":0.5,"seed":7,"thinking":{"type":"disabled"}}
            """
        );
        Assert.Equal(("Scattering.", "Hm."), (reply.Text, reply.Reasoning));
        Assert.Equal(
            (13L, 20L, 2L, 15L),
            (reply.Usage!.InputTokens, reply.Usage.OutputTokens, reply.Usage.CachedInputTokens, reply.Usage.ReasoningTokens)
        );
    }

    [Fact]
    public async Task Stream_Answer_RequestAndReplyMatch()
    {
        using var service = MockService.Sse(
            """
            data: {"id":"2026","created":1,"object":"chat.completion.chunk","model":"glm-4.6","choices":[{"index":0,"delta":{"role":"assistant","reasoning_content":"Hm."}}]}

            data: {"id":"2026","created":1,"object":"chat.completion.chunk","model":"glm-4.6","choices":[{"index":0,"delta":{"role":"assistant","content":"Scattering."}}]}

            data: {"id":"2026","created":1,"object":"chat.completion.chunk","model":"glm-4.6","choices":[{"index":0,"finish_reason":"stop","delta":{"role":"assistant","content":""}}],"usage":{"prompt_tokens":13,"completion_tokens":20,"total_tokens":33}}

            data: [DONE]


            """
        );
        using var client = service.Client(Providers.Glm, Model);

        await using var stream = await client.StreamAsync(Conversations.Ask);
        var reply = await stream.ReplyAsync();

        service.AssertRequest(
            """
            POST https://api.z.ai/api/paas/v4/chat/completions
            Accept-Encoding: identity
            Accept: text/event-stream
            Authorization: Bearer test-key
            Content-Type: application/json
            """,
            """
            {"model":"glm-4.6",
             "messages":[{"role":"system","content":"Be brief."},{"role":"user","content":"Why is the sky blue?"}],
             "max_tokens":100,"temperature":0.5,"seed":7,"stream":true,"stream_options":{"include_usage":true}}
            """
        );
        Assert.Equal(("Scattering.", "Hm."), (reply.Text, reply.Reasoning));
        Assert.Equal(StopReason.EndTurn, reply.StopReason);
        Assert.Equal((13L, 20L, 33L), (reply.Usage!.InputTokens, reply.Usage.OutputTokens, reply.Usage.TotalTokens));
    }

    [Fact]
    public async Task Stream_WithTools_RequestsStreamedArguments()
    {
        using var service = MockService.Sse(
            """
            data: {"id":"2026","model":"glm-4.6","choices":[{"index":0,"delta":{"role":"assistant","tool_calls":[{"id":"call_1","index":0,"type":"function","function":{"name":"get_weather","arguments":"{\"city\":"}}]}}]}

            data: {"id":"2026","model":"glm-4.6","choices":[{"index":0,"delta":{"role":"assistant","tool_calls":[{"index":0,"function":{"arguments":"\"Paris\"}"}}]}}]}

            data: {"id":"2026","model":"glm-4.6","choices":[{"index":0,"finish_reason":"tool_calls","delta":{"role":"assistant","content":""}}]}

            data: [DONE]


            """
        );
        using var client = service.Client(Providers.Glm, Model);

        await using var stream = await client.StreamAsync(Conversations.AskWithTools);
        var reply = await stream.ReplyAsync();

        JsonAssert.Equal(
            """
            {"model":"glm-4.6","messages":[{"role":"user","content":"Weather in Paris?"}],
             "tools":[{"type":"function","function":{"name":"get_weather","description":"Tells the weather.",
               "parameters":{"type":"object","properties":{"city":{"type":"string"}},"required":["city"]}}}],
             "stream":true,"stream_options":{"include_usage":true},"tool_stream":true}
            """,
            service.Body
        );
        Assert.Equal("""{"city":"Paris"}""", Assert.Single(reply.CompletedToolCalls).Arguments);
        Assert.Contains(new Quirk(QuirkKind.LeftOut, "tool_choice"), reply.Quirks);
        Assert.Contains(new Quirk(QuirkKind.LeftOut, "tools[].function.strict"), reply.Quirks);
    }

    [Fact]
    public async Task StreamText_RequestWithTools_OmitsTools()
    {
        using var service = MockService.Sse(
            """
            data: {"id":"2026","model":"glm-4.6","choices":[{"index":0,"finish_reason":"stop","delta":{"content":"Hm."}}]}

            data: [DONE]


            """
        );
        using var client = service.Client(Providers.Glm, Model);

        await foreach (string _ in client.StreamTextAsync(Conversations.AskWithTools)) { }

        JsonAssert.Equal(
            """
            {"model":"glm-4.6","messages":[{"role":"user","content":"Weather in Paris?"}],"stream":true,"stream_options":{"include_usage":true}}
            """,
            service.Body
        );
    }

    [Fact]
    public async Task Send_ToolResult_SendsReasoningBackWithToolCall()
    {
        using var service = MockService.Json(
            """{"id":"2026","model":"m","choices":[{"index":0,"message":{"role":"assistant","content":"18."},"finish_reason":"stop"}]}"""
        );
        using var client = service.Client(Providers.Glm, Model);

        var call = new ToolCall("call_1", "get_weather", """{"city":"Paris"}""");
        var reply = await client.SendAsync(
            new ChatRequest
            {
                Messages =
                [
                    Message.User("Weather in Paris?"),
                    new Message(Role.Assistant, [new ReasoningPart("Look it up."), new ToolCallPart(call)]),
                    Message.ToolResult(call, "18 degrees"),
                ],
            }
        );

        JsonAssert.Equal(
            """
            {"model":"glm-4.6","messages":[
              {"role":"user","content":"Weather in Paris?"},
              {"role":"assistant","content":null,"reasoning_content":"Look it up.",
               "tool_calls":[{"id":"call_1","type":"function","function":{"name":"get_weather","arguments":"{\"city\":\"Paris\"}"}}]},
              {"role":"tool","tool_call_id":"call_1","content":"18 degrees"}]}
            """,
            service.Body
        );
        Assert.Equal("18.", reply.Text);
    }

    [Fact]
    public async Task Send_JsonSchema_UsesJsonObjectFormatAndSystemPrompt()
    {
        using var service = MockService.Json(
            """{"id":"2026","model":"m","choices":[{"index":0,"message":{"role":"assistant","content":"{\"name\":\"Paris\"}"},"finish_reason":"stop"}]}"""
        );
        using var client = service.Client(Providers.Glm, Model);

        var reply = await client.SendAsync(Conversations.Structured);

        JsonAssert.Equal(
            """
            {"model":"glm-4.6","messages":[{"role":"system","content":"Answer with one JSON object and nothing else. It must fit this JSON schema:\nSCHEMA"},{"role":"user","content":"Name a city, as JSON."}],"response_format":{"type":"json_object"}}
            """.Replace("SCHEMA", Conversations.Structured.Format!.Schema.ToString().Replace("\"", "\\\"")),
            service.Body
        );
        Assert.Contains(new Quirk(QuirkKind.Adapted, "response_format"), reply.Quirks);
        Assert.Equal("""{"name":"Paris"}""", reply.Text);
    }
}
