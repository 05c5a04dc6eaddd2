using System.Text;
using RawLlm.Protocols;
using static RawLlm.Tests.Protocols.Anthropic.AnthropicRequests;

namespace RawLlm.Tests.Protocols.Anthropic;

/// <summary>Answers of the model on their way back to the Messages wire.</summary>
public sealed class AnthropicAnswerTests
{
    [Fact]
    public void Reasoning_WithAndWithoutSignature_IsSentBackOnlyWithSignature() =>
        AssertBody(
            new ChatRequest
            {
                Messages =
                [
                    new Message(
                        Role.Assistant,
                        [
                            new ReasoningPart("Hm.") { WireData = new("anthropic", """{"signature":"a\/b=="}""") },
                            new ReasoningPart("Of another service.") { WireData = new("openrouter", """{"reasoning_details":[]}""") },
                            new ReasoningPart("Unsigned."),
                            new OpaquePart(new("anthropic", """{ "type" : "redacted_thinking", "data":"E=="}""")),
                            new OpaquePart(new("responses", """{"type":"reasoning"}""")),
                            new TextPart("Yes.") { WireData = new("anthropic", """{"citations":[{"cited_text":"x"}]}""") },
                            new TextPart("\n\n"),
                            new RefusalPart("No."),
                        ]
                    ),
                ],
            },
            """
            {"model":"m","max_tokens":4096,"messages":[{"role":"assistant","content":[
              {"type":"thinking","thinking":"Hm.","signature":"a\/b=="},
              {"type":"redacted_thinking","data":"E=="},
              {"type":"text","text":"Yes.","citations":[{"cited_text":"x"}]},
              {"type":"text","text":"No."}]}]}
            """,
            quirks: "LeftOut at messages[].content[]; Adapted at messages[].content[]"
        );

    [Fact]
    public void Reasoning_SentBack_IsByteIdentical()
    {
        using var wire = Write(
            new ChatRequest
            {
                Messages =
                [
                    new Message(
                        Role.Assistant,
                        [new OpaquePart(new("anthropic", """{ "type" : "redacted_thinking", "data":"E\/=="}""")), new TextPart("So.")]
                    ),
                ],
            }
        );
        Assert.Contains(
            """[{ "type" : "redacted_thinking", "data":"E\/=="},""",
            Encoding.UTF8.GetString(wire.Body.Span),
            StringComparison.Ordinal
        );
    }

    [Fact]
    public void Reasoning_ReturnsUnsignedThinkingIsSet_IsSentBackUnsigned() =>
        AssertBody(
            new ChatRequest { Messages = [new Message(Role.Assistant, [new ReasoningPart("Hm."), new TextPart("Yes.")])] },
            """{"model":"m","max_tokens":4096,"messages":[{"role":"assistant","content":[{"type":"thinking","thinking":"Hm.","signature":""},{"type":"text","text":"Yes."}]}]}""",
            new AnthropicProtocol { ReturnsUnsignedThinking = true }
        );

    [Fact]
    public void Answer_NothingRemains_IsOmittedAndUserMessagesAreMerged() =>
        AssertBody(
            new ChatRequest
            {
                Messages =
                [
                    Message.Assistant(" \n"),
                    Message.User("Why?"),
                    new(Role.Assistant, [new ReasoningPart("Hm."), new OpaquePart(new WireData("responses", "{}")), new TextPart("")]),
                    Message.Assistant(""),
                    Message.User("How?"),
                    new(Role.Assistant, []),
                ],
            },
            """{"model":"m","max_tokens":4096,"messages":[{"role":"user","content":[{"type":"text","text":"Why?"},{"type":"text","text":"How?"}]}]}""",
            quirks: "LeftOut at messages[]"
        );

    [Fact]
    public void Answer_EmptyNextToAnother_IsOmitted() =>
        AssertBody(
            new ChatRequest
            {
                Messages =
                [
                    Message.User("Why?"),
                    Message.Assistant(""),
                    Message.Assistant("So."),
                    Message.Assistant(" "),
                    Message.User("How?"),
                ],
            },
            """{"model":"m","max_tokens":4096,"messages":[{"role":"user","content":"Why?"},{"role":"assistant","content":"So."},{"role":"user","content":"How?"}]}""",
            quirks: "LeftOut at messages[]"
        );

    // "The final block in an assistant message cannot be `thinking`." (2026)
    [Theory]
    [InlineData("signed", "user", "LeftOut at messages[]")]
    [InlineData("redacted", "user", "LeftOut at messages[]")]
    [InlineData("hidden", "user", "LeftOut at messages[]")]
    [InlineData("signed blank", "user", "LeftOut at messages[]")]
    [InlineData("signed, user, text", "user [text] user", "LeftOut at messages[]")]
    [InlineData("text, signed", "user [text] user", "LeftOut at messages[]")]
    [InlineData("text signed", "user [text] user", "LeftOut at messages[].content[]")]
    [InlineData("text signed redacted hidden", "user [text] user", "LeftOut at messages[].content[]")]
    [InlineData("signed text redacted", "user [thinking text] user", "LeftOut at messages[].content[]")]
    [InlineData("text signed, text hidden", "user [text thinking text] user", "LeftOut at messages[].content[]")]
    [InlineData("signed call", "user [thinking tool_use] user", "")]
    [InlineData("signed, call", "user [thinking tool_use] user", "")]
    [InlineData("signed, redacted, system, text", "user [thinking redacted_thinking text] user", "Adapted at system")]
    public void Turn_EndsWithReasoning_IsSentBackWithoutIt(string messages, string expected, string quirks)
    {
        static Part PartOf(string word) =>
            word switch
            {
                "signed" => new ReasoningPart("Hm.") { WireData = new WireData("anthropic", """{"signature":"s"}""") },
                "redacted" => new OpaquePart(new WireData("anthropic", """{"data":"E==","type":"redacted_thinking"}""")),
                "hidden" => new OpaquePart(new WireData("anthropic", """{"type":"thinking","thinking":"","signature":"s"}""")),
                "blank" => new TextPart("\n\n"),
                "call" => Call("t1"),
                _ => new TextPart("So."),
            };
        static Message MessageOf(string words) =>
            words switch
            {
                "user" => Message.User("How?"),
                "system" => Message.System("Be brief."),
                _ => new Message(Role.Assistant, [.. words.Split(' ').Select(PartOf)]),
            };
        using var wire = Write(
            new ChatRequest
            {
                Messages = [Message.User("Why?"), .. messages.Split(", ").Select(MessageOf), Message.User("Go on.")],
                Tools = [Weather],
            }
        );

        Assert.Equal(expected, Turns(wire));
        Assert.Equal(quirks, string.Join("; ", wire.Quirks));
    }

    [Fact]
    public void Citations_WithFileIdNull_AreSentBackWithoutFileId() =>
        AssertBody(
            new ChatRequest
            {
                Messages =
                [
                    new Message(
                        Role.Assistant,
                        [
                            new TextPart("a")
                            {
                                WireData = new(
                                    "anthropic",
                                    """{"caller":{"file_id":"f"},"citations":[{"type":"page_location","file_id":null,"cited_text":"\"file_id\""},{"cited_text":"x"},7]}"""
                                ),
                            },
                            new TextPart("b") { WireData = new("anthropic", """{"citations":[{"cited_text":"\"file_id\""}]}""") },
                        ]
                    ),
                ],
            },
            """
            {"model":"m","max_tokens":4096,"messages":[{"role":"assistant","content":[
              {"type":"text","text":"a","caller":{"file_id":"f"},"citations":[{"type":"page_location","cited_text":"\"file_id\""},{"cited_text":"x"},7]},
              {"type":"text","text":"b","citations":[{"cited_text":"\"file_id\""}]}]}]}
            """
        );

    [Fact]
    public void Citations_WithFileId_AreSentBackWithoutItAndRecordQuirk() =>
        AssertBody(
            new ChatRequest
            {
                Messages =
                [
                    new Message(
                        Role.Assistant,
                        [new TextPart("a") { WireData = new("anthropic", """{"citations":[{"cited_text":"x","file_id":"file_1"}]}""") }]
                    ),
                ],
            },
            """{"model":"m","max_tokens":4096,"messages":[{"role":"assistant","content":[{"type":"text","text":"a","citations":[{"cited_text":"x"}]}]}]}""",
            quirks: "LeftOut at messages[].content[].citations[].file_id"
        );

    // "compaction.content: content cannot be empty" (2026)
    [Theory]
    [InlineData("""{"type":"compaction","content":null}""")]
    [InlineData("""{"content":"","type":"compaction"}""")]
    [InlineData("""{"type":"compaction"}""")]
    public void CompactionBlock_Empty_IsOmitted(string block)
    {
        Part summary = new OpaquePart(new WireData("anthropic", block));
        AssertBody(
            new ChatRequest { Messages = [Message.User("a"), new(Role.Assistant, [summary, new TextPart("b")]), Message.User("c")] },
            """{"model":"m","max_tokens":4096,"messages":[{"role":"user","content":"a"},{"role":"assistant","content":[{"type":"text","text":"b"}]},{"role":"user","content":"c"}]}""",
            quirks: "LeftOut at messages[].content[]"
        );
        AssertBody(
            new ChatRequest { Messages = [Message.User("a"), new(Role.Assistant, [summary]), Message.User("c")] },
            """{"model":"m","max_tokens":4096,"messages":[{"role":"user","content":[{"type":"text","text":"a"},{"type":"text","text":"c"}]}]}""",
            quirks: "LeftOut at messages[]"
        );
        AssertBody(
            new ChatRequest { Messages = [Message.User(summary)] },
            """{"model":"m","max_tokens":4096,"messages":[{"role":"user","content":[{"type":"text","text":"(empty)"}]}]}""",
            quirks: "Adapted at messages[].content[]; LeftOut at messages[].content[]"
        );
    }

    [Fact]
    public void CompactionBlock_WithContent_IsSentBack() =>
        Assert.Contains(
            """[{"type":"compaction","content":"s"}]""",
            Body(
                new ChatRequest
                {
                    Messages =
                    [
                        Message.User("a"),
                        new(Role.Assistant, [new OpaquePart(new WireData("anthropic", """{"type":"compaction","content":"s"}"""))]),
                    ],
                }
            ),
            StringComparison.Ordinal
        );

    // "`web_search` tool use with id `srvtoolu_1` was found without a corresponding `web_search_tool_result` block" (2026)
    [Theory]
    [InlineData("text s1, user", "[text] user", "LeftOut at messages[].content[]")]
    [InlineData("text m1, user", "[text] user", "LeftOut at messages[].content[]")]
    [InlineData("signed s1, user", "user", "LeftOut at messages[]")]
    [InlineData("signed text signed s1, user", "[thinking text] user", "LeftOut at messages[].content[]")]
    [InlineData("s1 f1 s2 text, user", "[server_tool_use web_search_tool_result text] user", "LeftOut at messages[].content[]")]
    [InlineData("s1, f1 text, user", "[server_tool_use web_search_tool_result text] user", "")]
    [InlineData("s1 call, result, user", "[tool_use] user", "LeftOut at messages[].content[]")]
    [InlineData("s1 call, result", "[server_tool_use tool_use] user", "")]
    [InlineData("s1 call, result, f1 text, user", "[server_tool_use tool_use] user [web_search_tool_result text] user", "")]
    [InlineData("text s1", "[text server_tool_use]", "")]
    public void ServerToolCall_WithoutResultBeforeUserMessage_IsOmitted(string messages, string expected, string quirks)
    {
        static OpaquePart Block(string type, string member, string id) =>
            new(new WireData("anthropic", $$"""{"type":"{{type}}","{{member}}":"{{id}}","name":"x"}"""));
        static Part PartOf(string word) =>
            word switch
            {
                "signed" => new ReasoningPart("Hm.") { WireData = new WireData("anthropic", """{"signature":"s"}""") },
                "s1" or "s2" => Block("server_tool_use", "id", word),
                "m1" => Block("mcp_tool_use", "id", word),
                "f1" => Block("web_search_tool_result", "tool_use_id", "s1"),
                "call" => Call("t1"),
                _ => new TextPart("So."),
            };
        static Message MessageOf(string words) =>
            words switch
            {
                "user" => Message.User("How?"),
                "result" => Message.ToolResults(new ToolResultPart("t1", "18")),
                _ => new Message(Role.Assistant, [.. words.Split(' ').Select(PartOf)]),
            };
        using var wire = Write(
            new ChatRequest { Messages = [Message.User("Why?"), .. messages.Split(", ").Select(MessageOf)], Tools = [Weather] }
        );

        Assert.Equal(expected == "user" ? expected : $"user {expected}", Turns(wire));
        Assert.Equal(quirks, string.Join("; ", wire.Quirks));
    }

    // An answer that contains only reasoning is not sent as a turn, whether or not it is the last: models of 2026 refuse to continue an
    // answer.
    [Fact]
    public void LastTurn_ContainsOnlyReasoning_IsOmitted() =>
        AssertBody(
            new ChatRequest
            {
                Messages =
                [
                    Message.User("Why?"),
                    new Message(
                        Role.Assistant,
                        [new ReasoningPart("Hm.") { WireData = new WireData("anthropic", """{"signature":"s"}""") }]
                    ),
                ],
            },
            """{"model":"m","max_tokens":4096,"messages":[{"role":"user","content":"Why?"}]}""",
            quirks: "LeftOut at messages[]"
        );

    // Anthropic (2026): what came before the last fallback was declined. The fallback's block, the text and the service's own completed
    // calls go back.
    [Fact]
    public void Fallback_BetweenModels_OmitsReasoningAndCallsOfFirstModel()
    {
        static OpaquePart Block(string json) => new(new WireData("anthropic", json));
        const string Fallback = """{"type":"fallback","from":{"model":"a"},"to":{"model":"b"}}""";
        const string Search = """{"type":"server_tool_use","id":"s1","name":"web_search","input":{}}""";
        const string Found = """{"type":"web_search_tool_result","tool_use_id":"s1","content":[]}""";
        AssertBody(
            new ChatRequest
            {
                Messages =
                [
                    Message.User("Hi"),
                    Message.Assistant(
                        new ReasoningPart("Hm.") { WireData = new WireData("anthropic", """{"signature":"s"}""") },
                        new TextPart("So."),
                        Block(Search),
                        Block(Found),
                        Block("""{"type":"server_tool_use","id":"s2","name":"web_search","input":{}}"""),
                        Block("""{"type":"redacted_thinking","data":"E=="}"""),
                        new ToolCallPart(new ToolCall("A", "f", "{}")),
                        Block(Fallback),
                        new ToolCallPart(new ToolCall("B", "f", "{}"))
                    ),
                    new Message(Role.Tool, [new ToolResultPart("A", "no"), new ToolResultPart("B", "yes")]),
                ],
                Tools = [new ToolDefinition("f")],
            },
            """{"model":"m","max_tokens":4096,"messages":[{"role":"user","content":"Hi"},{"role":"assistant","content":[{"type":"text","text":"So."},"""
                + Search
                + ","
                + Found
                + ","
                + Fallback
                + """,{"type":"tool_use","id":"B","name":"f","input":{}}]},{"role":"user","content":[{"type":"tool_result","tool_use_id":"B","content":"yes"}]}],"tools":[{"name":"f","input_schema":{"type":"object","properties":{}}}]}""",
            quirks: "LeftOut at messages[].content[]"
        );
    }
}
