using System.ComponentModel;
using Microsoft.Extensions.AI;
using RawLlm.Extensions.AI.Tests.Support;
using RawLlm.Tests.Support;

namespace RawLlm.Extensions.AI.Tests;

/// <summary>
/// A question, tool calls, their results and the answer on four wires: the JSON that the second turn sends, with the original message
/// objects and with messages that a program stored and read again.
/// </summary>
public sealed class ConversationTests
{
    private const string AnthropicCalls = """
        {"type":"message_start","message":{"id":"msg_1","type":"message","role":"assistant","model":"claude-x","content":[],"stop_reason":null,"usage":{"input_tokens":10,"cache_read_input_tokens":5,"cache_creation_input_tokens":2,"output_tokens":1}}}
        {"type":"content_block_start","index":0,"content_block":{"type":"thinking","thinking":"","signature":""}}
        {"type":"content_block_delta","index":0,"delta":{"type":"thinking_delta","thinking":"Let me "}}
        {"type":"content_block_delta","index":0,"delta":{"type":"thinking_delta","thinking":"see."}}
        {"type":"content_block_delta","index":0,"delta":{"type":"signature_delta","signature":"EqQBsig/+=="}}
        {"type":"content_block_stop","index":0}
        {"type":"content_block_start","index":1,"content_block":{"type":"redacted_thinking","data":"EmwK"}}
        {"type":"content_block_stop","index":1}
        {"type":"content_block_start","index":2,"content_block":{"type":"text","text":""}}
        {"type":"content_block_delta","index":2,"delta":{"type":"text_delta","text":"I look "}}
        {"type":"content_block_delta","index":2,"delta":{"type":"text_delta","text":"it up."}}
        {"type":"content_block_stop","index":2}
        {"type":"content_block_start","index":3,"content_block":{"type":"tool_use","id":"toolu_1","name":"weather","input":{}}}
        {"type":"content_block_delta","index":3,"delta":{"type":"input_json_delta","partial_json":"{\"city\": "}}
        {"type":"content_block_delta","index":3,"delta":{"type":"input_json_delta","partial_json":"\"Oslo\"}"}}
        {"type":"content_block_stop","index":3}
        {"type":"content_block_start","index":4,"content_block":{"type":"tool_use","id":"toolu_2","name":"weather","input":{}}}
        {"type":"content_block_delta","index":4,"delta":{"type":"input_json_delta","partial_json":"{\"city\":\"Rome\"}"}}
        {"type":"content_block_stop","index":4}
        {"type":"message_delta","delta":{"stop_reason":"tool_use"},"usage":{"output_tokens":20}}
        {"type":"message_stop"}
        """;

    private const string AnthropicAnswer =
        """{"id":"msg_2","type":"message","role":"assistant","model":"claude-x","content":[{"type":"text","text":"Yes."}],"stop_reason":"end_turn","usage":{"input_tokens":30,"output_tokens":2}}""";

    private const string ChatCalls = """
        {"id":"c1","model":"gpt-x","choices":[]}
        {"id":"c1","model":"gpt-x","choices":[{"index":0,"delta":{"role":"assistant","content":"I look it up."}}]}
        {"id":"c1","model":"gpt-x","choices":[{"index":0,"delta":{"tool_calls":[{"index":0,"id":"a","function":{"name":"weather","arguments":"{\"city\": "}}]}}]}
        {"id":"c1","model":"gpt-x","choices":[{"index":0,"delta":{"tool_calls":[{"index":1,"id":"b","function":{"name":"weather","arguments":"{\"city\":\"Rome\"}"}}]}}]}
        {"id":"c1","model":"gpt-x","choices":[{"index":0,"delta":{"tool_calls":[{"index":0,"function":{"arguments":"\"Oslo\"}"}}]}}]}
        {"id":"c1","model":"gpt-x","choices":[{"index":0,"delta":{},"finish_reason":"tool_calls"}]}
        {"id":"c1","model":"gpt-x","choices":[],"usage":{"prompt_tokens":10,"completion_tokens":7,"total_tokens":17,"prompt_tokens_details":{"cached_tokens":4},"completion_tokens_details":{"reasoning_tokens":3,"accepted_prediction_tokens":1,"rejected_prediction_tokens":2}}}
        [DONE]
        """;

    private const string ChatAnswer =
        """{"id":"c2","model":"gpt-x","choices":[{"index":0,"message":{"role":"assistant","content":"Yes."},"finish_reason":"stop"}]}""";

    private const string ResponsesCalls = """
        {"type":"response.created","response":{"id":"resp_1","object":"response","status":"in_progress","model":"gpt-5","output":[]},"sequence_number":0}
        {"type":"response.output_item.added","output_index":0,"item":{"id":"rs_1","type":"reasoning","summary":[]},"sequence_number":1}
        {"type":"response.reasoning_summary_part.added","item_id":"rs_1","output_index":0,"summary_index":0,"part":{"type":"summary_text","text":""},"sequence_number":2}
        {"type":"response.reasoning_summary_text.delta","item_id":"rs_1","output_index":0,"summary_index":0,"delta":"Look it up.","sequence_number":3}
        {"type":"response.output_item.done","output_index":0,"item":{"id":"rs_1","type":"reasoning","encrypted_content":"ZW5j","summary":[{"type":"summary_text","text":"Look it up."}]},"sequence_number":4}
        {"type":"response.output_item.added","output_index":1,"item":{"id":"fc_1","type":"function_call","status":"in_progress","arguments":"","call_id":"call_1","name":"weather"},"sequence_number":5}
        {"type":"response.function_call_arguments.delta","item_id":"fc_1","output_index":1,"delta":"{\"city\":\"Oslo\"}","sequence_number":6}
        {"type":"response.output_item.done","output_index":1,"item":{"id":"fc_1","type":"function_call","status":"completed","arguments":"{\"city\":\"Oslo\"}","call_id":"call_1","name":"weather"},"sequence_number":7}
        {"type":"response.completed","response":{"id":"resp_1","object":"response","status":"completed","model":"gpt-5","output":[{"id":"rs_1","type":"reasoning","encrypted_content":"ZW5j","summary":[{"type":"summary_text","text":"Look it up."}]},{"id":"fc_1","type":"function_call","status":"completed","arguments":"{\"city\":\"Oslo\"}","call_id":"call_1","name":"weather"}],"usage":{"input_tokens":10,"output_tokens":7,"total_tokens":17}},"sequence_number":8}
        """;

    private const string ResponsesAnswer =
        """{"id":"resp_2","object":"response","status":"completed","model":"gpt-5","output":[{"id":"m","type":"message","status":"completed","role":"assistant","content":[{"type":"output_text","text":"Yes.","annotations":[]}]}]}""";

    private const string GeminiCalls = """
        {"candidates":[{"content":{"parts":[{"text":"Hm.","thought":true}],"role":"model"},"index":0}],"modelVersion":"gemini-3","responseId":"r1"}
        {"candidates":[{"content":{"parts":[{"text":"I look it up.","thoughtSignature":"dGV4dA=="}],"role":"model"},"index":0}],"modelVersion":"gemini-3","responseId":"r1"}
        {"candidates":[{"content":{"parts":[{"functionCall":{"name":"weather","args":{"city":"Oslo"}},"thoughtSignature":"Y2FsbA=="}],"role":"model"},"finishReason":"STOP","index":0}],"usageMetadata":{"promptTokenCount":10,"candidatesTokenCount":20,"totalTokenCount":35,"thoughtsTokenCount":5},"modelVersion":"gemini-3","responseId":"r1"}
        """;

    private const string GeminiAnswer =
        """{"candidates":[{"content":{"parts":[{"text":"Yes."}],"role":"model"},"finishReason":"STOP","index":0}],"modelVersion":"gemini-3","responseId":"r2"}""";

    [Theory]
    [InlineData("anthropic", false)]
    [InlineData("anthropic", true)]
    [InlineData("openai", false)]
    [InlineData("openai", true)]
    [InlineData("openai-responses", false)]
    [InlineData("openai-responses", true)]
    [InlineData("gemini", false)]
    [InlineData("gemini", true)]
    public async Task ToolCalling_AcrossTwoTurns_SendsAssistantMessageBackUnchanged(string name, bool isStored)
    {
        var (provider, calls, answer, turn) = name switch
        {
            "anthropic" => (Providers.Anthropic, AnthropicCalls, AnthropicAnswer, AnthropicTurn),
            "openai" => (Providers.OpenAI, ChatCalls, ChatAnswer, ChatTurn),
            "openai-responses" => (Providers.OpenAIResponses, ResponsesCalls, ResponsesAnswer, ResponsesTurn),
            _ => (Providers.Gemini, GeminiCalls, GeminiAnswer, GeminiTurn),
        };
        using var service = new TestService().Sse(calls).Json(answer);
        using var client = service.Client(provider);
        using var chat = client.AsChatClient();
        var weather = AIFunctionFactory.Create(Weather, "weather", "The weather in a city");
        var options = new ChatOptions { Tools = [weather] };
        List<ChatMessage> messages = [new(ChatRole.User, "Do I need a coat?")];

        var first = await chat.GetStreamingResponseAsync(messages, options).ToChatResponseAsync();

        Assert.Equal(ChatFinishReason.ToolCalls, first.FinishReason);
        var message = Assert.Single(first.Messages);
        messages.Add(message);
        var results = new List<AIContent>();
        foreach (var call in message.Contents.OfType<FunctionCallContent>())
            results.Add(new FunctionResultContent(call.CallId, await weather.InvokeAsync(new AIFunctionArguments(call.Arguments))));
        messages.Add(new(ChatRole.Tool, results));
        if (isStored)
            messages = [.. messages.Select(Stored.AsJson)];
        var second = await chat.GetResponseAsync(messages, options);

        Assert.Equal("Yes.", second.Text);
        string member = name switch
        {
            "openai-responses" => "input",
            "gemini" => "contents",
            _ => "messages",
        };
        var sent = System.Text.Json.Nodes.JsonNode.Parse(service.Bodies[1])![member]!.AsArray();
        sent.RemoveAt(0);
        string actual = sent.ToJsonString();
        JsonAssert.Equal(turn, actual);
    }

    [Theory]
    [InlineData(true, false)]
    [InlineData(false, false)]
    [InlineData(true, true)]
    [InlineData(false, true)]
    public async Task Turn_SentToAnotherServiceOfSameWire_OmitsSignedReasoning(bool isStreamed, bool isStored)
    {
        using var service = new TestService();
        using var other = new TestService().Json(AnthropicAnswer);
        service.Sse(AnthropicCalls);
        using var client = service.Client(Providers.Anthropic);
        using var next = other.Client(Providers.AnthropicCompatible("https://llm.example.org/v1", "test-key"));
        var asked = new ChatMessage(ChatRole.User, "Do I need a coat?");
        using var chat = client.AsChatClient();
        var first = isStreamed ? await chat.GetStreamingResponseAsync([asked]).ToChatResponseAsync() : await chat.GetResponseAsync([asked]);
        var said = isStored ? Stored.AsJson(first.Messages[0]) : first.Messages[0];

        await next.AsChatClient()
            .GetResponseAsync([
                asked,
                said,
                new(ChatRole.Tool, [new FunctionResultContent("toolu_1", "4 °C"), new FunctionResultContent("toolu_2", "9 °C")]),
            ]);

        Assert.Contains("I look it up.", other.Bodies[0], StringComparison.Ordinal);
        Assert.DoesNotContain("thinking", other.Bodies[0], StringComparison.Ordinal);
    }

    [Fact]
    public async Task LoopSnippet_WithToolCalls_EndsWithAnswer()
    {
        using var service = new TestService()
            .Sse(ChatCalls)
            .Sse(
                """
                {"id":"c2","model":"gpt-x","choices":[{"index":0,"delta":{"content":"Yes."},"finish_reason":"stop"}]}
                [DONE]
                """
            );
        using var client = service.Client(Providers.OpenAI);

        var messages = await Snippets.Loop(client.AsChatClient());

        Assert.Equal(["user", "assistant", "tool", "tool", "assistant"], messages.Select(message => message.Role.Value));
        Assert.Equal("Yes.", messages[^1].Text);
    }

    [Fact]
    public async Task OptionsSnippet_OnAnthropic_IsSent()
    {
        using var service = new TestService().Json(AnthropicAnswer);
        using var client = service.Client(Providers.Anthropic);

        await client.AsChatClient().GetResponseAsync("Hi", Snippets.Options());

        Assert.Contains("\"service_tier\":\"flex\",\"metadata\":{\"team\":\"search\"}", service.Bodies[0], StringComparison.Ordinal);
    }

    [Description("Tells the weather")]
    private static string Weather(string city) => $"4 °C in {city}";

    private const string AnthropicTurn = """
        [{"role":"assistant","content":[
            {"type":"thinking","thinking":"Let me see.","signature":"EqQBsig/+=="},
            {"type":"redacted_thinking","data":"EmwK"},
            {"type":"text","text":"I look it up."},
            {"type":"tool_use","id":"toolu_1","name":"weather","input":{"city":"Oslo"}},
            {"type":"tool_use","id":"toolu_2","name":"weather","input":{"city":"Rome"}}]},
         {"role":"user","content":[
            {"type":"tool_result","tool_use_id":"toolu_1","content":"4 °C in Oslo"},
            {"type":"tool_result","tool_use_id":"toolu_2","content":"4 °C in Rome"}]}]
        """;

    private const string ChatTurn = """
        [{"role":"assistant","content":"I look it up.","tool_calls":[
            {"id":"a","type":"function","function":{"name":"weather","arguments":"{\"city\": \"Oslo\"}"}},
            {"id":"b","type":"function","function":{"name":"weather","arguments":"{\"city\":\"Rome\"}"}}]},
         {"role":"tool","tool_call_id":"a","content":"4 °C in Oslo"},
         {"role":"tool","tool_call_id":"b","content":"4 °C in Rome"}]
        """;

    private const string ResponsesTurn = """
        [{"id":"rs_1","type":"reasoning","encrypted_content":"ZW5j","summary":[{"type":"summary_text","text":"Look it up."}]},
         {"type":"function_call","call_id":"call_1","name":"weather","arguments":"{\"city\":\"Oslo\"}","id":"fc_1","status":"completed"},
         {"type":"function_call_output","call_id":"call_1","output":"4 °C in Oslo"}]
        """;

    private const string GeminiTurn = """
        [{"role":"model","parts":[
            {"text":"Hm.","thought":true},
            {"text":"I look it up.","thoughtSignature":"dGV4dA=="},
            {"functionCall":{"name":"weather","args":{"city":"Oslo"}},"thoughtSignature":"Y2FsbA=="}]},
         {"role":"user","parts":[{"functionResponse":{"name":"weather","response":{"output":"4 °C in Oslo"}}}]}]
        """;
}
