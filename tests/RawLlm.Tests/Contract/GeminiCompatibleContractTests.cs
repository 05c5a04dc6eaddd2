using RawLlm.Tests.Support;

namespace RawLlm.Tests.Contract;

public sealed class GeminiCompatibleContractTests
{
    private const string Model = "gemini-2.5-flash";

    [Fact]
    public async Task Send_NonStreamingAnswer_RequestAndReplyMatch()
    {
        using var service = MockService.Json(
            """
            {"choices":[{"finish_reason":"stop","index":0,"message":{"content":"Scattering.","role":"assistant"}}],"created":1,"id":"g1","model":"gemini-2.5-flash","object":"chat.completion","usage":{"completion_tokens":3,"prompt_tokens":10,"total_tokens":40}}
            """
        );
        using var client = service.Client(Providers.GeminiCompatible, Model);

        var reply = await client.SendAsync(Conversations.Ask with { Thinking = Thinking.Budget(1024), FrequencyPenalty = 0.5 });

        service.AssertRequest(
            """
            POST https://generativelanguage.googleapis.com/v1beta/openai/chat/completions
            Accept: application/json
            Authorization: Bearer test-key
            Content-Type: application/json
            """,
            """
            {"model":"gemini-2.5-flash",
             "messages":[{"role":"system","content":"Be brief."},{"role":"user","content":"Why is the sky blue?"}],
             "max_tokens":100,"temperature":0.5,"reasoning_effort":"low"}
            """
        );
        Assert.Equal("Scattering.", reply.Text);
        Assert.Equal(StopReason.EndTurn, reply.StopReason);
        Assert.Equal((10L, 3L, 40L), (reply.Usage!.InputTokens, reply.Usage.OutputTokens, reply.Usage.TotalTokens));
        Assert.Contains(new Quirk(QuirkKind.LeftOut, "seed"), reply.Quirks);
        Assert.Contains(new Quirk(QuirkKind.LeftOut, "frequency_penalty"), reply.Quirks);
        Assert.Contains(new Quirk(QuirkKind.Adapted, "thinking.budget_tokens"), reply.Quirks);
    }

    [Fact]
    public async Task Stream_ToolCallsAllAtIndexZero_AreSeparatedAndSignatureIsSentBack()
    {
        using var first = MockService.Sse(
            """
            data: {"choices":[{"delta":{"role":"assistant","tool_calls":[{"extra_content":{"google":{"thought_signature":"c2ln\/MQ=="}},"function":{"arguments":"{\"city\":\"Paris\"}","name":"get_weather"},"id":"function-call-1","index":0,"type":"function"}]},"index":0}],"created":1,"id":"g2","model":"gemini-2.5-flash","object":"chat.completion.chunk"}

            data: {"choices":[{"delta":{"role":"assistant","tool_calls":[{"function":{"arguments":"{\"city\":\"Rome\"}","name":"get_weather"},"id":"function-call-2","index":0,"type":"function"}]},"finish_reason":"stop","index":0}],"created":1,"id":"g2","model":"gemini-2.5-flash","object":"chat.completion.chunk","usage":{"completion_tokens":30,"prompt_tokens":60,"total_tokens":90}}

            data: [DONE]


            """
        );
        using var client = first.Client(Providers.GeminiCompatible, Model);
        await using var stream = await client.StreamAsync(Conversations.AskWithTools);
        var call = await stream.ReplyAsync();

        first.AssertRequest(
            """
            POST https://generativelanguage.googleapis.com/v1beta/openai/chat/completions
            Accept-Encoding: identity
            Accept: text/event-stream
            Authorization: Bearer test-key
            Content-Type: application/json
            """,
            """
            {"model":"gemini-2.5-flash","messages":[{"role":"user","content":"Weather in Paris?"}],
             "tools":[{"type":"function","function":{"name":"get_weather","description":"Tells the weather.",
               "parameters":{"type":"object","properties":{"city":{"type":"string"}},"required":["city"]},"strict":true}}],
             "tool_choice":"required","stream":true,"stream_options":{"include_usage":true}}
            """
        );
        Assert.Equal(["function-call-1", "function-call-2"], call.CompletedToolCalls.Select(one => one.Id));
        Assert.Equal(StopReason.ToolUse, call.StopReason);
        Assert.Equal((60L, 30L, 90L), (call.Usage!.InputTokens, call.Usage.OutputTokens, call.Usage.TotalTokens));

        using var second = MockService.Json(
            """{"choices":[{"finish_reason":"stop","index":0,"message":{"content":"18 and 20.","role":"assistant"}}],"id":"g3","model":"m"}"""
        );
        using var next = second.Client(Providers.GeminiCompatible, Model);
        var reply = await next.SendAsync(
            new ChatRequest
            {
                Messages =
                [
                    Message.User("Weather in Paris?"),
                    call.Message,
                    Message.ToolResults(new ToolResultPart("function-call-1", "18"), new ToolResultPart("function-call-2", "20")),
                ],
            }
        );

        JsonAssert.Equal(
            """
            {"model":"gemini-2.5-flash","messages":[
              {"role":"user","content":"Weather in Paris?"},
              {"role":"assistant","content":null,"tool_calls":[
                {"id":"function-call-1","type":"function","function":{"name":"get_weather","arguments":"{\"city\":\"Paris\"}"},"extra_content":{"google":{"thought_signature":"c2ln/MQ=="}}},
                {"id":"function-call-2","type":"function","function":{"name":"get_weather","arguments":"{\"city\":\"Rome\"}"}}]},
              {"role":"tool","tool_call_id":"function-call-1","name":"get_weather","content":"18"},
              {"role":"tool","tool_call_id":"function-call-2","name":"get_weather","content":"20"}]}
            """,
            second.Body
        );
        Assert.Contains(
            """
            "extra_content":{"google":{"thought_signature":"c2ln\/MQ=="}}
            """,
            second.Body
        );
        Assert.Equal("18 and 20.", reply.Text);
    }
}
