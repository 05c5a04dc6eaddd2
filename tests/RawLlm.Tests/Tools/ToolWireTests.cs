using RawLlm.Tests.Support;

namespace RawLlm.Tests.Tools;

/// <summary>What goes back on each wire: calls, results, and whatever the service wants to see again.</summary>
public sealed class ToolWireTests
{
    private static readonly Tool Weather = Tool.Create(
        new ToolDefinition("weather", "The weather", """{"type":"object","properties":{"city":{"type":"string"}}}"""),
        arguments => $"4 °C in {arguments.Text("city")}"
    );

    private static readonly Tool Broken = Tool.Create(new ToolDefinition("broken"), string (_) => throw new IOException("secret"));

    private static ChatRequest Ask => ChatRequest.Ask("Coat?") with { MaxTokens = 2000 };

    [Fact]
    public async Task Anthropic_ReasoningAndCalls_AreSentBackWithSignaturesAndResultsInOneMessage()
    {
        using var model = ScriptedModel.Json(
            """
            {"id":"msg_1","type":"message","role":"assistant","model":"m","content":[{"type":"thinking","thinking":"Hm","signature":"c2ln"},{"type":"text","text":"Let me see."},
            {"type":"tool_use","id":"toolu_1","name":"weather","input":{"city":"Oslo"}},{"type":"tool_use","id":"toolu_2","name":"broken","input":{}}],"stop_reason":"tool_use","stop_sequence":null,"usage":{"input_tokens":9,"output_tokens":5}}
            """,
            """{"id":"msg_2","type":"message","role":"assistant","model":"m","content":[{"type":"text","text":"A coat."}],"stop_reason":"end_turn","stop_sequence":null,"usage":{"input_tokens":20,"output_tokens":3}}"""
        );
        using var client = model.Client(Providers.Anthropic);

        var run = await new ToolLoop(client, [Weather, Broken]).RunAsync(Ask with { Thinking = Thinking.Budget(1024) });

        Assert.Equal("A coat.", run.Text);
        AssertMember(
            "messages",
            """
            [{"role":"user","content":"Coat?"},
            {"role":"assistant","content":[{"type":"thinking","thinking":"Hm","signature":"c2ln"},{"type":"text","text":"Let me see."},
            {"type":"tool_use","id":"toolu_1","name":"weather","input":{"city":"Oslo"}},{"type":"tool_use","id":"toolu_2","name":"broken","input":{}}]},
            {"role":"user","content":[{"type":"tool_result","tool_use_id":"toolu_1","content":"4 °C in Oslo"},{"type":"tool_result","tool_use_id":"toolu_2","content":"The tool failed.","is_error":true}]}]
            """,
            model.Bodies[1]
        );
    }

    [Theory]
    [InlineData(
        """{"id":"mcpr_1","type":"mcp_approval_request","server_label":"s","name":"roll","arguments":"{}"}""",
        """{"type":"mcp_approval_response","approval_request_id":"mcpr_1","approve":true}"""
    )]
    [InlineData(
        """{"id":"sh_1","type":"shell_call","call_id":"call_8","action":{"commands":["ls"]},"status":"completed"}""",
        """{"type":"shell_call_output","call_id":"call_8","output":[{"stdout":"a","stderr":"","outcome":{"type":"exit","exit_code":0}}]}"""
    )]
    public async Task Responses_ItemThatAsksTheClient_StopsRunUntilItIsAnswered(string item, string output)
    {
        using var model = ScriptedModel.Json(
            $$"""{"id":"resp_1","object":"response","status":"completed","model":"m","output":[{{item}}],"usage":{"input_tokens":9,"output_tokens":5,"total_tokens":14} }""",
            """{"id":"resp_2","object":"response","status":"completed","model":"m","output":[{"id":"msg_1","type":"message","role":"assistant","status":"completed","content":[{"type":"output_text","text":"A coat.","annotations":[]}]}],"usage":{"input_tokens":9,"output_tokens":5,"total_tokens":14}}"""
        );
        using var client = model.Client(Providers.OpenAIResponses);
        var loop = new ToolLoop(client, [Weather]);

        var run = await loop.RunAsync(Ask);

        Assert.Equal((StopReason.ToolUse, 1, ""), (run.Reply.StopReason, run.Turns, run.Text));
        Assert.Empty(run.Pending);
        var answer = Message.User(new OpaquePart(new WireData("responses", output)));
        run = await loop.RunAsync(Ask with { Messages = [.. Ask.Messages, .. run.Messages, answer] });
        Assert.Equal((StopReason.EndTurn, "A coat."), (run.Reply.StopReason, run.Text));
        AssertMember(
            "input",
            $$"""[{"type":"message","role":"user","content":[{"type":"input_text","text":"Coat?"}]},{{item}},{{output}}]""",
            model.Bodies[1]
        );
    }

    [Fact]
    public async Task Anthropic_PausedTurnWithServerToolCall_ContinuesWithoutRunningTool()
    {
        int runs = 0;
        var search = Tool.Create(new ToolDefinition("web_search"), _ => $"{++runs}");
        using var model = ScriptedModel.Json(
            """{"id":"msg_1","type":"message","role":"assistant","model":"m","content":[{"type":"text","text":"Wait."},{"type":"server_tool_use","id":"srvtoolu_1","name":"web_search","input":{"query":"Oslo"}}],"stop_reason":"pause_turn","stop_sequence":null,"usage":{"input_tokens":9,"output_tokens":5}}""",
            """{"id":"msg_2","type":"message","role":"assistant","model":"m","content":[{"type":"text","text":"A coat."}],"stop_reason":"end_turn","stop_sequence":null,"usage":{"input_tokens":20,"output_tokens":3}}"""
        );
        using var client = model.Client(Providers.Anthropic);

        var run = await new ToolLoop(client, [search]).RunAsync(Ask);

        Assert.Equal(0, runs);
        Assert.Equal("A coat.", run.Text);
        Assert.Equal([Role.Assistant, Role.Assistant], run.Messages.Select(message => message.Role));
        AssertMember(
            "messages",
            """
            [{"role":"user","content":"Coat?"},
            {"role":"assistant","content":[{"type":"text","text":"Wait."},{"type":"server_tool_use","id":"srvtoolu_1","name":"web_search","input":{"query":"Oslo"}}]}]
            """,
            model.Bodies[1]
        );
    }

    [Fact]
    public async Task Anthropic_AlwaysPaused_EndsAtMaxTurns()
    {
        string paused =
            """{"id":"msg_1","type":"message","role":"assistant","model":"m","content":[{"type":"text","text":"Wait."}],"stop_reason":"pause_turn","stop_sequence":null,"usage":{"input_tokens":9,"output_tokens":5}}""";
        using var model = ScriptedModel.Json(paused, paused, paused);
        using var client = model.Client(Providers.Anthropic);

        var e = await Assert.ThrowsAsync<LlmException>(() =>
            new ToolLoop(client, [Weather], new ToolLoopOptions { MaxTurns = 3 }).RunAsync(Ask)
        );

        Assert.Equal(LlmErrorKind.TooManyTurns, e.Kind);
        Assert.Equal(3, e.Run!.Messages.Count);
    }

    [Fact]
    public async Task Responses_ReasoningAndCalls_AreSentBackWithIds()
    {
        using var model = ScriptedModel.Json(
            """
            {"id":"resp_1","object":"response","status":"completed","error":null,"incomplete_details":null,"model":"m","output":[
            {"id":"rs_1","type":"reasoning","summary":[{"type":"summary_text","text":"Hm"}],"encrypted_content":"gAAAAABo=="},
            {"id":"fc_1","type":"function_call","status":"completed","arguments":"{\"city\":\"Oslo\"}","call_id":"call_1","name":"weather"},
            {"id":"fc_2","type":"function_call","status":"completed","arguments":"{\"city\":\"Rome\"}","call_id":"call_2","name":"weather"}],
            "usage":{"input_tokens":10,"output_tokens":7,"total_tokens":17}}
            """,
            """{"id":"resp_2","object":"response","status":"completed","error":null,"incomplete_details":null,"model":"m","output":[{"id":"msg_1","type":"message","status":"completed","content":[{"type":"output_text","annotations":[],"text":"A coat."}],"role":"assistant"}],"usage":{"input_tokens":30,"output_tokens":3,"total_tokens":33}}"""
        );
        using var client = model.Client(Providers.OpenAIResponses);

        var run = await new ToolLoop(client, [Weather]).RunAsync(Ask);

        Assert.Equal("A coat.", run.Text);
        Assert.Equal(50, run.Usage!.TotalTokens);
        AssertMember(
            "input",
            """
            [{"type":"message","role":"user","content":[{"type":"input_text","text":"Coat?"}]},
            {"id":"rs_1","type":"reasoning","summary":[{"type":"summary_text","text":"Hm"}],"encrypted_content":"gAAAAABo=="},
            {"id":"fc_1","type":"function_call","status":"completed","call_id":"call_1","name":"weather","arguments":"{\"city\":\"Oslo\"}"},
            {"id":"fc_2","type":"function_call","status":"completed","call_id":"call_2","name":"weather","arguments":"{\"city\":\"Rome\"}"},
            {"type":"function_call_output","call_id":"call_1","output":"4 °C in Oslo"},
            {"type":"function_call_output","call_id":"call_2","output":"4 °C in Rome"}]
            """,
            model.Bodies[1]
        );
    }

    [Fact]
    public async Task Gemini_ParallelCalls_AreSentBackWithSignatureAndResultsInOneContent()
    {
        using var model = ScriptedModel.Json(
            """
            {"candidates":[{"content":{"role":"model","parts":[{"functionCall":{"name":"weather","args":{"city":"Oslo"}},"thoughtSignature":"c2ln"},{"functionCall":{"name":"weather","args":{"city":"Rome"}}}]},"finishReason":"STOP","index":0}],
            "usageMetadata":{"promptTokenCount":5,"candidatesTokenCount":5,"totalTokenCount":10},"modelVersion":"m","responseId":"r"}
            """,
            """{"candidates":[{"content":{"role":"model","parts":[{"text":"A coat."}]},"finishReason":"STOP","index":0}],"usageMetadata":{"promptTokenCount":15,"candidatesTokenCount":2,"totalTokenCount":17},"modelVersion":"m","responseId":"r"}"""
        );
        using var client = model.Client(Providers.Gemini);

        var run = await new ToolLoop(client, [Weather]).RunAsync(Ask);

        Assert.Equal("A coat.", run.Text);
        AssertMember(
            "contents",
            """
            [{"role":"user","parts":[{"text":"Coat?"}]},
            {"role":"model","parts":[{"functionCall":{"name":"weather","args":{"city":"Oslo"}},"thoughtSignature":"c2ln"},{"functionCall":{"name":"weather","args":{"city":"Rome"}}}]},
            {"role":"user","parts":[{"functionResponse":{"name":"weather","response":{"output":"4 °C in Oslo"}}},{"functionResponse":{"name":"weather","response":{"output":"4 °C in Rome"}}}]}]
            """,
            model.Bodies[1]
        );
    }

    [Fact]
    public async Task Gemini_CallWaitedForApproval_ResultsAreInTheOrderOfTheCalls()
    {
        using var model = ScriptedModel.Json(
            """
            {"candidates":[{"content":{"role":"model","parts":[{"functionCall":{"name":"weather","args":{"city":"Oslo"}},"thoughtSignature":"c2ln"},{"functionCall":{"name":"weather","args":{"city":"Rome"}}}]},"finishReason":"STOP","index":0}],"modelVersion":"m","responseId":"r"}
            """,
            """{"candidates":[{"content":{"role":"model","parts":[{"text":"A coat."}]},"finishReason":"STOP","index":0}],"modelVersion":"m","responseId":"r"}"""
        );

        await ApproveOsloLater(model, Providers.Gemini);

        AssertMember(
            "contents",
            """
            [{"role":"user","parts":[{"text":"Coat?"}]},
            {"role":"model","parts":[{"functionCall":{"name":"weather","args":{"city":"Oslo"}},"thoughtSignature":"c2ln"},{"functionCall":{"name":"weather","args":{"city":"Rome"}}}]},
            {"role":"user","parts":[{"functionResponse":{"name":"weather","response":{"output":"4 °C in Oslo"}}},{"functionResponse":{"name":"weather","response":{"output":"4 °C in Rome"}}}]}]
            """,
            model.Bodies[1]
        );
    }

    [Fact]
    public async Task Ollama_CallWaitedForApproval_ResultsAreInTheOrderOfTheCalls()
    {
        using var model = ScriptedModel.Json(
            """{"model":"m","message":{"role":"assistant","content":"","tool_calls":[{"function":{"name":"weather","arguments":{"city":"Oslo"}}},{"function":{"name":"weather","arguments":{"city":"Rome"}}}]},"done":true,"done_reason":"stop"}""",
            """{"model":"m","message":{"role":"assistant","content":"A coat."},"done":true,"done_reason":"stop"}"""
        );

        await ApproveOsloLater(model, Providers.Ollama);

        using var sent = System.Text.Json.JsonDocument.Parse(model.Bodies[1]);
        Assert.Equal(
            ["user Coat?", "assistant ", "tool 4 °C in Oslo", "tool 4 °C in Rome"],
            sent.RootElement.GetProperty("messages")
                .EnumerateArray()
                .Select(message => $"{message.GetProperty("role").GetString()} {message.GetProperty("content").GetString()}")
        );
    }

    [Theory]
    [InlineData("gemini")]
    [InlineData("ollama")]
    public async Task Results_InOneMessageInAnotherOrder_AreSentInTheOrderOfTheCalls(string service)
    {
        using var model = ScriptedModel.Json(
            service == "gemini"
                ? """{"candidates":[{"content":{"role":"model","parts":[{"text":"A coat."}]},"finishReason":"STOP","index":0}]}"""
                : """{"model":"m","message":{"role":"assistant","content":"A coat."},"done":true,"done_reason":"stop"}"""
        );
        using var client = model.Client(service == "gemini" ? Providers.Gemini : Providers.Ollama);
        var oslo = new ToolCall("a", "weather", """{"city":"Oslo"}""");
        var rome = new ToolCall("b", "weather", """{"city":"Rome"}""");

        await client.SendAsync(
            Ask with
            {
                Messages =
                [
                    .. Ask.Messages,
                    new Message(Role.Assistant, [new ToolCallPart(oslo), new ToolCallPart(rome)]),
                    new Message(Role.Tool, [Result("b", "in Rome"), Result("a", "in Oslo")]),
                ],
            }
        );

        Assert.True(
            model.Bodies[0].IndexOf("in Oslo", StringComparison.Ordinal) is > 0 and var first
                && first < model.Bodies[0].IndexOf("in Rome", StringComparison.Ordinal),
            model.Bodies[0]
        );

        static ToolResultPart Result(string id, string text) => new(id, [new TextPart(text)]) { Name = "weather" };
    }

    private static async Task ApproveOsloLater(ScriptedModel model, Provider provider)
    {
        using var client = model.Client(provider);
        var options = new ToolLoopOptions
        {
            Approve = (call, _) => new(call.Arguments.Contains("Oslo", StringComparison.Ordinal) ? ToolApproval.Defer : ToolApproval.Allow),
        };
        var run = await new ToolLoop(client, [Weather], options).RunAsync(Ask);
        Assert.Single(run.Pending);
        var rest = await new ToolLoop(client, [Weather]).RunAsync(Ask with { Messages = [.. Ask.Messages, .. run.Messages] });
        Assert.Equal("A coat.", rest.Text);
    }

    private static void AssertMember(string name, string expected, string body) =>
        JsonAssert.Equal(expected, System.Text.Json.JsonDocument.Parse(body).RootElement.GetProperty(name).GetRawText());
}
