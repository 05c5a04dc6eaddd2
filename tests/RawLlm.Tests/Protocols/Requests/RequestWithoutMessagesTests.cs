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
    public void Write_InstructionsThatAreAMessage_GoOut(string wire) =>
        Assert.Contains("Be brief.", WrittenRequest.Of(WireProtocols.Get(wire), InstructionsAlone).Body, StringComparison.Ordinal);

    [Theory]
    [InlineData("anthropic")]
    [InlineData("bedrock-invoke")]
    [InlineData("converse")]
    [InlineData("gemini")]
    public void Write_InstructionsBesideAConversation_AreNotAskedAlone(string wire) =>
        Assert.Contains(
            "no message",
            Assert.Throws<ArgumentException>(() => WrittenRequest.Of(WireProtocols.Get(wire), InstructionsAlone)).Message,
            StringComparison.Ordinal
        );

    [Fact]
    public void Write_APromptThatIsKeptAtTheService_NeedsNoMessage() =>
        WrittenRequest.Of(
            WireProtocols.Get("converse"),
            new ChatRequest
            {
                Model = "arn:aws:bedrock:eu-west-1:1:prompt/P",
                Extra = new Dictionary<string, RawJson> { ["promptVariables"] = "{}" },
            }
        );
}
