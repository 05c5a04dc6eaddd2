using RawLlm.Tests.Support;

namespace RawLlm.Tests.Contract;

public sealed class OpenAIResponsesContractTests
{
    private const string Reasoning =
        """{"id":"rs_1","type":"reasoning","summary":[{"type":"summary_text","text":"Two cities, two calls."}],"encrypted_content":"gAAAAABo_1-2="}""";
    private const string Search =
        """{"id":"ws_1","type":"web_search_call","status":"completed","action":{"type":"search","query":"weather"}}""";
    private const string Said =
        """{"id":"msg_1","type":"message","status":"completed","role":"assistant","phase":"commentary","content":[{"type":"output_text","annotations":[],"logprobs":[],"text":"Let me see."}]}""";
    private const string First =
        """{"id":"fc_1","type":"function_call","status":"completed","arguments":"{\"city\":\"Paris\"}","call_id":"call_1","name":"get_weather"}""";
    private const string Second =
        """{"id":"fc_2","type":"function_call","status":"completed","arguments":"{\"city\":\"Rome\"}","call_id":"call_2","name":"get_weather"}""";
    private const string Usage =
        """{"input_tokens":80,"input_tokens_details":{"cached_tokens":64},"output_tokens":120,"output_tokens_details":{"reasoning_tokens":90},"total_tokens":200}""";

    private const string Whole = $$"""
        {"id":"resp_1","object":"response","created_at":1,"status":"completed","error":null,"incomplete_details":null,"model":"gpt-5-2025-08-07",
         "output":[{{Reasoning}},{{Search}},{{Said}},{{First}},{{Second}}],"usage":{{Usage}}}
        """;

    private const string Streamed = $$$"""
        event: response.created
        data: {"type":"response.created","sequence_number":0,"response":{"id":"resp_1","object":"response","status":"in_progress","error":null,"model":"gpt-5-2025-08-07","output":[],"usage":null}}

        event: response.output_item.added
        data: {"type":"response.output_item.added","sequence_number":1,"output_index":0,"item":{"id":"rs_1","type":"reasoning","summary":[],"encrypted_content":"gAAA"}}

        event: response.reasoning_summary_text.delta
        data: {"type":"response.reasoning_summary_text.delta","sequence_number":2,"item_id":"rs_1","output_index":0,"summary_index":0,"delta":"Two cities, "}

        event: response.reasoning_summary_text.delta
        data: {"type":"response.reasoning_summary_text.delta","sequence_number":3,"item_id":"rs_1","output_index":0,"summary_index":0,"delta":"two calls."}

        event: response.output_item.done
        data: {"type":"response.output_item.done","sequence_number":4,"output_index":0,"item":{{{Reasoning}}}}

        event: response.output_item.added
        data: {"type":"response.output_item.added","sequence_number":5,"output_index":1,"item":{"id":"ws_1","type":"web_search_call","status":"in_progress"}}

        event: response.web_search_call.searching
        data: {"type":"response.web_search_call.searching","sequence_number":6,"output_index":1,"item_id":"ws_1"}

        event: response.output_item.done
        data: {"type":"response.output_item.done","sequence_number":7,"output_index":1,"item":{{{Search}}}}

        event: response.output_item.added
        data: {"type":"response.output_item.added","sequence_number":8,"output_index":2,"item":{"id":"msg_1","type":"message","status":"in_progress","content":[],"role":"assistant","phase":"commentary"}}

        event: response.output_text.delta
        data: {"type":"response.output_text.delta","sequence_number":9,"item_id":"msg_1","output_index":2,"content_index":0,"delta":"Let me","logprobs":[]}

        event: response.output_text.delta
        data: {"type":"response.output_text.delta","sequence_number":10,"item_id":"msg_1","output_index":2,"content_index":0,"delta":" see.","logprobs":[]}

        event: response.output_item.done
        data: {"type":"response.output_item.done","sequence_number":11,"output_index":2,"item":{{{Said}}}}

        event: response.output_item.added
        data: {"type":"response.output_item.added","sequence_number":12,"output_index":3,"item":{"id":"fc_1","type":"function_call","status":"in_progress","arguments":"","call_id":"call_1","name":"get_weather"}}

        event: response.output_item.added
        data: {"type":"response.output_item.added","sequence_number":13,"output_index":4,"item":{"id":"fc_2","type":"function_call","status":"in_progress","arguments":"","call_id":"call_2","name":"get_weather"}}

        event: response.function_call_arguments.delta
        data: {"type":"response.function_call_arguments.delta","sequence_number":14,"item_id":"fc_2","output_index":4,"delta":"{\"city\":\"Rome\"}"}

        event: response.function_call_arguments.delta
        data: {"type":"response.function_call_arguments.delta","sequence_number":15,"item_id":"fc_1","output_index":3,"delta":"{\"city\":\"Paris\"}"}

        event: response.output_item.done
        data: {"type":"response.output_item.done","sequence_number":16,"output_index":3,"item":{{{First}}}}

        event: response.output_item.done
        data: {"type":"response.output_item.done","sequence_number":17,"output_index":4,"item":{{{Second}}}}

        event: response.completed
        data: {"type":"response.completed","sequence_number":18,"response":{"id":"resp_1","object":"response","status":"completed","error":null,"incomplete_details":null,"model":"gpt-5-2025-08-07","output":[],"usage":{{{Usage}}} }}


        """;

    private static ChatRequest Question { get; } =
        new()
        {
            System = "Be brief.",
            Messages = [Message.User("Weather in Paris and Rome?")],
            MaxTokens = 500,
            Tools = [Conversations.Weather],
            Thinking = Thinking.Low with { Include = true },
        };

    private static string Asked(string rest) =>
        $$"""
            {"model":"gpt-5","instructions":"Be brief.","input":[{"type":"message","role":"user","content":[{"type":"input_text","text":"Weather in Paris and Rome?"}]}],
             "max_output_tokens":500,
             "tools":[{"type":"function","name":"get_weather","description":"Tells the weather.","parameters":{"type":"object","properties":{"city":{"type":"string"} },"required":["city"]},"strict":true}],
             "reasoning":{"effort":"low","summary":"auto"},"store":false,"include":["reasoning.encrypted_content"]{{rest}} }
            """;

    [Fact]
    public async Task Send_AnswerWithToolCalls_RequestReplyAndNextTurnMatch()
    {
        using var service = MockService.Json(Whole);
        using var client = service.Client(Providers.OpenAIResponses, "gpt-5");

        var reply = await client.SendAsync(Question);

        service.AssertRequest(
            """
            POST https://api.openai.com/v1/responses
            Accept: application/json
            Authorization: Bearer test-key
            Content-Type: application/json
            """,
            Asked("")
        );
        AssertAnswer(reply);
        await AssertNextTurn(reply);
    }

    [Fact]
    public async Task Stream_AnswerWithToolCalls_RequestReplyAndNextTurnMatch()
    {
        using var service = MockService.Sse(Streamed);
        using var client = service.Client(Providers.OpenAIResponses, "gpt-5");

        await using var stream = await client.StreamAsync(Question);
        var reply = await stream.ReplyAsync();

        service.AssertRequest(
            """
            POST https://api.openai.com/v1/responses
            Accept-Encoding: identity
            Accept: text/event-stream
            Authorization: Bearer test-key
            Content-Type: application/json
            """,
            Asked(""","stream":true,"stream_options":{"include_obfuscation":false}""")
        );
        AssertAnswer(reply);
        await AssertNextTurn(reply);
    }

    [Fact]
    public async Task Stream_RateLimitAfterHeaders_ThrowsStreamError()
    {
        using var service = MockService.Sse(
            """
            data: {"type":"response.created","sequence_number":0,"response":{"id":"resp_1","status":"in_progress"}}

            data: {"type":"error","sequence_number":1,"error":{"type":"tokens","code":"rate_limit_exceeded","message":"Too many tokens.","param":null}}


            """
        );
        using var client = service.Client(Providers.OpenAIResponses, "gpt-5");

        await using var stream = await client.StreamAsync("Hi");
        var error = await Assert.ThrowsAsync<LlmException>(() => stream.ReplyAsync());

        Assert.Equal(
            (LlmErrorKind.StreamError, LlmErrorKind.RateLimited, "rate_limit_exceeded"),
            (error.Kind, error.CauseKind, error.ProviderCode)
        );
    }

    private static void AssertAnswer(ChatReply reply)
    {
        Assert.Equal("Let me see.", reply.Text);
        Assert.Equal("Two cities, two calls.", reply.Reasoning);
        Assert.Equal((StopReason.ToolUse, "completed"), (reply.StopReason, reply.RawStopReason));
        Assert.Equal(("resp_1", "gpt-5-2025-08-07"), (reply.Id, reply.Model));
        Assert.Equal(
            [("call_1", """{"city":"Paris"}"""), ("call_2", """{"city":"Rome"}""")],
            reply.CompletedToolCalls.Select(call => (call.Id, call.Arguments))
        );
        Assert.Equal(
            (80L, 120L, 200L, 64L, 90L),
            (
                reply.Usage!.InputTokens,
                reply.Usage.OutputTokens,
                reply.Usage.TotalTokens,
                reply.Usage.CachedInputTokens,
                reply.Usage.ReasoningTokens
            )
        );
        Assert.Equal(
            [typeof(ReasoningPart), typeof(OpaquePart), typeof(TextPart), typeof(ToolCallPart), typeof(ToolCallPart)],
            reply.Message.Parts.Select(part => part.GetType())
        );
        Assert.Empty(reply.Quirks);
    }

    /// <summary>
    /// Sends the answer back with the results of its tool calls, and checks that everything that must not change is identical byte for
    /// byte.
    /// </summary>
    private static async Task AssertNextTurn(ChatReply reply)
    {
        using var service = MockService.Json(
            """
            {"id":"resp_2","object":"response","status":"completed","model":"gpt-5-2025-08-07",
             "output":[{"id":"msg_2","type":"message","status":"completed","role":"assistant","phase":"final_answer","content":[{"type":"output_text","annotations":[],"text":"18 and 24 degrees."}]}],
             "usage":{"input_tokens":220,"output_tokens":9,"total_tokens":229}}
            """
        );
        using var client = service.Client(Providers.OpenAIResponses, "gpt-5");

        var next = await client.SendAsync(
            new ChatRequest
            {
                Messages =
                [
                    .. Question.Messages,
                    reply.Message,
                    Message.ToolResults([
                        .. reply.CompletedToolCalls.Select((call, i) => new ToolResultPart(call.Id, i == 0 ? "18" : "24")),
                    ]),
                ],
            }
        );

        service.AssertRequest(
            """
            POST https://api.openai.com/v1/responses
            Accept: application/json
            Authorization: Bearer test-key
            Content-Type: application/json
            """,
            $$"""
            {"model":"gpt-5","input":[
              {"type":"message","role":"user","content":[{"type":"input_text","text":"Weather in Paris and Rome?"}]},
              {{Reasoning}},
              {{Search}},
              {"id":"msg_1","type":"message","status":"completed","role":"assistant","phase":"commentary","content":[{"type":"output_text","text":"Let me see.","annotations":[]}]},
              {{First}},
              {{Second}},
              {"type":"function_call_output","call_id":"call_1","output":"18"},
              {"type":"function_call_output","call_id":"call_2","output":"24"}],
             "store":false,"include":["reasoning.encrypted_content"]}
            """
        );
        Assert.Contains(Reasoning, service.Body, StringComparison.Ordinal);
        Assert.Contains(Search, service.Body, StringComparison.Ordinal);
        Assert.Equal("18 and 24 degrees.", next.Text);
        Assert.Equal(StopReason.EndTurn, next.StopReason);
        Assert.Empty(next.Quirks);
    }
}
