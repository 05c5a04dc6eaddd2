using RawLlm.Tests.Support;

namespace RawLlm.Tests.Contract;

/// <summary>Whole conversations with Ollama on its own wire, over HTTP.</summary>
public sealed class OllamaContractTests
{
    private const string Calls = """
        [{"id":"call_1","function":{"name":"get_weather","arguments":{"city":"Paris"} } },
         {"id":"call_2","function":{"name":"get_weather","arguments":{"city":"Rome"} } }]
        """;

    private const string Answer = $$"""
        {"model":"qwen3","created_at":"2026-01-02T03:04:05Z","message":{"role":"assistant","content":"I look both up.","thinking":"Two cities.","tool_calls":{{Calls}}},
         "done":true,"done_reason":"stop","total_duration":5,"prompt_eval_count":20,"eval_count":12}
        """;

    private const string Lines = """
        {"model":"qwen3","created_at":"2026-01-02T03:04:05Z","message":{"role":"assistant","content":"","thinking":"Two "},"done":false}
        {"model":"qwen3","created_at":"2026-01-02T03:04:05Z","message":{"role":"assistant","content":"","thinking":"cities."},"done":false}
        {"model":"qwen3","created_at":"2026-01-02T03:04:05Z","message":{"role":"assistant","content":"I look "},"done":false}
        {"model":"qwen3","created_at":"2026-01-02T03:04:05Z","message":{"role":"assistant","content":"","tool_calls":[{"id":"call_1","function":{"index":0,"name":"get_weather","arguments":{"city":"Paris"}}}]},"done":false}
        {"model":"qwen3","created_at":"2026-01-02T03:04:06Z","message":{"role":"assistant","content":"both up.","tool_calls":[{"id":"call_2","function":{"index":1,"name":"get_weather","arguments":{"city":"Rome"}}}]},"done":true,"done_reason":"stop","total_duration":5,"prompt_eval_count":20,"eval_count":12}

        """;

    private const string Asked = """
        {"model":"qwen3","messages":[{"role":"system","content":"Be brief."},{"role":"user","content":"Why is the sky blue?"}],
         "options":{"num_predict":100,"temperature":0.5,"seed":7},"stream":false}
        """;

    private static LlmClient Client(MockService service) => new(Providers.Ollama, "qwen3", null, service.Http);

    [Fact]
    public async Task Send_NonStreamingAnswer_RequestAndReplyMatch()
    {
        using var service = MockService.Json(Answer);
        using var client = Client(service);

        var reply = await client.SendAsync(Conversations.Ask);

        service.AssertRequest(
            """
            POST http://localhost:11434/api/chat
            Accept: application/json
            Content-Type: application/json
            """,
            Asked
        );
        Check(reply);
    }

    [Fact]
    public async Task Stream_Lines_RequestAndReplyMatch()
    {
        using var service = MockService.Of(Lines, "application/x-ndjson");
        using var client = Client(service);

        await using var stream = await client.StreamAsync(Conversations.Ask);
        var reply = await stream.ReplyAsync();

        service.AssertRequest(
            """
            POST http://localhost:11434/api/chat
            Accept-Encoding: identity
            Accept: application/x-ndjson
            Content-Type: application/json
            """,
            Asked.Replace("\"stream\":false", "\"stream\":true")
        );
        Check(reply);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Conversation_WithReasoningAndTwoToolCalls_SendsAllBack(bool streamed)
    {
        var request = new ChatRequest { Messages = [Message.User("Weather in Paris and Rome?")], Tools = [new("get_weather")] };
        using var first = streamed ? MockService.Of(Lines, "application/x-ndjson") : MockService.Json(Answer);
        ChatReply reply;
        using (var client = Client(first))
            reply = streamed ? await (await client.StreamAsync(request)).ReplyAsync() : await client.SendAsync(request);
        var calls = reply.CompletedToolCalls;

        using var second = MockService.Json(
            """{"model":"qwen3","message":{"role":"assistant","content":"18 and 21."},"done":true,"done_reason":"stop"}"""
        );
        using (var client = Client(second))
        {
            var answer = await client.SendAsync(
                request with
                {
                    Messages = [.. request.Messages, reply.Message, Message.ToolResult(calls[0], "18"), Message.ToolResult(calls[1], "21")],
                }
            );
            Assert.Equal("18 and 21.", answer.Text);
        }

        JsonAssert.Equal(
            $$"""
            {"model":"qwen3",
             "messages":[
               {"role":"user","content":"Weather in Paris and Rome?"},
               {"role":"assistant","content":"I look both up.","thinking":"Two cities.","tool_calls":{{Calls}}},
               {"role":"tool","content":"18","tool_name":"get_weather","tool_call_id":"call_1"},
               {"role":"tool","content":"21","tool_name":"get_weather","tool_call_id":"call_2"}],
             "tools":[{"type":"function","function":{"name":"get_weather","parameters":{"type":"object","properties":{} } } }],
             "stream":false}
            """,
            second.Body
        );
    }

    [Fact]
    public async Task Stream_Truncated_ThrowsStreamTruncated()
    {
        using var service = MockService.Of(Lines[..Lines.LastIndexOf("{\"model\"", StringComparison.Ordinal)], "application/x-ndjson");
        using var client = Client(service);

        await using var stream = await client.StreamAsync("x");
        var e = await Assert.ThrowsAsync<LlmException>(() => stream.ReplyAsync());

        Assert.Equal(LlmErrorKind.StreamTruncated, e.Kind);
        Assert.Equal("I look ", e.Partial!.Text);
        Assert.Empty(e.Partial.CompletedToolCalls);
    }

    [Fact]
    public async Task ListModels_Ollama_ReadsTagsEndpoint()
    {
        using var service = MockService.Json(
            """{"models":[{"name":"qwen3:4b","model":"qwen3:4b","size":2600000000,"details":{"family":"qwen3","parameter_size":"4.0B"}}]}"""
        );
        using var client = Client(service);

        var model = Assert.Single(await client.ListModelsAsync());

        Assert.Equal("qwen3:4b", model.Id);
        Assert.StartsWith("GET http://localhost:11434/api/tags\n", service.Head);
    }

    [Fact]
    public void Provider_Ollama_IsLocalAndSendsNoKey()
    {
        var provider = Providers.Get("ollama");

        Assert.True(provider.IsLocal);
        Assert.False(provider.Credential.IsSecret);
        Assert.Null(provider.Credential.Problem);
    }

    private static void Check(ChatReply reply)
    {
        Assert.Equal((null, "qwen3", "stop", StopReason.ToolUse), (reply.Id, reply.Model, reply.RawStopReason, reply.StopReason));
        Assert.Equal(("Two cities.", "I look both up."), (reply.Reasoning, reply.Text));
        Assert.Equal((20L, 12L), (reply.Usage!.InputTokens, reply.Usage.OutputTokens));
        Assert.Equal(["call_1", "call_2"], reply.CompletedToolCalls.Select(call => call.Id));
        Assert.Equal("""{"city":"Paris"}""", reply.ToolCalls[0].Arguments);
        Assert.Empty(reply.Quirks);
    }
}
