using RawLlm.Protocols;
using static RawLlm.Tests.Protocols.Anthropic.AnthropicRequests;

namespace RawLlm.Tests.Protocols.Anthropic;

/// <summary>Instructions after the start of a conversation on the Messages wire, for models that accept them there.</summary>
public sealed class AnthropicSystemMessageTests
{
    private static readonly AnthropicProtocol Taking = new() { SupportsLaterSystemMessages = true };

    [Fact]
    public void LaterSystemMessage_AfterUserTurn_StaysInPlace() =>
        AssertBody(
            new ChatRequest
            {
                System = "S",
                Messages =
                [
                    Message.User("a"),
                    Message.Assistant("b"),
                    Message.User("c"),
                    Message.System("From now on French."),
                    Message.Assistant("d"),
                    Message.User("e"),
                    Message.System("Tail."),
                ],
            },
            """
            {"model":"m","max_tokens":4096,"system":"S","messages":[
              {"role":"user","content":"a"},
              {"role":"assistant","content":"b"},
              {"role":"user","content":"c"},
              {"role":"system","content":"From now on French."},
              {"role":"assistant","content":"d"},
              {"role":"user","content":"e"},
              {"role":"system","content":"Tail."}]}
            """,
            Taking
        );

    [Fact]
    public void LaterSystemMessages_InSuccession_AreOneMessage() =>
        AssertBody(
            new ChatRequest { Messages = [Message.User("a"), Message.System("One."), Message.System("Two."), Message.Assistant("b")] },
            """
            {"model":"m","max_tokens":4096,"messages":[
              {"role":"user","content":"a"},
              {"role":"system","content":[{"type":"text","text":"One."},{"type":"text","text":"Two."}]},
              {"role":"assistant","content":"b"}]}
            """,
            Taking
        );

    [Fact]
    public void LaterSystemMessage_BeforeOrWithinUserTurn_MovesAfterItAndRecordsQuirk() =>
        AssertBody(
            new ChatRequest
            {
                Messages =
                [
                    Message.System("First."),
                    Message.User("a"),
                    Message.Assistant("b"),
                    Message.System("One."),
                    Message.User("c"),
                    Message.System("Two."),
                    Message.User("d"),
                ],
            },
            """
            {"model":"m","max_tokens":4096,"system":"First.","messages":[
              {"role":"user","content":"a"},
              {"role":"assistant","content":"b"},
              {"role":"user","content":[{"type":"text","text":"c"},{"type":"text","text":"d"}]},
              {"role":"system","content":[{"type":"text","text":"One."},{"type":"text","text":"Two."}]}]}
            """,
            Taking,
            quirks: "Adapted at messages[].role"
        );

    [Fact]
    public void LaterSystemMessage_BetweenCallAndResult_MovesAfterResult() =>
        AssertBody(
            new ChatRequest
            {
                Messages =
                [
                    Message.User("Weather?"),
                    new Message(Role.Assistant, [Call("t1"), Call("t2")]),
                    Message.System("Hurry."),
                    Message.ToolResult(new("t1", "get_weather", "{}"), "18"),
                    Message.ToolResult(new("t2", "get_weather", "{}"), "19"),
                ],
                Tools = [new ToolDefinition("get_weather")],
            },
            """
            {"model":"m","max_tokens":4096,"messages":[
              {"role":"user","content":"Weather?"},
              {"role":"assistant","content":[{"type":"tool_use","id":"t1","name":"get_weather","input":{"city":"Paris"}},{"type":"tool_use","id":"t2","name":"get_weather","input":{"city":"Paris"}}]},
              {"role":"user","content":[{"type":"tool_result","tool_use_id":"t1","content":"18"},{"type":"tool_result","tool_use_id":"t2","content":"19"}]},
              {"role":"system","content":"Hurry."}],
             "tools":[{"name":"get_weather","input_schema":{"type":"object","properties":{} } }]}
            """,
            Taking,
            quirks: "Adapted at messages[].role"
        );

    [Fact]
    public void LaterSystemMessage_WithinOrAfterAnswer_MovesToTopAndRecordsQuirk() =>
        AssertBody(
            new ChatRequest
            {
                Messages =
                [
                    Message.User("a"),
                    Message.Assistant("b"),
                    Message.System("One."),
                    Message.Assistant("c"),
                    Message.System("Two."),
                ],
            },
            """
            {"model":"m","max_tokens":4096,"system":[{"type":"text","text":"One."},{"type":"text","text":"Two."}],"messages":[
              {"role":"user","content":"a"},
              {"role":"assistant","content":[{"type":"text","text":"b"},{"type":"text","text":"c"}]}]}
            """,
            Taking,
            quirks: "Adapted at system"
        );

    [Fact]
    public void LaterSystemMessage_BlankText_IsLeftOut() =>
        AssertBody(
            new ChatRequest { Messages = [Message.User("a"), Message.System(" ")] },
            """{"model":"m","max_tokens":4096,"messages":[{"role":"user","content":"a"}]}""",
            Taking,
            quirks: "Adapted at messages[].content[].text"
        );

    [Fact]
    public void LaterSystemMessage_NotTaken_MovesToTopForEveryModel()
    {
        using var wire = new WireRequest { BaseUrl = new("https://llm.example.org/v1/") };
        var request = new ChatRequest { Model = "claude-opus-5-5", Messages = [Message.User("a"), Message.System("Tail.")] };
        Providers.AnthropicCompatible("https://llm.example.org").Protocol.WriteRequest(request, stream: false, wire);
        Assert.Equal("Adapted at system", string.Join("; ", wire.Quirks));
    }

    [Fact]
    public void LaterSystemMessage_WithImage_IsRefused() =>
        Assert.Throws<ArgumentException>(() =>
            Write(
                new ChatRequest
                {
                    Messages = [Message.User("a"), new Message(Role.System, [new ImagePart(new Uri("https://example.org/a.png"))])],
                },
                Taking
            )
        );

    [Fact]
    public void CacheMarks_OnLaterSystemMessage_CountWithConversation() =>
        AssertBody(
            new ChatRequest
            {
                Messages =
                [
                    Message.System(new TextPart("S") { Cache = PromptCache.OneHour }),
                    Message.User(new TextPart("a") { Cache = PromptCache.FiveMinutes }),
                    Message.System(new TextPart("T") { Cache = PromptCache.FiveMinutes }),
                    Message.Assistant("b"),
                    Message.User(
                        new TextPart("c") { Cache = PromptCache.FiveMinutes },
                        new TextPart("d") { Cache = PromptCache.FiveMinutes },
                        new TextPart("e") { Cache = PromptCache.FiveMinutes }
                    ),
                ],
            },
            """
            {"model":"m","max_tokens":4096,"system":[{"type":"text","text":"S"}],"messages":[
              {"role":"user","content":[{"type":"text","text":"a"}]},
              {"role":"system","content":[{"type":"text","text":"T","cache_control":{"type":"ephemeral"}}]},
              {"role":"assistant","content":"b"},
              {"role":"user","content":[
                {"type":"text","text":"c","cache_control":{"type":"ephemeral"}},
                {"type":"text","text":"d","cache_control":{"type":"ephemeral"}},
                {"type":"text","text":"e","cache_control":{"type":"ephemeral"}}]}]}
            """,
            Taking,
            quirks: "LeftOut at messages[].content[].cache_control"
        );

    [Fact]
    public void Request_ThatContinuesWithSystemMessage_RepeatsBytesBeforeIt()
    {
        List<Message> messages = [Message.System("S"), Message.User("a"), Message.Assistant("b"), Message.User("c")];
        string Body() =>
            System.Text.Encoding.UTF8.GetString(Write(new ChatRequest { Messages = [.. messages] }, Taking).Body.Span).TrimEnd('}', ']');
        string before = Body();
        foreach (var message in (Message[])[Message.System("T"), Message.Assistant("d"), Message.System("U"), Message.User("e")])
        {
            messages.Add(message);
            if (message.Role == Role.Assistant || messages[^2].Role == Role.Assistant)
                continue;
            string now = Body();
            Assert.StartsWith(before, now, StringComparison.Ordinal);
            before = now;
        }
    }
}
