using RawLlm.Tests.Support;
using RawLlm.Tests.Wire;

namespace RawLlm.Tests.Protocols.Requests;

/// <summary>Instructions without a conversation: one rule, which depends on what instructions are on a wire.</summary>
public sealed class RequestWithoutMessagesTests
{
    private static readonly ChatRequest InstructionsAlone = new() { Model = "m", System = "Be brief." };

    [Theory]
    [InlineData("chat-completions")]
    [InlineData("responses")]
    [InlineData("ollama")]
    public void WriteRequest_OnlySystemOnWireWithSystemMessages_IsSent(string wire) =>
        Assert.Contains("Be brief.", WrittenRequest.Of(WireProtocols.Get(wire), InstructionsAlone).Body, StringComparison.Ordinal);

    [Theory]
    [InlineData("anthropic")]
    [InlineData("bedrock-invoke")]
    [InlineData("converse")]
    [InlineData("gemini")]
    public void WriteRequest_OnlySystemOnWireWithSystemMember_IsRejected(string wire) =>
        Assert.Contains(
            "no message",
            Assert.Throws<ArgumentException>(() => WrittenRequest.Of(WireProtocols.Get(wire), InstructionsAlone)).Message,
            StringComparison.Ordinal
        );

    [Fact]
    public void WriteRequest_StoredPrompt_RequiresNoMessages() =>
        WrittenRequest.Of(
            WireProtocols.Get("converse"),
            new ChatRequest
            {
                Model = "arn:aws:bedrock:eu-west-1:1:prompt/P",
                Extra = new Dictionary<string, RawJson> { ["promptVariables"] = "{}" },
            }
        );
}
