using RawLlm.Protocols;
using static RawLlm.Tests.Protocols.Anthropic.AnthropicRequests;

namespace RawLlm.Tests.Protocols.Anthropic;

/// <summary>Tools, tool calls and tool results on the Messages wire.</summary>
public sealed class AnthropicToolTests
{
    [Theory]
    [InlineData("", true, "\"content\":\"(failed)\",\"is_error\":true", "Adapted at messages[].content[].content")]
    [InlineData(" ", true, "\"content\":\"(failed)\",\"is_error\":true", "Adapted at messages[].content[].content")]
    [InlineData("No.", true, "\"content\":\"No.\",\"is_error\":true", "")]
    [InlineData("", false, "\"content\":\"\"", "")]
    public void ToolResult_ErrorWithoutText_IsSentWithPlaceholder(string text, bool isError, string expected, string quirks) =>
        AssertBody(
            new ChatRequest
            {
                Messages = [Message.ToolResults(new ToolResultPart("t1", text) { IsError = isError })],
                Tools = [new ToolDefinition("a")],
            },
            $$"""{"model":"m","max_tokens":4096,"messages":[{"role":"user","content":[{"type":"tool_result","tool_use_id":"t1",{{expected}} }]}],"tools":[{"name":"a","input_schema":{"type":"object","properties":{} } }]}""",
            quirks: quirks
        );

    [Fact]
    public void ToolResults_InOneTurn_AreOneMessageWithResultsFirst() =>
        AssertBody(
            new ChatRequest
            {
                Messages =
                [
                    Message.User("Weather?"),
                    new Message(
                        Role.Assistant,
                        [
                            new ToolCallPart(new("t1", "get_weather", """{"city": "Paris"}""")),
                            new ToolCallPart(new("t2", "get_weather", "")),
                        ]
                    ),
                    Message.ToolResult(new("t1", "get_weather", "{}"), "18 degrees"),
                    Message.ToolResults(
                        new ToolResultPart("t2", [new TextPart("No city."), new ImagePart(new byte[] { 1, 2, 3 }, "image/png")])
                        {
                            IsError = true,
                            Cache = PromptCache.FiveMinutes,
                        }
                    ),
                    Message.User("Go on."),
                ],
                Tools = [Weather],
            },
            """
            {"model":"m","max_tokens":4096,"messages":[
              {"role":"user","content":"Weather?"},
              {"role":"assistant","content":[{"type":"tool_use","id":"t1","name":"get_weather","input":{"city":"Paris"}},{"type":"tool_use","id":"t2","name":"get_weather","input":{}}]},
              {"role":"user","content":[
                {"type":"tool_result","tool_use_id":"t1","content":"18 degrees"},
                {"type":"tool_result","tool_use_id":"t2","content":[{"type":"text","text":"No city."},{"type":"image","source":{"type":"base64","media_type":"image/png","data":"AQID"}}],"is_error":true,"cache_control":{"type":"ephemeral"}},
                {"type":"text","text":"Go on."}]}],
             "tools":[{"name":"get_weather","description":"Tells the weather.","input_schema":{"type":"object","properties":{"city":{"type":"string"}}}}]}
            """
        );

    [Theory]
    [InlineData("", "\"toolset_name\":\"computer\"")]
    [InlineData("{\"toolset_name\":\"browser\"}", "\"toolset_name\":\"browser\"")]
    [InlineData("{\"other\":1}", "\"toolset_name\":\"computer\",\"other\":1")]
    public void ToolResult_OfToolsetMember_NamesToolset(string own, string expected) =>
        AssertBody(
            new ChatRequest
            {
                Messages =
                [
                    new Message(
                        Role.Assistant,
                        [Call("t0"), Call("t1") with { WireData = new("anthropic", """{"caller":{},"toolset_name":"computer"}""") }]
                    ),
                    Message.ToolResults(
                        new ToolResultPart("t0", "18"),
                        new ToolResultPart("t1", "19") { WireData = own.Length > 0 ? new("anthropic", own) : null }
                    ),
                ],
                Tools = [new ToolDefinition("a")],
            },
            $$$"""
            {"model":"m","max_tokens":4096,"messages":[
              {"role":"assistant","content":[
                {"type":"tool_use","id":"t0","name":"get_weather","input":{"city":"Paris"}},
                {"type":"tool_use","id":"t1","name":"get_weather","input":{"city":"Paris"},"caller":{},"toolset_name":"computer"}]},
              {"role":"user","content":[
                {"type":"tool_result","tool_use_id":"t0","content":"18"},
                {"type":"tool_result","tool_use_id":"t1","content":"19",{{{expected}}} }]}],
             "tools":[{"name":"a","input_schema":{"type":"object","properties":{} } }] }
            """
        );

    [Fact]
    public void ToolResults_AfterText_AreMovedFirstAndRecordQuirk() =>
        AssertBody(
            new ChatRequest { Messages = [Message.User(new TextPart("Here:"), new ToolResultPart("t1", "18"))] },
            """{"model":"m","max_tokens":4096,"messages":[{"role":"user","content":[{"type":"tool_result","tool_use_id":"t1","content":"18"},{"type":"text","text":"Here:"}]}]}""",
            quirks: "Adapted at messages[].content[]"
        );

    [Theory]
    [InlineData("{\"city\":")]
    [InlineData("[1]")]
    [InlineData("\"Paris\"")]
    public void ToolCall_ArgumentsAreNotObject_AreWrappedInObjectAndRecordQuirk(string arguments)
    {
        using var wire = Write(
            new ChatRequest
            {
                Messages = [new Message(Role.Assistant, [new ToolCallPart(new("t1", "a", arguments) { IsComplete = false })])],
                Tools = [new ToolDefinition("a")],
            }
        );
        var input = System.Text.Json.Nodes.JsonNode.Parse(wire.Body.Span)!["messages"]![0]!["content"]![0]!["input"]!;
        Assert.Equal(arguments, (string?)input["INVALID_JSON"]);
        Assert.Equal(QuirkKind.Adapted, Assert.Single(wire.Quirks).Kind);
    }

    public static TheoryData<string, string> ToolChoices =>
        new()
        {
            { "auto", """{"type":"auto"}""" },
            { "none", """{"type":"none"}""" },
            { "required", """{"type":"any"}""" },
            { "named", """{"type":"tool","name":"get_weather"}""" },
            { "one", """{"type":"auto","disable_parallel_tool_use":true}""" },
            { "required one", """{"type":"any","disable_parallel_tool_use":true}""" },
            { "none one", """{"type":"none"}""" },
            { "several", """{"type":"auto","disable_parallel_tool_use":false}""" },
        };

    [Theory]
    [MemberData(nameof(ToolChoices))]
    public void ToolChoice_EachKind_IsSent(string asked, string expected)
    {
        var request = ChatRequest.Ask("Why?") with
        {
            Tools = [new ToolDefinition("get_weather")],
            ToolChoice = asked.Split(' ')[0] switch
            {
                "auto" => ToolChoice.Auto,
                "none" => ToolChoice.None,
                "required" => ToolChoice.Required,
                "named" => ToolChoice.Named("get_weather"),
                _ => null,
            },
            ParallelToolCalls =
                asked.Contains("one", StringComparison.Ordinal) && asked is not "none" ? false
                : asked == "several" ? true
                : null,
        };
        AssertBody(
            request,
            $$$"""{"model":"m","max_tokens":4096,"messages":[{"role":"user","content":"Why?"}],"tools":[{"name":"get_weather","input_schema":{"type":"object","properties":{} }}],"tool_choice":{{{expected}}}}"""
        );
    }

    [Fact]
    public void ToolChoice_RequiredWithoutTools_IsRejected() =>
        Assert.Throws<ArgumentException>(() => Body(ChatRequest.Ask("Why?") with { ToolChoice = ToolChoice.Required }));

    [Fact]
    public void Tools_StrictAndServerTools_AreSent() =>
        AssertBody(
            ChatRequest.Ask("Why?") with
            {
                Tools = [new ToolDefinition("a") { Strict = true }],
            },
            """{"model":"m","max_tokens":4096,"messages":[{"role":"user","content":"Why?"}],"tools":[{"name":"a","input_schema":{"type":"object","properties":{},"additionalProperties":false},"strict":true},{"type":"web_search_20250305","name":"web_search","max_uses":2}]}""",
            new AnthropicProtocol { ServerTools = ["""{"type":"web_search_20250305","name":"web_search","max_uses":2}"""] }
        );

    [Fact]
    public void Extra_WithTools_FollowsToolsAndServerTools() =>
        AssertBody(
            ChatRequest.Ask("Why?") with
            {
                Tools = [new ToolDefinition("a")],
                Extra = new Dictionary<string, RawJson>
                {
                    ["tools"] = """[{"type":"web_fetch_20250910","name":"web_fetch"}]""",
                    ["x"] = "1",
                },
            },
            """{"model":"m","max_tokens":4096,"messages":[{"role":"user","content":"Why?"}],"tools":[{"name":"a","input_schema":{"type":"object","properties":{}}},{"type":"web_search_20250305","name":"web_search"},{"type":"web_fetch_20250910","name":"web_fetch"}],"x":1}""",
            new AnthropicProtocol { ServerTools = ["""{"type":"web_search_20250305","name":"web_search"}"""] }
        );

    [Fact]
    public void ToolCallIds_FromOtherServices_AreReplacedInCallAndResult()
    {
        using var wire = Write(
            new ChatRequest
            {
                Messages =
                [
                    new(Role.Assistant, [Call("functions.get_weather:0"), Call("call_1")]),
                    Message.ToolResults(new ToolResultPart("functions.get_weather:0", "18"), new ToolResultPart("call_1", "19")),
                ],
                Tools = [Weather],
            }
        );
        var (calls, results) = Ids(wire);
        Assert.Equal(calls, results);
        Assert.Matches("^id_[0-9a-f]{24}$", calls[0]);
        Assert.Equal("call_1", calls[1]);
        Assert.Equal("Adapted at messages[].content[].id", string.Join("; ", wire.Quirks));
    }

    [Fact]
    public void ToolCallIds_Repeated_AreMadeUniqueAndMatchResults()
    {
        List<Message> messages = [];
        for (int i = 0; i < 50; i++)
        {
            messages.AddRange([
                Message.User("Weather?"),
                new(Role.Assistant, [Call("0"), Call("id-" + i)]),
                Message.ToolResults(new ToolResultPart("id-" + i, "19"), new ToolResultPart("0", "18")),
            ]);
        }

        using var wire = Write(new ChatRequest { Messages = messages, Tools = [Weather] });
        var (calls, results) = Ids(wire);
        Assert.Equal(100, calls.Distinct().Count());
        Assert.Equal("0", calls[0]);
        for (int i = 0; i < 100; i += 2)
            Assert.Equal([calls[i], calls[i + 1]], [results[i + 1], results[i]]);
    }

    [Fact]
    public void ToolCallId_Empty_IsRejected() =>
        Assert.Throws<ArgumentException>(() => Write(new ChatRequest { Messages = [new(Role.Assistant, [Call("")])] }));

    [Fact]
    public void Tools_MissingAfterToolCall_AreAddedWithToolChoiceNone() =>
        AssertBody(
            new ChatRequest
            {
                Messages =
                [
                    new(Role.Assistant, [Call("t1"), Call("t2")]),
                    Message.ToolResults(new ToolResultPart("t1", "18"), new ToolResultPart("t2", "18")),
                ],
            },
            """
            {"model":"m","max_tokens":4096,"messages":[
              {"role":"assistant","content":[{"type":"tool_use","id":"t1","name":"get_weather","input":{"city":"Paris"}},{"type":"tool_use","id":"t2","name":"get_weather","input":{"city":"Paris"}}]},
              {"role":"user","content":[{"type":"tool_result","tool_use_id":"t1","content":"18"},{"type":"tool_result","tool_use_id":"t2","content":"18"}]}],
             "tools":[{"name":"get_weather","input_schema":{"type":"object","properties":{}}}],"tool_choice":{"type":"none"}}
            """,
            quirks: "Adapted at tools"
        );

    private static (List<string> Calls, List<string> Results) Ids(WireRequest wire)
    {
        List<string> calls = [];
        List<string> results = [];
        foreach (var message in System.Text.Json.Nodes.JsonNode.Parse(wire.Body.Span)!["messages"]!.AsArray())
        {
            if (message!["content"] is not System.Text.Json.Nodes.JsonArray content)
                continue;
            foreach (var block in content)
            {
                if (block!["id"] is { } id)
                    calls.Add((string)id!);
                if (block["tool_use_id"] is { } answered)
                    results.Add((string)answered!);
            }
        }
        return (calls, results);
    }
}
