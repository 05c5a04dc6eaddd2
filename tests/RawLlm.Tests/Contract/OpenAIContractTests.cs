using RawLlm.Tests.Support;

namespace RawLlm.Tests.Contract;

public sealed class OpenAIContractTests
{
    [Fact]
    public async Task Send_NonStreamingAnswer_RequestAndReplyMatch()
    {
        using var service = MockService.Json(
            """
            {"id":"chatcmpl-1","object":"chat.completion","created":1,"model":"gpt-4o-mini-2024-07-18","choices":[{"index":0,"message":{"role":"assistant","content":"Rayleigh scattering.","refusal":null,"annotations":[]},"logprobs":null,"finish_reason":"stop"}],
            "usage":{"prompt_tokens":17,"completion_tokens":4,"total_tokens":21,"prompt_tokens_details":{"cached_tokens":8,"audio_tokens":0},"completion_tokens_details":{"reasoning_tokens":2,"audio_tokens":0,"accepted_prediction_tokens":0,"rejected_prediction_tokens":0}},"service_tier":"default","system_fingerprint":"fp_1"}
            """
        );
        using var client = service.Client(Providers.OpenAI, "gpt-4o-mini");

        var reply = await client.SendAsync(Conversations.Ask);

        service.AssertRequest(
            """
            POST https://api.openai.com/v1/chat/completions
            Accept: application/json
            Authorization: Bearer test-key
            Content-Type: application/json
            """,
            """
            {"model":"gpt-4o-mini",
             "messages":[{"role":"system","content":"Be brief."},{"role":"user","content":"Why is the sky blue?"}],
             "max_completion_tokens":100,"temperature":0.5,"seed":7}
            """
        );
        Assert.Equal("Rayleigh scattering.", reply.Text);
        Assert.Equal(StopReason.EndTurn, reply.StopReason);
        Assert.Equal("stop", reply.RawStopReason);
        Assert.Equal("chatcmpl-1", reply.Id);
        Assert.Equal("gpt-4o-mini-2024-07-18", reply.Model);
        Assert.Equal(
            (17L, 4L, 21L, 8L, 2L),
            (
                reply.Usage!.InputTokens,
                reply.Usage.OutputTokens,
                reply.Usage.TotalTokens,
                reply.Usage.CachedInputTokens,
                reply.Usage.ReasoningTokens
            )
        );
        Assert.Empty(reply.Quirks);
    }

    [Fact]
    public async Task Stream_Answer_RequestAndReplyMatch()
    {
        using var service = MockService.Sse(
            """
            data: {"id":"chatcmpl-2","object":"chat.completion.chunk","created":1,"model":"gpt-4o-mini","choices":[{"index":0,"delta":{"role":"assistant","content":"","refusal":null},"finish_reason":null}],"usage":null}

            data: {"id":"chatcmpl-2","object":"chat.completion.chunk","created":1,"model":"gpt-4o-mini","choices":[{"index":0,"delta":{"content":"Ray"},"finish_reason":null}],"usage":null}

            data: {"id":"chatcmpl-2","object":"chat.completion.chunk","created":1,"model":"gpt-4o-mini","choices":[{"index":0,"delta":{"content":"leigh."},"finish_reason":null}],"usage":null}

            data: {"id":"chatcmpl-2","object":"chat.completion.chunk","created":1,"model":"gpt-4o-mini","choices":[{"index":0,"delta":{},"finish_reason":"stop"}],"usage":null}

            data: {"id":"chatcmpl-2","object":"chat.completion.chunk","created":1,"model":"gpt-4o-mini","choices":[],"usage":{"prompt_tokens":17,"completion_tokens":3,"total_tokens":20}}

            data: [DONE]


            """
        );
        using var client = service.Client(Providers.OpenAI, "gpt-4o-mini");

        await using var stream = await client.StreamAsync(Conversations.Ask);
        var reply = await stream.ReplyAsync();

        service.AssertRequest(
            """
            POST https://api.openai.com/v1/chat/completions
            Accept-Encoding: identity
            Accept: text/event-stream
            Authorization: Bearer test-key
            Content-Type: application/json
            """,
            """
            {"model":"gpt-4o-mini",
             "messages":[{"role":"system","content":"Be brief."},{"role":"user","content":"Why is the sky blue?"}],
             "max_completion_tokens":100,"temperature":0.5,"seed":7,
             "stream":true,"stream_options":{"include_usage":true,"include_obfuscation":false}}
            """
        );
        Assert.Equal("Rayleigh.", reply.Text);
        Assert.Equal(StopReason.EndTurn, reply.StopReason);
        Assert.Equal((17L, 3L, 20L), (reply.Usage!.InputTokens, reply.Usage.OutputTokens, reply.Usage.TotalTokens));
        Assert.Empty(reply.Quirks);
    }

    [Fact]
    public async Task Send_WithTools_SendsDefinitionsAndReadsCalls()
    {
        using var service = MockService.Json(
            """
            {"id":"chatcmpl-3","model":"gpt-4o-mini","choices":[{"index":0,"message":{"role":"assistant","content":null,"tool_calls":[
              {"id":"call_1","type":"function","function":{"name":"get_weather","arguments":"{\"city\":\"Paris\"}"}}]},"finish_reason":"tool_calls"}],
             "usage":{"prompt_tokens":50,"completion_tokens":10,"total_tokens":60}}
            """
        );
        using var client = service.Client(Providers.OpenAI, "gpt-4o-mini");

        var reply = await client.SendAsync(Conversations.AskWithTools with { ParallelToolCalls = false });

        service.AssertRequest(
            """
            POST https://api.openai.com/v1/chat/completions
            Accept: application/json
            Authorization: Bearer test-key
            Content-Type: application/json
            """,
            """
            {"model":"gpt-4o-mini","messages":[{"role":"user","content":"Weather in Paris?"}],
             "tools":[{"type":"function","function":{"name":"get_weather","description":"Tells the weather.",
               "parameters":{"type":"object","properties":{"city":{"type":"string"}},"required":["city"]},"strict":true}}],
             "tool_choice":"required","parallel_tool_calls":false}
            """
        );
        Assert.Equal(StopReason.ToolUse, reply.StopReason);
        var call = Assert.Single(reply.CompletedToolCalls);
        Assert.Equal(("call_1", "get_weather", """{"city":"Paris"}"""), (call.Id, call.Name, call.Arguments));
    }

    [Fact]
    public async Task Send_ToolResult_SendsCallAndResult()
    {
        using var service = MockService.Json(
            """
            {"id":"chatcmpl-4","model":"gpt-4o-mini","choices":[{"index":0,"message":{"role":"assistant","content":"18 degrees in Paris."},"finish_reason":"stop"}],
             "usage":{"prompt_tokens":70,"completion_tokens":6,"total_tokens":76}}
            """
        );
        using var client = service.Client(Providers.OpenAI, "gpt-4o-mini");

        var reply = await client.SendAsync(
            Conversations.AnswerTools(new ToolCallPart(new ToolCall("call_1", "get_weather", """{"city":"Paris"}""")))
        );

        service.AssertRequest(
            """
            POST https://api.openai.com/v1/chat/completions
            Accept: application/json
            Authorization: Bearer test-key
            Content-Type: application/json
            """,
            """
            {"model":"gpt-4o-mini","messages":[
              {"role":"user","content":"Weather in Paris?"},
              {"role":"assistant","content":null,"tool_calls":[{"id":"call_1","type":"function","function":{"name":"get_weather","arguments":"{\"city\":\"Paris\"}"}}]},
              {"role":"tool","tool_call_id":"call_1","content":"18 degrees"}],
             "tools":[{"type":"function","function":{"name":"get_weather","description":"Tells the weather.",
               "parameters":{"type":"object","properties":{"city":{"type":"string"}},"required":["city"]},"strict":true}}]}
            """
        );
        Assert.Equal("18 degrees in Paris.", reply.Text);
    }

    [Fact]
    public async Task Stream_ParallelToolCalls_AreAssembled()
    {
        using var service = MockService.Sse(
            """
            data: {"id":"c","model":"m","choices":[{"index":0,"delta":{"role":"assistant","content":null,"tool_calls":[{"index":0,"id":"call_1","type":"function","function":{"name":"get_weather","arguments":""}}]},"finish_reason":null}]}

            data: {"id":"c","model":"m","choices":[{"index":0,"delta":{"tool_calls":[{"index":0,"function":{"arguments":"{\"city\":"}}]},"finish_reason":null}]}

            data: {"id":"c","model":"m","choices":[{"index":0,"delta":{"tool_calls":[{"index":0,"function":{"arguments":"\"Paris\"}"}}]},"finish_reason":null}]}

            data: {"id":"c","model":"m","choices":[{"index":0,"delta":{"tool_calls":[{"index":1,"id":"call_2","type":"function","function":{"name":"get_weather","arguments":""}}]},"finish_reason":null}]}

            data: {"id":"c","model":"m","choices":[{"index":0,"delta":{"tool_calls":[{"index":1,"function":{"arguments":"{\"city\":\"Rome\"}"}}]},"finish_reason":null}]}

            data: {"id":"c","model":"m","choices":[{"index":0,"delta":{},"finish_reason":"tool_calls"}]}

            data: [DONE]


            """
        );
        using var client = service.Client(Providers.OpenAI, "gpt-4o-mini");

        await using var stream = await client.StreamAsync(Conversations.AskWithTools);
        var reply = await stream.ReplyAsync();

        JsonAssert.Equal(
            """
            {"model":"gpt-4o-mini","messages":[{"role":"user","content":"Weather in Paris?"}],
             "tools":[{"type":"function","function":{"name":"get_weather","description":"Tells the weather.",
               "parameters":{"type":"object","properties":{"city":{"type":"string"}},"required":["city"]},"strict":true}}],
             "tool_choice":"required","stream":true,"stream_options":{"include_usage":true,"include_obfuscation":false}}
            """,
            service.Body
        );
        Assert.Equal(
            ["call_1 {\"city\":\"Paris\"}", "call_2 {\"city\":\"Rome\"}"],
            reply.CompletedToolCalls.Select(call => $"{call.Id} {call.Arguments}")
        );
        Assert.Equal(StopReason.ToolUse, reply.StopReason);
    }

    [Fact]
    public async Task Send_Images_BytesAreSentAsDataUrlAndUrlsUnchanged()
    {
        using var service = MockService.Json(
            """{"id":"c","model":"m","choices":[{"index":0,"message":{"role":"assistant","content":"Two cats."},"finish_reason":"stop"}]}"""
        );
        using var client = service.Client(Providers.OpenAI, "gpt-4o-mini");

        var reply = await client.SendAsync(Conversations.Look);

        JsonAssert.Equal(
            """
            {"model":"gpt-4o-mini","messages":[{"role":"user","content":[
              {"type":"text","text":"Compare."},
              {"type":"image_url","image_url":{"url":"data:image/png;base64,iVBORw=="}},
              {"type":"image_url","image_url":{"url":"https://example.org/cat.jpg?size=1","detail":"low"}}]}]}
            """,
            service.Body
        );
        Assert.Equal("Two cats.", reply.Text);
    }

    [Fact]
    public async Task Send_JsonSchema_IsSentAsResponseFormat()
    {
        using var service = MockService.Json(
            """{"id":"c","model":"m","choices":[{"index":0,"message":{"role":"assistant","content":"{\"name\":\"Paris\"}"},"finish_reason":"stop"}]}"""
        );
        using var client = service.Client(Providers.OpenAI, "gpt-4o-mini");

        var reply = await client.SendAsync(Conversations.Structured);

        JsonAssert.Equal(
            """
            {"model":"gpt-4o-mini","messages":[{"role":"user","content":"Name a city, as JSON."}],
             "response_format":{"type":"json_schema","json_schema":{"name":"city",
               "schema":{"type":"object","properties":{"name":{"type":"string"}},"required":["name"],"additionalProperties":false},"strict":true}}}
            """,
            service.Body
        );
        Assert.Equal("""{"name":"Paris"}""", reply.Text);
    }

    [Fact]
    public async Task StreamText_RequestWithTools_SendsToolChoiceNone()
    {
        using var service = MockService.Sse(
            """
            data: {"id":"c","model":"m","choices":[{"index":0,"delta":{"content":"I cannot look."},"finish_reason":"stop"}]}

            data: [DONE]


            """
        );
        using var client = service.Client(Providers.OpenAI, "gpt-4o-mini");

        string text = "";
        await foreach (string piece in client.StreamTextAsync(Conversations.AskWithTools))
            text += piece;

        JsonAssert.Equal(
            """
            {"model":"gpt-4o-mini","messages":[{"role":"user","content":"Weather in Paris?"}],
             "tools":[{"type":"function","function":{"name":"get_weather","description":"Tells the weather.",
               "parameters":{"type":"object","properties":{"city":{"type":"string"}},"required":["city"]},"strict":true}}],
             "tool_choice":"none","stream":true,"stream_options":{"include_usage":true,"include_obfuscation":false}}
            """,
            service.Body
        );
        Assert.Equal("I cannot look.", text);
    }

    [Fact]
    public async Task StreamText_TextOnlyForbidsToolsDisabled_KeepsToolChoice()
    {
        using var service = MockService.Sse(
            """
            data: {"id":"c","model":"m","choices":[{"index":0,"delta":{"content":"Hm."},"finish_reason":"stop"}]}

            data: [DONE]


            """
        );
        var provider = Providers.OpenAI with { Credential = Credential.Bearer("test-key") };
        using var client = new LlmClient(provider, "gpt-4o-mini", new LlmClientOptions { TextOnlyForbidsTools = false }, service.Http);

        await foreach (string _ in client.StreamTextAsync(Conversations.AskWithTools with { ToolChoice = ToolChoice.Named("get_weather") }))
        { }

        JsonAssert.Equal(
            """
            {"model":"gpt-4o-mini","messages":[{"role":"user","content":"Weather in Paris?"}],
             "tools":[{"type":"function","function":{"name":"get_weather","description":"Tells the weather.",
               "parameters":{"type":"object","properties":{"city":{"type":"string"}},"required":["city"]},"strict":true}}],
             "tool_choice":{"type":"function","function":{"name":"get_weather"}},
             "stream":true,"stream_options":{"include_usage":true,"include_obfuscation":false}}
            """,
            service.Body
        );
    }
}
