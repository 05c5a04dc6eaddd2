using System.Text;
using RawLlm.Protocols;
using static RawLlm.Tests.Protocols.Anthropic.AnthropicRequests;

namespace RawLlm.Tests.Protocols.Anthropic;

/// <summary>How the Messages wire asks for reasoning.</summary>
public sealed class AnthropicThinkingTests
{
    public static TheoryData<string, string, string, string> Thoughts =>
        new()
        {
            { "AsRequested", "budget 2000", "\"thinking\":{\"type\":\"enabled\",\"budget_tokens\":2000}", "" },
            { "AsRequested", "low", "\"thinking\":{\"type\":\"adaptive\"},\"output_config\":{\"effort\":\"low\"}", "" },
            { "AsRequested", "max", "\"thinking\":{\"type\":\"adaptive\"},\"output_config\":{\"effort\":\"max\"}", "" },
            {
                "AsRequested",
                "extraHigh",
                "\"thinking\":{\"type\":\"adaptive\"},\"output_config\":{\"effort\":\"high\"}",
                "Adapted at output_config.effort"
            },
            {
                "AsRequested",
                "minimal",
                "\"thinking\":{\"type\":\"adaptive\"},\"output_config\":{\"effort\":\"low\"}",
                "Adapted at output_config.effort"
            },
            {
                "AsRequested",
                "high hidden",
                "\"thinking\":{\"type\":\"adaptive\",\"display\":\"omitted\"},\"output_config\":{\"effort\":\"high\"}",
                ""
            },
            {
                "AsRequested",
                "high shown",
                "\"thinking\":{\"type\":\"adaptive\",\"display\":\"summarized\"},\"output_config\":{\"effort\":\"high\"}",
                ""
            },
            {
                "AsRequested",
                "low budget 2000",
                "\"thinking\":{\"type\":\"enabled\",\"budget_tokens\":2000},\"output_config\":{\"effort\":\"low\"}",
                ""
            },
            { "AsRequested", "none", "\"thinking\":{\"type\":\"disabled\"}", "" },
            { "AsRequested", "shown", "", "LeftOut at thinking.display" },
            { "Budget", "medium", "\"thinking\":{\"type\":\"enabled\",\"budget_tokens\":8192}", "Adapted at thinking.budget_tokens" },
            {
                "Budget",
                "low budget 2000",
                "\"thinking\":{\"type\":\"enabled\",\"budget_tokens\":2000}",
                "LeftOut at output_config.effort"
            },
            {
                "Effort",
                "budget 2000",
                "\"thinking\":{\"type\":\"adaptive\"},\"output_config\":{\"effort\":\"medium\"}",
                "Adapted at output_config.effort"
            },
            { "None", "high", "", "LeftOut at thinking" },
        };

    [Theory]
    [MemberData(nameof(Thoughts))]
    public void Thinking_InEveryForm_IsRequested(string dialect, string asked, string expected, string quirks)
    {
        string[] words = asked.Split(' ');
        var thinking = new Thinking
        {
            Effort = Enum.TryParse<ThinkingEffort>(words[0], ignoreCase: true, out var effort) ? effort : null,
            BudgetTokens = words.Contains("budget") ? int.Parse(words[^1], System.Globalization.CultureInfo.InvariantCulture) : null,
            Include =
                words.Contains("shown") ? true
                : words.Contains("hidden") ? false
                : null,
        };
        int budget =
            expected.Contains("2000", StringComparison.Ordinal) ? 2000
            : expected.Contains("8192", StringComparison.Ordinal) || expected.Contains("medium", StringComparison.Ordinal) ? 8192
            : expected.Contains("low", StringComparison.Ordinal) ? 1024
            : expected.Contains("high", StringComparison.Ordinal) ? 24576
            : expected.Contains("max", StringComparison.Ordinal) ? 32000
            : 0;
        string rest = expected.Length > 0 ? "," + expected : "";
        AssertBody(
            ChatRequest.Ask("Why?") with
            {
                Thinking = thinking,
            },
            $$$"""{"model":"m","max_tokens":{{{4096 + budget}}},"messages":[{"role":"user","content":"Why?"}]{{{rest}}}}""",
            new AnthropicProtocol { Thinking = Enum.Parse<AnthropicThinking>(dialect) },
            quirks: quirks
        );
    }

    [Fact]
    public void Thinking_WithTemperature_OmitsTemperatureAndRecordsQuirk() =>
        AssertBody(
            ChatRequest.Ask("Why?") with
            {
                Thinking = Thinking.Low,
                Temperature = 0.2,
                TopP = 0.5,
                MaxTokens = 9,
            },
            """{"model":"m","max_tokens":9,"messages":[{"role":"user","content":"Why?"}],"thinking":{"type":"adaptive"},"output_config":{"effort":"low"}}""",
            quirks: "LeftOut at temperature; LeftOut at top_p"
        );

    [Fact]
    public void Thinking_WithAllowedTemperatureAndTopP_SendsThem() =>
        AssertBody(
            ChatRequest.Ask("Why?") with
            {
                Thinking = Thinking.Low,
                Temperature = 1,
                TopP = 0.95,
            },
            """{"model":"m","max_tokens":5120,"messages":[{"role":"user","content":"Why?"}],"thinking":{"type":"adaptive"},"output_config":{"effort":"low"},"temperature":1,"top_p":0.95}"""
        );

    // Reasoning that is not sent does not count as the reasoning that a call needs before it.
    [Fact]
    public void Thinking_OnlyReasoningIsAfterToolCall_IsOmitted() =>
        AssertBody(
            new ChatRequest
            {
                Messages =
                [
                    Message.User("Weather?"),
                    new(
                        Role.Assistant,
                        [Call("t1"), new ReasoningPart("Hm.") { WireData = new WireData("anthropic", """{"signature":"s"}""") }]
                    ),
                    Message.ToolResults(new ToolResultPart("t1", "18")),
                ],
                Tools = [new ToolDefinition("get_weather")],
                Thinking = Thinking.Budget(2000),
            },
            """
            {"model":"m","max_tokens":4096,"messages":[
              {"role":"user","content":"Weather?"},{"role":"assistant","content":[{"type":"tool_use","id":"t1","name":"get_weather","input":{"city":"Paris"}}]},
              {"role":"user","content":[{"type":"tool_result","tool_use_id":"t1","content":"18"}]}],
              "tools":[{"name":"get_weather","input_schema":{"type":"object","properties":{}}}]}
            """,
            quirks: "LeftOut at thinking; LeftOut at messages[].content[]"
        );

    // Its type makes a block reasoning, not its subject.
    [Fact]
    public void Thinking_OnlyMentionedInSearch_IsOmitted()
    {
        Part[] said =
        [
            new OpaquePart(
                new WireData(
                    "anthropic",
                    """{"type":"server_tool_use","id":"s1","name":"web_search","input":{"query":"design thinking"}}"""
                )
            ),
            new OpaquePart(
                new WireData(
                    "anthropic",
                    """{"type":"web_search_tool_result","tool_use_id":"s1","content":[{"type":"web_search_result","title":"Redacted_thinking"}]}"""
                )
            ),
            Call("t1"),
        ];
        var request = new ChatRequest
        {
            Messages = [Message.User("Weather?"), new(Role.Assistant, said), Message.ToolResults(new ToolResultPart("t1", "18"))],
            Tools = [new ToolDefinition("get_weather")],
            Thinking = Thinking.Budget(2000),
        };

        Assert.DoesNotContain("\"thinking\":{", Body(request), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Thinking_WithForcedTool_SetsToolChoiceToAuto(bool isNamed)
    {
        var request = ChatRequest.Ask("Why?") with
        {
            Tools = [new ToolDefinition("a")],
            ToolChoice = isNamed ? ToolChoice.Named("a") : ToolChoice.Required,
            ParallelToolCalls = false,
        };
        const string Tools =
            "\"tools\":[{\"name\":\"a\",\"input_schema\":{\"type\":\"object\",\"properties\":{}}}],\"tool_choice\":{\"type\":\"auto\",\"disable_parallel_tool_use\":true}";
        AssertBody(
            request with
            {
                Thinking = Thinking.Budget(2000),
            },
            $$$"""{"model":"m","max_tokens":6096,"messages":[{"role":"user","content":"Why?"}],{{{Tools}}},"thinking":{"type":"enabled","budget_tokens":2000}}""",
            quirks: "Adapted at tool_choice"
        );
        AssertBody(
            request with
            {
                Thinking = Thinking.Low,
            },
            $$$"""{"model":"m","max_tokens":5120,"messages":[{"role":"user","content":"Why?"}],{{{Tools}}},"thinking":{"type":"adaptive"},"output_config":{"effort":"low"}}""",
            quirks: "Adapted at tool_choice"
        );
    }

    [Theory]
    [InlineData(8193, 8192)]
    [InlineData(8192, 4096)]
    [InlineData(2100, 1050)]
    [InlineData(1500, 1024)]
    [InlineData(1025, 1024)]
    public void Thinking_BudgetFromEffort_StaysBelowMaxTokens(int maxTokens, int budget) =>
        AssertBody(
            ChatRequest.Ask("Why?") with
            {
                Thinking = Thinking.Medium,
                MaxTokens = maxTokens,
            },
            $$$"""{"model":"m","max_tokens":{{{maxTokens}}},"messages":[{"role":"user","content":"Why?"}],"thinking":{"type":"enabled","budget_tokens":{{{budget}}}}}""",
            new AnthropicProtocol { Thinking = AnthropicThinking.Budget },
            quirks: "Adapted at thinking.budget_tokens"
        );

    [Fact]
    public void Thinking_MaxTokensTooSmall_IsOmittedAndRecordsQuirk() =>
        AssertBody(
            ChatRequest.Ask("Why?") with
            {
                Thinking = Thinking.Low,
                MaxTokens = 1024,
                Temperature = 0.5,
            },
            """{"model":"m","max_tokens":1024,"messages":[{"role":"user","content":"Why?"}],"temperature":0.5}""",
            new AnthropicProtocol { Thinking = AnthropicThinking.Budget },
            quirks: "LeftOut at thinking"
        );

    public static TheoryData<string, Part?, bool> CallsBeforeThinking =>
        new()
        {
            { "none", null, false },
            {
                "of another service",
                new ReasoningPart("Hm.") { WireData = new WireData("responses", "{}") },
                false
            },
            {
                "signed",
                new ReasoningPart("Hm.") { WireData = new WireData("anthropic", """{"signature":"s"}""") },
                true
            },
            { "redacted", new OpaquePart(new WireData("anthropic", """{"type":"redacted_thinking","data":"E=="}""")), true },
            { "not shown", new OpaquePart(new WireData("anthropic", """{"type":"thinking","thinking":"","signature":"s"}""")), true },
        };

    [Theory]
    [MemberData(nameof(CallsBeforeThinking))]
    public void Thinking_ToolCallIsPending_IsRequestedOnlyAfterOwnReasoning(string thought, Part? part, bool isAsked)
    {
        Assert.NotEmpty(thought);
        Part[] thoughts = part is null ? [] : [part];
        var request = new ChatRequest
        {
            Messages =
            [
                Message.User("Weather?"),
                new(Role.Assistant, [.. thoughts, Call("t1")]),
                Message.ToolResults(new ToolResultPart("t1", "18")),
            ],
            Tools = [Weather],
            Thinking = Thinking.Budget(2000),
        };
        using var wire = Write(request);
        string body = Encoding.UTF8.GetString(wire.Body.Span);
        Assert.Equal(isAsked, body.Contains("\"thinking\":{\"type\":\"enabled\"", StringComparison.Ordinal));
        Assert.Equal(!isAsked, wire.Quirks.Contains(new Quirk(QuirkKind.LeftOut, "thinking")));
        using var effort = Write(request with { Thinking = Thinking.Low });
        Assert.Contains("\"adaptive\"", Encoding.UTF8.GetString(effort.Body.Span), StringComparison.Ordinal);
        using var later = Write(request with { Messages = [.. request.Messages, Message.Assistant("18."), Message.User("And now?")] });
        Assert.Contains("\"enabled\"", Encoding.UTF8.GetString(later.Body.Span), StringComparison.Ordinal);
    }
}
