using RawLlm.Tests.Support;
using RawLlm.Tests.Wire;

namespace RawLlm.Tests.Protocols.Requests;

/// <summary>The answer's limit: never negative, on any wire.</summary>
public sealed class MaxTokensTests
{
    private static readonly ChatRequest Question = ChatRequest.Ask("Why?") with { Model = "m" };

    [Theory]
    [InlineData("anthropic", -1)]
    [InlineData("bedrock-invoke", -200_000)]
    [InlineData("chat-completions", -1)]
    [InlineData("converse", -1)]
    [InlineData("gemini", -1)]
    [InlineData("ollama", -2)]
    [InlineData("responses", int.MinValue)]
    public void Write_NegativeMaxTokens_ThrowsArgumentException(string wire, int tokens)
    {
        var request = Question with
        {
            Model = wire == "bedrock-invoke" ? "anthropic.claude-sonnet-4-20250514-v1:0" : "m",
            MaxTokens = tokens,
        };
        var error = Assert.Throws<ArgumentException>(() => WrittenRequest.Of(WireProtocols.Get(wire), request));
        Assert.StartsWith($"ChatRequest.MaxTokens is {tokens}, but it must not be negative.", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Write_ZeroMaxTokens_IsSent() =>
        Assert.Contains(
            "\"max_tokens\":0",
            WrittenRequest.Of(WireProtocols.Get("anthropic"), Question with { MaxTokens = 0 }).Body,
            StringComparison.Ordinal
        );

    [Theory]
    [InlineData("chat-completions", "max_tokens", "-1", "\"max_tokens\":-1")]
    [InlineData("ollama", "options", """{"num_predict":-1}""", "\"options\":{\"num_predict\":-1}")]
    public void Write_NegativeLimitInExtra_IsSent(string wire, string name, string value, string expected) =>
        Assert.Contains(
            expected,
            WrittenRequest
                .Of(WireProtocols.Get(wire), Question with { Extra = new Dictionary<string, RawJson> { [name] = RawJson.Parse(value) } })
                .Body,
            StringComparison.Ordinal
        );

    [Fact]
    public void Write_LargestThinkingBudget_DoesNotOverflow() =>
        Assert.Contains(
            "\"max_tokens\":2147487743",
            WrittenRequest
                .Of(WireProtocols.Get("anthropic"), Question with { Thinking = new Thinking { BudgetTokens = int.MaxValue } })
                .Body,
            StringComparison.Ordinal
        );
}
