using System.Text.Json.Nodes;
using RawLlm.Tests.Support;

namespace RawLlm.Tests.Contract;

public sealed class OpenRouterContractTests
{
    private const string Model = "anthropic/claude-sonnet-4.5";

    private static Provider Provider { get; } = Providers.OpenRouter.WithAttribution(new Uri("https://app.example.org/"), "Example app");

    [Fact]
    public async Task Send_WithAttribution_SendsHeadersAndReadsCost()
    {
        using var service = MockService.Json(
            """
            {"id":"gen-1","provider":"Anthropic","model":"anthropic/claude-4.5-sonnet","object":"chat.completion","created":1,"choices":[{"logprobs":null,"finish_reason":"stop","native_finish_reason":"end_turn","index":0,
             "message":{"role":"assistant","content":"Scattering.","refusal":null,"reasoning":"Short.","reasoning_details":[{"type":"reasoning.text","text":"Short.","signature":"c2ln","format":"anthropic-claude-v1","index":0}]}}],
             "usage":{"prompt_tokens":20,"completion_tokens":9,"total_tokens":29,"cost":0.000195,"prompt_tokens_details":{"cached_tokens":0},"completion_tokens_details":{"reasoning_tokens":3}}}
            """
        );
        using var client = service.Client(Provider, Model);

        var reply = await client.SendAsync(Conversations.Ask with { Thinking = Thinking.High });

        service.AssertRequest(
            """
            POST https://openrouter.ai/api/v1/chat/completions
            Accept: application/json
            Authorization: Bearer test-key
            Content-Type: application/json
            HTTP-Referer: https://app.example.org/
            X-OpenRouter-Title: Example app
            """,
            """
            {"model":"anthropic/claude-sonnet-4.5",
             "messages":[{"role":"system","content":"Be brief."},{"role":"user","content":"Why is the sky blue?"}],
             "max_tokens":100,"temperature":0.5,"seed":7,"reasoning":{"effort":"high"}}
            """
        );
        Assert.Equal("Scattering.", reply.Text);
        Assert.Equal("Short.", reply.Reasoning);
        Assert.Equal(StopReason.EndTurn, reply.StopReason);
        Assert.Equal(
            (20L, 9L, 3L, 0.000195m),
            (reply.Usage!.InputTokens, reply.Usage.OutputTokens, reply.Usage.ReasoningTokens, reply.Usage.ReportedCost)
        );
    }

    [Fact]
    public async Task Stream_CommentsAndSecondFinishReason_AreTolerated()
    {
        using var service = MockService.Sse(
            """
            : OPENROUTER PROCESSING

            data: {"id":"gen-2","provider":"Anthropic","model":"anthropic/claude-sonnet-4.5","choices":[{"index":0,"delta":{"role":"assistant","content":"Scat"},"finish_reason":null,"native_finish_reason":null}]}

            : OPENROUTER PROCESSING

            data: {"id":"gen-2","model":"anthropic/claude-sonnet-4.5","choices":[{"index":0,"delta":{"role":"assistant","content":"tering."},"finish_reason":"stop","native_finish_reason":"end_turn"}]}

            data: {"id":"gen-2","model":"anthropic/claude-sonnet-4.5","choices":[{"index":0,"delta":{"role":"assistant","content":""},"finish_reason":"stop","native_finish_reason":"end_turn"}],"usage":{"prompt_tokens":20,"completion_tokens":5,"total_tokens":25,"cost":0.0001}}

            data: [DONE]


            """
        );
        using var client = service.Client(Provider, Model);

        await using var stream = await client.StreamAsync(Conversations.Ask);
        var reply = await stream.ReplyAsync();

        service.AssertRequest(
            """
            POST https://openrouter.ai/api/v1/chat/completions
            Accept-Encoding: identity
            Accept: text/event-stream
            Authorization: Bearer test-key
            Content-Type: application/json
            HTTP-Referer: https://app.example.org/
            X-OpenRouter-Title: Example app
            """,
            """
            {"model":"anthropic/claude-sonnet-4.5",
             "messages":[{"role":"system","content":"Be brief."},{"role":"user","content":"Why is the sky blue?"}],
             "max_tokens":100,"temperature":0.5,"seed":7,"stream":true,"stream_options":{"include_usage":true}}
            """
        );
        Assert.Equal("Scattering.", reply.Text);
        Assert.Equal(StopReason.EndTurn, reply.StopReason);
        Assert.Equal((5L, 0.0001m), (reply.Usage!.OutputTokens, reply.Usage.ReportedCost));
    }

    [Fact]
    public async Task Send_ToolTurn_SendsReasoningDetailsBackUnchanged()
    {
        const string Details =
            """[{"type":"reasoning.text","text":"Need the \u0077eather.","signature":"c2lnbmF0dXJl","format":"anthropic-claude-v1","index":0},{"type":"reasoning.encrypted","data":"ZGF0YQ==","id":"rs_1","index":1}]""";
        using var first = MockService.Json(
            $$$"""
            {"id":"gen-3","model":"m","choices":[{"index":0,"finish_reason":"tool_calls","message":{"role":"assistant","content":"","reasoning":"Need the weather.","reasoning_details":{{{Details}}},
             "tool_calls":[{"index":0,"id":"toolu_1","type":"function","function":{"name":"get_weather","arguments":"{\"city\": \"Paris\"}"}}]}}]}
            """
        );
        using var client = first.Client(Provider, Model);
        var call = await client.SendAsync(Conversations.AskWithTools);
        JsonAssert.Equal(
            """
            {"model":"anthropic/claude-sonnet-4.5","messages":[{"role":"user","content":"Weather in Paris?"}],
             "tools":[{"type":"function","function":{"name":"get_weather","description":"Tells the weather.",
               "parameters":{"type":"object","properties":{"city":{"type":"string"}},"required":["city"]},"strict":true}}],
             "tool_choice":"required"}
            """,
            first.Body
        );

        using var second = MockService.Json(
            """{"id":"gen-4","model":"m","choices":[{"index":0,"finish_reason":"stop","message":{"role":"assistant","content":"18 degrees."}}]}"""
        );
        using var next = second.Client(Provider, Model);
        var reply = await next.SendAsync(
            new ChatRequest
            {
                Messages = [Message.User("Weather in Paris?"), call.Message, Message.ToolResult(call.ToolCalls[0], "18 degrees")],
                Tools = [Conversations.Weather],
            }
        );

        JsonAssert.Equal(
            $$$"""
            {"model":"anthropic/claude-sonnet-4.5","messages":[
              {"role":"user","content":"Weather in Paris?"},
              {"role":"assistant","content":null,"reasoning_details":{{{Details}}},
               "tool_calls":[{"id":"toolu_1","type":"function","function":{"name":"get_weather","arguments":"{\"city\": \"Paris\"}"}}]},
              {"role":"tool","tool_call_id":"toolu_1","content":"18 degrees"}],
             "tools":[{"type":"function","function":{"name":"get_weather","description":"Tells the weather.",
               "parameters":{"type":"object","properties":{"city":{"type":"string"}},"required":["city"]},"strict":true}}]}
            """,
            second.Body
        );
        Assert.Equal("18 degrees.", reply.Text);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Conversation_WithReasoningAndTwoToolCalls_SendsAllBack(bool streamed)
    {
        const string Details =
            """[{"type":"reasoning.text","text":"Two cities.","signature":"c2ln\/","format":"anthropic-claude-v1","index":0}]""";
        const string Calls = """
            [{"id":"toolu_1","type":"function","function":{"name":"get_weather","arguments":"{\"city\":\"Paris\"}"}},
             {"id":"toolu_2","type":"function","function":{"name":"get_weather","arguments":"{\"city\":\"Rome\"}"}}]
            """;
        const string Whole = $$"""
            {"id":"gen-5","model":"m","choices":[{"index":0,"finish_reason":"tool_calls","message":{"role":"assistant",
             "content":"I look both up.","reasoning":"Two cities.","reasoning_details":{{Details}},"tool_calls":{{Calls}} } }]}
            """;
        const string Streamed = """
            : OPENROUTER PROCESSING

            data: {"id":"gen-5","model":"m","choices":[{"index":0,"delta":{"role":"assistant","content":"","reasoning":"Two ","reasoning_details":[{"type":"reasoning.text","text":"Two ","format":"anthropic-claude-v1","index":0}]},"finish_reason":null}]}

            data: {"id":"gen-5","model":"m","choices":[{"index":0,"delta":{"content":"","reasoning":"cities.","reasoning_details":[{"type":"reasoning.text","text":"cities.","format":"anthropic-claude-v1","index":0}]},"finish_reason":null}]}

            data: {"id":"gen-5","model":"m","choices":[{"index":0,"delta":{"content":"","reasoning_details":[{"type":"reasoning.text","signature":"c2ln\/","format":"anthropic-claude-v1","index":0}]},"finish_reason":null}]}

            data: {"id":"gen-5","model":"m","choices":[{"index":0,"delta":{"content":"I look both up."},"finish_reason":null}]}

            data: {"id":"gen-5","model":"m","choices":[{"index":0,"delta":{"tool_calls":[{"index":0,"id":"toolu_1","type":"function","function":{"name":"get_weather","arguments":""}}]},"finish_reason":null}]}

            data: {"id":"gen-5","model":"m","choices":[{"index":0,"delta":{"tool_calls":[{"index":1,"id":"toolu_2","type":"function","function":{"name":"get_weather","arguments":"{\"city\":"}}]},"finish_reason":null}]}

            data: {"id":"gen-5","model":"m","choices":[{"index":0,"delta":{"tool_calls":[{"index":0,"function":{"arguments":"{\"city\":\"Paris\"}"}}]},"finish_reason":null}]}

            data: {"id":"gen-5","model":"m","choices":[{"index":0,"delta":{"tool_calls":[{"index":1,"function":{"arguments":"\"Rome\"}"}}]},"finish_reason":null}]}

            data: {"id":"gen-5","model":"m","choices":[{"index":0,"delta":{"content":""},"finish_reason":"tool_calls"}]}

            data: [DONE]


            """;
        using var first = streamed ? MockService.Sse(Streamed) : MockService.Json(Whole);
        using var client = first.Client(Provider, Model);
        var request = new ChatRequest
        {
            Messages = [Message.User("Weather in Paris and Rome?")],
            Tools = [new ToolDefinition("get_weather")],
        };

        var reply = streamed ? await (await client.StreamAsync(request)).ReplyAsync() : await client.SendAsync(request);

        Assert.True(reply.IsComplete);
        Assert.Equal(StopReason.ToolUse, reply.StopReason);
        Assert.Equal("Two cities.", reply.Reasoning);
        Assert.Equal("I look both up.", reply.Text);
        Assert.Equal(["Paris", "Rome"], reply.CompletedToolCalls.Select(call => call.ReadArguments().Text("city")));
        Assert.Equal(streamed, JsonNode.Parse(first.Body)!["stream"] is not null);

        using var second = MockService.Json(
            """{"id":"gen-6","model":"m","choices":[{"index":0,"finish_reason":"stop","message":{"role":"assistant","content":"Paris 18, Rome 25."}}]}"""
        );
        using var next = second.Client(Provider, Model);
        var end = await next.SendAsync(
            request with
            {
                Messages =
                [
                    .. request.Messages,
                    reply.Message,
                    Message.ToolResult(reply.ToolCalls[0], "18 degrees"),
                    Message.ToolResult(reply.ToolCalls[1], "25 degrees"),
                ],
            }
        );

        JsonAssert.Equal(
            $$"""
            [{"role":"user","content":"Weather in Paris and Rome?"},
             {"role":"assistant","content":"I look both up.","reasoning_details":{{Details}},"tool_calls":{{Calls}} },
             {"role":"tool","tool_call_id":"toolu_1","content":"18 degrees"},
             {"role":"tool","tool_call_id":"toolu_2","content":"25 degrees"}]
            """,
            JsonNode.Parse(second.Body)!["messages"]!.ToJsonString()
        );
        // Signed content is compared byte by byte.
        Assert.Contains(""" "signature":"c2ln\/" """.Trim(), second.Body, StringComparison.Ordinal);
        Assert.Equal("Paris 18, Rome 25.", end.Text);
    }

    [Fact]
    public async Task Send_ImagesAndFiles_AreSentInServiceFormat()
    {
        using var service = MockService.Json(
            """{"id":"c","model":"m","choices":[{"index":0,"message":{"role":"assistant","content":"Done."},"finish_reason":"stop"}]}"""
        );
        using var client = service.Client(Provider, Model);

        var request = Conversations.Look with
        {
            Messages =
            [
                .. Conversations.Look.Messages,
                Message.User(
                    new TextPart("Read."),
                    new FilePart(new byte[] { 1, 2, 3 }, "application/pdf", "paper.pdf"),
                    new FilePart(new Uri("https://example.org/b.pdf"))
                ),
            ],
        };
        var reply = await client.SendAsync(request);

        JsonAssert.Equal(
            """
            {"model":"anthropic/claude-sonnet-4.5","messages":[
              {"role":"user","content":[
                {"type":"text","text":"Compare."},
                {"type":"image_url","image_url":{"url":"data:image/png;base64,iVBORw=="}},
                {"type":"image_url","image_url":{"url":"https://example.org/cat.jpg?size=1","detail":"low"}}]},
              {"role":"user","content":[
                {"type":"text","text":"Read."},
                {"type":"file","file":{"filename":"paper.pdf","file_data":"data:application/pdf;base64,AQID"}},
                {"type":"file","file":{"file_data":"https://example.org/b.pdf"}}]}]}
            """,
            service.Body
        );
        Assert.Equal("Done.", reply.Text);
    }

    [Fact]
    public async Task Send_JsonSchemaAndRouting_AreSent()
    {
        using var service = MockService.Json(
            """{"id":"c","model":"m","choices":[{"index":0,"message":{"role":"assistant","content":"{\"name\":\"Paris\"}"},"finish_reason":"stop"}]}"""
        );
        using var client = service.Client(Provider, Model);

        var reply = await client.SendAsync(
            Conversations.Structured with
            {
                Extra = new Dictionary<string, RawJson>
                {
                    ["models"] = """["openai/gpt-5"]""",
                    ["provider"] = """{"require_parameters":true}""",
                },
            }
        );

        JsonAssert.Equal(
            """
            {"model":"anthropic/claude-sonnet-4.5","messages":[{"role":"user","content":"Name a city, as JSON."}],
             "response_format":{"type":"json_schema","json_schema":{"name":"city",
               "schema":{"type":"object","properties":{"name":{"type":"string"}},"required":["name"],"additionalProperties":false},"strict":true}},
             "models":["openai/gpt-5"],"provider":{"require_parameters":true}}
            """,
            service.Body
        );
        Assert.Equal("""{"name":"Paris"}""", reply.Text);
    }
}
