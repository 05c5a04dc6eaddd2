namespace RawLlm.Tests.Chat;

public sealed class MessageTests
{
    [Fact]
    public void Equals_ContentIsNull_DoesNotThrow()
    {
        var whole = new ToolResultPart("id", "text");
        var broken = new ToolResultPart("id", (IReadOnlyList<Part>)null!);

        Assert.False(whole.Equals(broken));
        Assert.False(broken.Equals(whole));
        Assert.True(broken.Equals(new ToolResultPart("id", (IReadOnlyList<Part>)null!)));
    }

    [Fact]
    public void Message_AssistantAndToolError_HaveExpectedRoleAndParts()
    {
        var call = new ToolCall("c1", "echo", "{}");

        Assert.Equal(
            new Message(Role.Assistant, [new TextPart("Let me see."), new ToolCallPart(call)]),
            Message.Assistant(new TextPart("Let me see."), new ToolCallPart(call))
        );
        Assert.Equal(
            new Message(Role.Tool, [new ToolResultPart("c1", "No such city.") { Name = "echo", IsError = true }]),
            Message.ToolError(call, "No such city.")
        );
        Assert.Throws<ArgumentNullException>(() => Message.ToolError(null!, "x"));
    }

    [Fact]
    public void Reasoning_OfSeveralParts_IsJoinedInOrder()
    {
        var choice = new ChatChoice(
            0,
            new Message(
                Role.Assistant,
                [new ReasoningPart("a"), new TextPart("-"), new ReasoningPart("b"), new RefusalPart("no"), new ReasoningPart("c")]
            ),
            StopReason.EndTurn,
            "stop"
        );

        Assert.Equal("abc", choice.Reasoning);
        Assert.Equal("no", choice.Refusal);
        Assert.Equal("-", choice.Text);
    }
}
