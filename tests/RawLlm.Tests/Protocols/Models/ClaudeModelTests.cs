using RawLlm.Protocols;
using RawLlm.Tests.Support;

namespace RawLlm.Tests.Protocols.Wires;

/// <summary>The thinking and sampling settings that Anthropic's models accept, by their names, on the wires that reach them.</summary>
public sealed class ClaudeModelTests
{
    private const string Off = "\"thinking\":{\"type\":\"disabled\"}";
    private const string BetweenTools = "\"thinking\":{\"type\":\"between_tools\"}";
    private const string Adaptive = "\"thinking\":{\"type\":\"adaptive\"},\"output_config\":{\"effort\":\"high\"}";
    private const string LowAlone = "\"output_config\":{\"effort\":\"low\"}";

    public static TheoryData<string, Thinking, int?, string, string> Asked =>
        new()
        {
            { "claude-sonnet-4-5", Thinking.High, null, Budget(24576), "Adapted at thinking.budget_tokens" },
            { "anthropic/claude-opus-4.1", Thinking.Low, 4000, Budget(1024), "Adapted at thinking.budget_tokens" },
            { "claude-3-7-sonnet-20250219", Thinking.Budget(2000), null, Budget(2000), "" },
            {
                "us.anthropic.claude-haiku-4-5-20251001-v1:0",
                Thinking.Budget(500),
                null,
                Budget(1024),
                "Adapted at thinking.budget_tokens"
            },
            { "claude-haiku-4-5", Thinking.Budget(2000), 2000, Budget(1024), "Adapted at thinking.budget_tokens" },
            { "claude-haiku-4-5", Thinking.Budget(9000), 4000, Budget(2000), "Adapted at thinking.budget_tokens" },
            { "claude-haiku-4-5", Thinking.Budget(2000), 1024, "", "LeftOut at thinking" },
            { "claude-sonnet-4-6", Thinking.Budget(2000), null, Budget(2000), "" },
            { "claude-sonnet-4-6", Thinking.High, null, Adaptive, "" },
            { "claude-opus-4-7", Thinking.High, null, Adaptive, "" },
            { "claude-sonnet-4-5", Thinking.ExtraHigh, null, Budget(28672), "Adapted at thinking.budget_tokens" },
            { "claude-opus-4-6", Thinking.ExtraHigh, null, Adaptive, "Adapted at " },
            { "claude-mythos-preview", Thinking.ExtraHigh, null, Adaptive, "Adapted at " },
            { "claude-latest", Thinking.ExtraHigh, null, Adaptive, "Adapted at " },
            { "anthropic.claude-opus-4-8", Thinking.Budget(20000), 1000, Adaptive, "Adapted at " },
            { "claude-fable-5", Thinking.Budget(20000), null, Adaptive, "Adapted at " },
            { "claude-3-5-haiku-latest", Thinking.High, null, "", "LeftOut at thinking" },
            { "claude-3-5-haiku-latest", Thinking.Off, null, "", "" },
            { "claude-haiku-4-5", Thinking.Off, null, Off, "" },
            { "claude-sonnet-5", Thinking.Off, null, Off, "" },
            { "claude-opus-5", Thinking.Off, null, Off, "" },
            { "claude-opus-5-5", Thinking.Off, null, LowAlone, "Adapted at thinking" },
            { "claude-fable-5", Thinking.Off, null, LowAlone, "Adapted at thinking" },
            { "claude-mythos-5-1", Thinking.Off, null, LowAlone, "Adapted at thinking" },
            { "claude-sonnet-5-5", Thinking.Off, null, BetweenTools, "" },
            { "global.anthropic.claude-sonnet-5-5", Thinking.Off, null, BetweenTools, "" },
            { "claude-sonnet-5-5", Thinking.High, null, Adaptive, "" },
            { "claude-haiku-5-5", Thinking.Off, null, Off, "" },
            { "claude-haiku-5-5", Thinking.Budget(20000), null, Adaptive, "Adapted at " },
            { "claude-latest", Thinking.Off, null, Off, "" },
            { "claude-latest", Thinking.Budget(500), 100, Budget(500), "" },
        };

    [Theory]
    [InlineData("claude-opus-4-8", true)]
    [InlineData("us.anthropic.claude-opus-4-8", true)]
    [InlineData("anthropic/claude-opus-5", true)]
    [InlineData("claude-opus-5-5", true)]
    [InlineData("claude-fable-5", true)]
    [InlineData("claude-mythos-5-1", true)]
    [InlineData("claude-sonnet-5-5-20261001", true)]
    [InlineData("claude-haiku-5-5", true)]
    [InlineData("claude-sonnet-5", false)]
    [InlineData("claude-opus-4-7", false)]
    [InlineData("claude-haiku-4-5-20251001", false)]
    [InlineData("claude-latest", false)]
    [InlineData("deepseek-v4", false)]
    public void LaterSystemMessage_ByModelName_StaysWhereModelAcceptsIt(string model, bool stays)
    {
        var request = new ChatRequest { Model = model, Messages = [Message.User("Why?"), Message.System("Be brief.")] };
        WireProtocol[] wires = [new AnthropicProtocol(), new BedrockInvokeProtocol(), Providers.AnthropicVertexIn("my-project").Protocol];
        foreach (var protocol in wires)
        {
            using var wire = new WireRequest { BaseUrl = new("https://llm.example.org/v1/") };
            protocol.WriteRequest(request, stream: false, wire);
            string body = System.Text.Encoding.UTF8.GetString(wire.Body.Span);
            Assert.Equal(stays, body.Contains("""{"role":"system","content":"Be brief."}""", StringComparison.Ordinal));
            Assert.Equal(stays ? "" : "Adapted at system", string.Join("; ", wire.Quirks));
        }
    }

    [Theory]
    [MemberData(nameof(Asked))]
    public void Thinking_ByModelName_IsWrittenInFormOfModel(string model, Thinking thinking, int? maxTokens, string expected, string quirks)
    {
        var request = ChatRequest.Ask("?") with { Model = model, Thinking = thinking, MaxTokens = maxTokens };
        int most =
            maxTokens
            ?? 4096
                + (
                    expected.Contains("high") ? 24576
                    : expected.Contains("low") ? 1024
                    : expected.Contains("_tokens") ? int.Parse(expected[(expected.LastIndexOf(':') + 1)..^1])
                    : 0
                );
        string rest = expected.Length > 0 ? "," + expected : "";

        var messages = WrittenRequest.Of(new AnthropicProtocol(), request);
        Assert.Equal(
            $$"""{"model":"{{model}}","max_tokens":{{most}},"messages":[{"role":"user","content":"?"}]{{rest}}""" + "}",
            messages.Body
        );
        Assert.Equal(quirks == "Adapted at " ? "Adapted at output_config.effort" : quirks, string.Join("; ", messages.Quirks));

        if (model.Contains('/'))
            return;
        var converse = WrittenRequest.Of(new ConverseProtocol(), request);
        string inference = maxTokens is { } limit ? ",\"inferenceConfig\":{\"maxTokens\":" + limit + "}" : "";
        string fields = expected.Length > 0 ? ",\"additionalModelRequestFields\":{" + expected + "}" : "";
        Assert.Equal($$"""{"messages":[{"role":"user","content":[{"text":"?"}]}]{{inference}}{{fields}}""" + "}", converse.Body);
        Assert.Equal(quirks == "Adapted at " ? "Adapted at thinking.effort" : quirks, string.Join("; ", converse.Quirks));
    }

    // Available on Fable and Mythos 5, Opus 4.7 and Sonnet 5 and later (platform.claude.com/docs/en/build-with-claude/effort, 2026-10), and
    // Haiku 5.5.
    [Theory]
    [InlineData("claude-opus-4-7")]
    [InlineData("us.anthropic.claude-opus-4-8")]
    [InlineData("claude-opus-5-5")]
    [InlineData("claude-sonnet-5")]
    [InlineData("claude-haiku-5-5")]
    [InlineData("claude-fable-5")]
    [InlineData("claude-mythos-5-1")]
    public void Effort_ExtraHighOnSupportingModel_IsSentAsXhigh(string model)
    {
        var request = ChatRequest.Ask("?") with { Model = model, Thinking = Thinking.ExtraHigh, MaxTokens = 64000 };
        const string Fields = "\"thinking\":{\"type\":\"adaptive\"},\"output_config\":{\"effort\":\"xhigh\"}";

        var messages = WrittenRequest.Of(new AnthropicProtocol(), request);
        Assert.Equal(
            $$"""{"model":"{{model}}","max_tokens":64000,"messages":[{"role":"user","content":"?"}],{{Fields}}""" + "}",
            messages.Body
        );
        Assert.Empty(messages.Quirks);

        var converse = WrittenRequest.Of(new ConverseProtocol(), request);
        Assert.Equal(
            $$"""{"messages":[{"role":"user","content":[{"text":"?"}]}],"inferenceConfig":{"maxTokens":64000},"additionalModelRequestFields":{{{Fields}}"""
                + "}}",
            converse.Body
        );
        Assert.Empty(converse.Quirks);

        if (!model.Contains("anthropic", StringComparison.Ordinal))
            return;
        var invoked = WrittenRequest.Of(new BedrockInvokeProtocol(), request);
        Assert.EndsWith(Fields + "}", invoked.Body, StringComparison.Ordinal);
        Assert.Empty(invoked.Quirks);
    }

    [Theory]
    [InlineData("claude-opus-4-5", ThinkingEffort.ExtraHigh, "high", "Adapted at output_config.effort")]
    [InlineData("claude-opus-4-6", ThinkingEffort.ExtraHigh, "high", "Adapted at output_config.effort")]
    [InlineData("claude-opus-4-5", ThinkingEffort.Max, "high", "Adapted at output_config.effort")]
    [InlineData("claude-opus-4-5-20251101", ThinkingEffort.Medium, "medium", "")]
    [InlineData("claude-opus-4-6", ThinkingEffort.Max, "max", "")]
    public void Effort_WithBudget_IsOneThatModelAccepts(string model, ThinkingEffort effort, string word, string quirks)
    {
        var written = WrittenRequest.Of(
            new AnthropicProtocol(),
            ChatRequest.Ask("?") with
            {
                Model = model,
                Thinking = new Thinking { Effort = effort, BudgetTokens = 2000 },
            }
        );

        Assert.EndsWith(
            "\"thinking\":{\"type\":\"enabled\",\"budget_tokens\":2000},\"output_config\":{\"effort\":\"" + word + "\"}}",
            written.Body
        );
        Assert.Equal(quirks, string.Join("; ", written.Quirks));
    }

    [Theory]
    [InlineData("claude-opus-4-0", 0.5, 0.9, ",\"temperature\":0.5,\"top_p\":0.9", "")]
    [InlineData("claude-opus-4-1-20250805", 0.5, 0.9, ",\"temperature\":0.5", "LeftOut at top_p")]
    [InlineData("claude-sonnet-4-6", null, 0.9, ",\"top_p\":0.9", "")]
    [InlineData("claude-haiku-4-5", 1.0, null, ",\"temperature\":1", "")]
    [InlineData("claude-opus-4-7", 0.5, 0.9, "", "LeftOut at temperature; LeftOut at top_p")]
    [InlineData("claude-sonnet-5", null, 0.9, "", "LeftOut at top_p")]
    [InlineData("kimi-k2.5", 0.5, 0.9, ",\"temperature\":0.5,\"top_p\":0.9", "")]
    public void Sampling_ByModelName_IsSentOrOmittedWithQuirk(
        string model,
        double? temperature,
        double? topP,
        string expected,
        string quirks
    )
    {
        var request = ChatRequest.Ask("?") with { Model = model, Temperature = temperature, TopP = topP };

        var messages = WrittenRequest.Of(new AnthropicProtocol(), request);
        Assert.Equal(
            $$"""{"model":"{{model}}","max_tokens":4096,"messages":[{"role":"user","content":"?"}]{{expected}}""" + "}",
            messages.Body
        );
        Assert.Equal(quirks, string.Join("; ", messages.Quirks));

        var converse = WrittenRequest.Of(new ConverseProtocol(), request);
        string inference =
            expected.Length > 0 ? ",\"inferenceConfig\":{" + expected[1..].Replace("top_p", "topP", StringComparison.Ordinal) + "}" : "";
        Assert.Equal($$"""{"messages":[{"role":"user","content":[{"text":"?"}]}]{{inference}}""" + "}", converse.Body);
        Assert.Equal(
            quirks.Replace("at t", "at inferenceConfig.t", StringComparison.Ordinal).Replace("top_p", "topP", StringComparison.Ordinal),
            string.Join("; ", converse.Quirks)
        );
    }

    // "tool_choice: type "tool" and "any" are not supported for this model." (2026-09)
    [Theory]
    [InlineData("claude-opus-5-5", "", false)]
    [InlineData("claude-mythos-5-1", "look", false)]
    [InlineData("eu.anthropic.claude-sonnet-5-5", "", false)]
    [InlineData("claude-sonnet-5-5", "look", false)]
    [InlineData("claude-fable-5-1", "", false)]
    [InlineData("us.anthropic.claude-fable-5-1", "look", false)]
    [InlineData("claude-opus-5", "look", true)]
    [InlineData("claude-sonnet-5", "", true)]
    [InlineData("claude-fable-5", "", true)]
    [InlineData("claude-haiku-5-5", "look", true)]
    [InlineData("claude-latest", "", true)]
    public void ForcedToolChoice_ByModelName_IsSentOrReplacedByAuto(string model, string name, bool isForced)
    {
        var request = ChatRequest.Ask("?") with
        {
            Model = model,
            Tools = [new ToolDefinition("look")],
            ToolChoice = name.Length > 0 ? ToolChoice.Named(name) : ToolChoice.Required,
            ParallelToolCalls = false,
        };

        var messages = WrittenRequest.Of(new AnthropicProtocol(), request);
        string forced = name.Length > 0 ? "\"type\":\"tool\",\"name\":\"look\"" : "\"type\":\"any\"";
        Assert.EndsWith(
            ",\"tool_choice\":{" + (isForced ? forced : "\"type\":\"auto\"") + ",\"disable_parallel_tool_use\":true}}",
            messages.Body
        );
        Assert.Equal(isForced ? "" : "Adapted at tool_choice", string.Join("; ", messages.Quirks));

        var converse = WrittenRequest.Of(new ConverseProtocol(), request with { ParallelToolCalls = null });
        string choice = name.Length > 0 ? "{\"tool\":{\"name\":\"look\"}}" : "{\"any\":{}}";
        Assert.EndsWith(isForced ? ",\"toolChoice\":" + choice + "}}" : "\"properties\":{}}}}}]}}", converse.Body);
        Assert.Equal(isForced ? "" : "Adapted at toolConfig.toolChoice", string.Join("; ", converse.Quirks));
    }

    [Fact]
    public void ThinkingBudget_InterleavedThinking_MayExceedMaxTokens()
    {
        var request = ChatRequest.Ask("?") with { Model = "claude-sonnet-4-5", Thinking = Thinking.Budget(9000), MaxTokens = 4000 };

        Assert.Contains(
            Budget(9000),
            WrittenRequest.Of(new AnthropicProtocol { Betas = ["interleaved-thinking-2025-05-14"] }, request).Body,
            StringComparison.Ordinal
        );
        Assert.Contains(
            Budget(9000),
            WrittenRequest
                .Of(
                    new AnthropicProtocol(),
                    request with
                    {
                        Headers = new Dictionary<string, string> { ["Anthropic-Beta"] = "interleaved-thinking-2025-05-14" },
                    }
                )
                .Body,
            StringComparison.Ordinal
        );
        Assert.Contains(
            Budget(9000),
            WrittenRequest
                .Of(
                    new ConverseProtocol(),
                    request with
                    {
                        Extra = new Dictionary<string, RawJson>
                        {
                            ["additionalModelRequestFields"] = """{"anthropic_beta":["interleaved-thinking-2025-05-14"]}""",
                        },
                    }
                )
                .Body,
            StringComparison.Ordinal
        );
    }

    [Fact]
    public void Effort_WithBudget_IsSentOnlyIfModelAcceptsBoth()
    {
        var request = ChatRequest.Ask("?") with
        {
            Thinking = new Thinking { Effort = ThinkingEffort.Low, BudgetTokens = 2000 },
        };

        Assert.Contains(
            LowAlone,
            WrittenRequest.Of(new AnthropicProtocol(), request with { Model = "claude-opus-4-5" }).Body,
            StringComparison.Ordinal
        );
        var written = WrittenRequest.Of(new AnthropicProtocol(), request with { Model = "claude-sonnet-4-5" });
        Assert.DoesNotContain(LowAlone, written.Body, StringComparison.Ordinal);
        Assert.Equal([new Quirk(QuirkKind.LeftOut, "output_config.effort")], written.Quirks);
    }

    [Theory]
    [InlineData("amazon.nova-lite-v1:0")]
    [InlineData("meta.llama3-3-70b-instruct-v1:0")]
    public void ThinkingOff_OtherVendorOnConverse_IsOmittedWithQuirk(string model)
    {
        var written = WrittenRequest.Of(new ConverseProtocol(), ChatRequest.Ask("?") with { Model = model, Thinking = Thinking.Off });

        Assert.Equal("""{"messages":[{"role":"user","content":[{"text":"?"}]}]}""", written.Body);
        Assert.Equal([new Quirk(QuirkKind.LeftOut, "thinking")], written.Quirks);
    }

    private static string Budget(int tokens) => "\"thinking\":{\"type\":\"enabled\",\"budget_tokens\":" + tokens + "}";
}
