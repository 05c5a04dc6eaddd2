using RawLlm.Protocols;
using RawLlm.Tests.Support;

namespace RawLlm.Tests.Protocols.ChatCompletions;

/// <summary>Adjacent messages of one role, for services that refuse them.</summary>
/// <remarks>"user or tool message(s) should alternate with assistant message(s)" (Perplexity until 2026-09)</remarks>
public sealed class RepeatedRolesTests
{
    private static readonly ImagePart Picture = new(new Uri("https://example.org/a.png"));

    private static ToolCallPart Call { get; } = new(new ToolCall("c", "f", "{}"));

    [Fact]
    public void Texts_WithSameRole_AreJoined() =>
        AssertWritten(
            """[{"role":"user","content":"a\n\nb"},{"role":"assistant","content":"c\n\nd"},{"role":"user","content":"e"}]""",
            [Message.User("a"), Message.User("b"), Message.Assistant("c"), Message.Assistant("d"), Message.User("e")]
        );

    [Fact]
    public void Texts_WithInstructionsBetween_AreJoined() =>
        AssertWritten(
            """[{"role":"system","content":"s"},{"role":"user","content":"a\n\nb"}]""",
            [Message.User("a"), Message.System("s"), Message.User("b")],
            "Adapted at messages[].role"
        );

    [Fact]
    public void Images_InJoinedMessages_AreKept() =>
        AssertWritten(
            """[{"role":"user","content":[{"type":"text","text":"a"},{"type":"image_url","image_url":{"url":"https://example.org/a.png"}},{"type":"text","text":"\n\n"},{"type":"text","text":"b"}]}]""",
            [Message.User(new TextPart("a"), Picture), Message.User("b")]
        );

    [Fact]
    public void ToolCalls_InJoinedMessages_FollowAllTextsAndResultsStaySeparate() =>
        AssertWritten(
            """[{"role":"assistant","content":"a\n\nb","tool_calls":[{"id":"c","type":"function","function":{"name":"f","arguments":"{}"}}]},{"role":"tool","tool_call_id":"c","content":"r"},{"role":"user","content":"d\n\ne"}]""",
            [
                Message.Assistant("a"),
                new Message(Role.Assistant, [new TextPart("b"), Call]),
                Message.User([new ToolResultPart("c", "r")]),
                Message.User("d"),
                Message.User("e"),
            ]
        );

    [Fact]
    public void Names_InJoinedMessages_AreKeptIfEqual()
    {
        AssertWritten(
            """[{"role":"user","content":"a\n\nb","name":"Ada"}]""",
            [Message.User("a") with { Name = "Ada" }, Message.User("b") with { Name = "Ada" }]
        );
        AssertWritten(
            """[{"role":"user","content":"a\n\nb"}]""",
            [Message.User("a") with { Name = "Ada" }, Message.User("b")],
            "LeftOut at messages[].name"
        );
    }

    [Fact]
    public void Answers_EmptyBetweenUserMessages_AreOmittedAndUserMessagesJoined()
    {
        var written = WrittenRequest.Of(
            new ChatCompletionsProtocol { AcceptsRepeatedRoles = false, AcceptsEmptyAnswers = false },
            new ChatRequest { Messages = [Message.User("a"), new Message(Role.Assistant, [new ReasoningPart("hm")]), Message.User("b")] }
        );

        Assert.Equal("""{"messages":[{"role":"user","content":"a\n\nb"}]}""", written.Body);
        Assert.Equal([new Quirk(QuirkKind.LeftOut, "messages[]")], written.Quirks);
    }

    [Fact]
    public void RepeatedRoles_AcceptedByService_StaySeparate() =>
        Assert.Equal(
            """{"messages":[{"role":"user","content":"a"},{"role":"user","content":"b"}]}""",
            WrittenRequest.Of(new ChatCompletionsProtocol(), new ChatRequest { Messages = [Message.User("a"), Message.User("b")] }).Body
        );

    private static void AssertWritten(string messages, Message[] given, params string[] quirks)
    {
        var written = WrittenRequest.Of(
            new ChatCompletionsProtocol { SupportsLaterSystemMessages = false, AcceptsRepeatedRoles = false },
            new ChatRequest { Messages = given }
        );
        Assert.Equal($$"""{"messages":{{messages}}}""", written.Body);
        Assert.Equal(quirks, written.Quirks.Select(quirk => quirk.ToString()));
    }
}
