using RawLlm.Tests.Support;

namespace RawLlm.Tests.Contract;

public sealed class MistralContractTests
{
    private const string Model = "mistral-small-latest";

    [Fact]
    public async Task Send_ReasoningInContentParts_RequestAndReplyMatch()
    {
        using var service = MockService.Json(
            """
            {"id":"m1","created":1,"model":"mistral-small-latest","usage":{"prompt_tokens":14,"total_tokens":20,"completion_tokens":6},"object":"chat.completion",
             "choices":[{"index":0,"finish_reason":"stop","message":{"role":"assistant","tool_calls":null,"content":[{"type":"thinking","thinking":[{"type":"text","text":"Hm."}]},{"type":"text","text":"Scattering."}]}}]}
            """
        );
        using var client = service.Client(Providers.Mistral, Model);

        var reply = await client.SendAsync(Conversations.Ask with { Thinking = Thinking.High });

        service.AssertRequest(
            """
            POST https://api.mistral.ai/v1/chat/completions
            Accept: application/json
            Authorization: Bearer test-key
            Content-Type: application/json
            """,
            """
            {"model":"mistral-small-latest",
             "messages":[{"role":"system","content":"Be brief."},{"role":"user","content":"Why is the sky blue?"}],
             "max_tokens":100,"temperature":0.5,"random_seed":7,"reasoning_effort":"high"}
            """
        );
        Assert.Equal(("Scattering.", "Hm."), (reply.Text, reply.Reasoning));
        Assert.Equal(StopReason.EndTurn, reply.StopReason);
        Assert.Equal((14L, 6L, 20L), (reply.Usage!.InputTokens, reply.Usage.OutputTokens, reply.Usage.TotalTokens));
    }

    [Fact]
    public async Task Stream_UsageNotRequested_IsStillRead()
    {
        using var service = MockService.Sse(
            """
            data: {"id":"m2","object":"chat.completion.chunk","created":1,"model":"mistral-small-latest","choices":[{"index":0,"delta":{"role":"assistant","content":""},"finish_reason":null}]}

            data: {"id":"m2","object":"chat.completion.chunk","created":1,"model":"mistral-small-latest","choices":[{"index":0,"delta":{"content":"Scattering."},"finish_reason":null}]}

            data: {"id":"m2","object":"chat.completion.chunk","created":1,"model":"mistral-small-latest","choices":[{"index":0,"delta":{"content":""},"finish_reason":"length"}],"usage":{"prompt_tokens":14,"total_tokens":17,"completion_tokens":3}}

            data: [DONE]


            """
        );
        using var client = service.Client(Providers.Mistral, Model);

        await using var stream = await client.StreamAsync(Conversations.Ask);
        var reply = await stream.ReplyAsync();

        service.AssertRequest(
            """
            POST https://api.mistral.ai/v1/chat/completions
            Accept-Encoding: identity
            Accept: text/event-stream
            Authorization: Bearer test-key
            Content-Type: application/json
            """,
            """
            {"model":"mistral-small-latest",
             "messages":[{"role":"system","content":"Be brief."},{"role":"user","content":"Why is the sky blue?"}],
             "max_tokens":100,"temperature":0.5,"random_seed":7,"stream":true}
            """
        );
        Assert.Equal("Scattering.", reply.Text);
        Assert.Equal(StopReason.MaxTokens, reply.StopReason);
        Assert.Equal((14L, 3L), (reply.Usage!.InputTokens, reply.Usage.OutputTokens));
    }

    [Fact]
    public async Task Send_RequiredToolChoice_IsSentAsAny()
    {
        using var service = MockService.Json(
            """
            {"id":"m3","model":"mistral-small-latest","usage":{"prompt_tokens":1,"total_tokens":2,"completion_tokens":1},"object":"chat.completion",
             "choices":[{"index":0,"finish_reason":"tool_calls","message":{"role":"assistant","content":"","tool_calls":[{"id":"D681PevKs","function":{"name":"get_weather","arguments":"{\"city\": \"Paris\"}"}}]}}]}
            """
        );
        using var client = service.Client(Providers.Mistral, Model);

        var reply = await client.SendAsync(Conversations.AskWithTools);

        JsonAssert.Equal(
            """
            {"model":"mistral-small-latest","messages":[{"role":"user","content":"Weather in Paris?"}],
             "tools":[{"type":"function","function":{"name":"get_weather","description":"Tells the weather.",
               "parameters":{"type":"object","properties":{"city":{"type":"string"}},"required":["city"]},"strict":true}}],
             "tool_choice":"any"}
            """,
            service.Body
        );
        var call = Assert.Single(reply.CompletedToolCalls);
        Assert.Equal(("D681PevKs", "get_weather"), (call.Id, call.Name));
        Assert.Equal(StopReason.ToolUse, reply.StopReason);
    }

    [Fact]
    public async Task Send_ToolCallOfOtherService_AdaptsIdInCallAndResult()
    {
        using var service = MockService.Json(
            """{"id":"m4","model":"m","choices":[{"index":0,"message":{"role":"assistant","content":"18."},"finish_reason":"stop"}]}"""
        );
        using var client = service.Client(Providers.Mistral, Model);

        var reply = await client.SendAsync(
            Conversations.AnswerTools(new ToolCallPart(new ToolCall("call_abcdefghijklmnop", "get_weather", """{"city":"Paris"}""")))
        );

        JsonAssert.Equal(
            """
            {"model":"mistral-small-latest","messages":[
              {"role":"user","content":"Weather in Paris?"},
              {"role":"assistant","content":null,"tool_calls":[{"id":"kF2EVuzkm","type":"function","function":{"name":"get_weather","arguments":"{\"city\":\"Paris\"}"}}]},
              {"role":"tool","tool_call_id":"kF2EVuzkm","name":"get_weather","content":"18 degrees"}],
             "tools":[{"type":"function","function":{"name":"get_weather","description":"Tells the weather.",
               "parameters":{"type":"object","properties":{"city":{"type":"string"}},"required":["city"]},"strict":true}}]}
            """,
            service.Body
        );
        Assert.Contains(new Quirk(QuirkKind.Adapted, "messages[].tool_calls[].id"), reply.Quirks);
    }
}
