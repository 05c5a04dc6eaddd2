using RawLlm.Protocols;
using RawLlm.Tests.Support;

namespace RawLlm.Tests.Protocols.Converse;

/// <summary>What is sent on the Converse wire to the models of each vendor, which accept different things.</summary>
public sealed class ConverseModelTests
{
    private const string Profile = "arn:aws:bedrock:eu-west-1:123456789012:application-inference-profile/a1b2c3d4e5f6";

    private const string Spec = """{"toolSpec":{"name":"look","inputSchema":{"json":{"type":"object","properties":{}}}}}""";

    private const string Adaptive = """{"thinking":{"type":"adaptive"},"output_config":{"effort":"high"}}""";

    private static readonly ToolDefinition Look = new("look");

    [Theory]
    [InlineData("eu.anthropic.claude-opus-4-6-v1", Adaptive)]
    [InlineData("openai.gpt-oss-120b-1:0", """{"reasoning_effort":"high"}""")]
    [InlineData("arn:aws:bedrock:us-east-1::foundation-model/openai.gpt-oss-20b-1:0", """{"reasoning_effort":"high"}""")]
    [InlineData("deepseek.v3.2", """{"reasoning_effort":"high"}""")]
    [InlineData("moonshot.kimi-k2-thinking", """{"reasoning_effort":"high"}""")]
    [InlineData("global.openai.gpt-5.6-sol", """{"reasoning":{"effort":"high"}}""")]
    [InlineData("amazon.nova-2-lite-v1:0", """{"reasoningConfig":{"type":"enabled","maxReasoningEffort":"high"}}""")]
    [InlineData("apac.amazon.nova-2-lite-v1:0", """{"reasoningConfig":{"type":"enabled","maxReasoningEffort":"high"}}""")]
    [InlineData(
        "arn:aws:bedrock:us-east-1:123456789012:inference-profile/us.amazon.nova-2-lite-v1:0",
        """{"reasoningConfig":{"type":"enabled","maxReasoningEffort":"high"}}"""
    )]
    [InlineData("us.amazon.nova-pro-v1:0", "")]
    [InlineData("us.deepseek.r1-v1:0", "")]
    [InlineData("qwen.qwen3-235b-a22b-2507-v1:0", "")]
    [InlineData("us-gov.meta.llama3-3-70b-instruct-v1:0", "")]
    [InlineData("newcomer.first-v1:0", "")]
    [InlineData(Profile, Adaptive)]
    [InlineData("my-alias", Adaptive)]
    [InlineData("llama3.1", Adaptive)]
    public void Thinking_ByModelName_IsWrittenInFormOfModel(string model, string fields) =>
        AssertBody(
            ChatRequest.Ask("?") with
            {
                Model = model,
                Thinking = Thinking.High,
            },
            """{"messages":[{"role":"user","content":[{"text":"?"}]}]"""
                + (fields.Length > 0 ? ",\"additionalModelRequestFields\":" + fields : "")
                + "}",
            quirks: fields.Length > 0 ? "" : "LeftOut at thinking"
        );

    [Theory]
    [InlineData("openai.gpt-oss-120b-1:0", """,{"reasoning_effort":"low"}""", "Adapted at reasoning_effort")]
    [InlineData("deepseek.v3-v1:0", "", "")]
    [InlineData("us.openai.gpt-6-astra", """,{"reasoning":{"effort":"none"}}""", "")]
    [InlineData("us.amazon.nova-2-lite-v1:0", """,{"reasoningConfig":{"type":"disabled"}}""", "")]
    [InlineData("qwen.qwen3-32b-v1:0", "", "LeftOut at thinking")]
    public void ThinkingOff_ByModelName_IsWrittenInFormOfModel(string model, string fields, string quirks) =>
        AssertBody(
            ChatRequest.Ask("?") with
            {
                Model = model,
                Thinking = Thinking.Off,
            },
            """{"messages":[{"role":"user","content":[{"text":"?"}]}]"""
                + fields.Replace(",{", ",\"additionalModelRequestFields\":{", StringComparison.Ordinal)
                + "}",
            quirks: quirks
        );

    [Theory]
    [InlineData(ThinkingEffort.Minimal, null, """{"effort":"low"}""", "Adapted at thinking.effort")]
    [InlineData(ThinkingEffort.Medium, false, """{"effort":"medium"}""", "")]
    [InlineData(ThinkingEffort.ExtraHigh, null, """{"effort":"xhigh"}""", "")]
    [InlineData(ThinkingEffort.Max, true, """{"effort":"max","summary":"auto"}""", "")]
    public void Thinking_Gpt5AndLater_WritesEffortAndSummary(ThinkingEffort effort, bool? isShown, string reasoning, string quirks) =>
        AssertBody(
            ChatRequest.Ask("?") with
            {
                Model = "us.openai.gpt-5.6-sol",
                Thinking = new Thinking { Effort = effort, Include = isShown },
            },
            $$"""{"messages":[{"role":"user","content":[{"text":"?"}]}],"additionalModelRequestFields":{"reasoning":{{reasoning}} } }""",
            quirks: quirks
        );

    [Fact]
    public void Thinking_FormSetByDialect_IsWrittenInThatForm() =>
        AssertBody(
            ChatRequest.Ask("?") with
            {
                Model = "newcomer.first-v1:0",
                Thinking = Thinking.High,
            },
            $$"""{"messages":[{"role":"user","content":[{"text":"?"}]}],"additionalModelRequestFields":{{Adaptive}} }""",
            new ConverseProtocol { Thinking = ConverseThinking.ThinkingObject }
        );

    [Fact]
    public void Thinking_ExtraHasSameMember_IsRejected() =>
        Assert.Throws<ArgumentException>(() =>
            WrittenRequest.Of(
                new ConverseProtocol(),
                ChatRequest.Ask("?") with
                {
                    Model = "us.openai.gpt-5.6-sol",
                    Thinking = Thinking.High,
                    Extra = new Dictionary<string, RawJson> { ["additionalModelRequestFields"] = """{"reasoning":{}}""" },
                }
            )
        );

    [Theory]
    [InlineData(ThinkingEffort.Medium, ""","inferenceConfig":{"maxTokens":500,"temperature":0.5,"topP":0.9,"stopSequences":["END"]}""", "")]
    [InlineData(
        ThinkingEffort.High,
        ""","inferenceConfig":{"stopSequences":["END"]}""",
        "LeftOut at inferenceConfig.temperature; LeftOut at inferenceConfig.topP; LeftOut at inferenceConfig.maxTokens"
    )]
    [InlineData(
        ThinkingEffort.ExtraHigh,
        ""","inferenceConfig":{"stopSequences":["END"]}""",
        "Adapted at thinking.effort; LeftOut at inferenceConfig.temperature; LeftOut at inferenceConfig.topP; LeftOut at inferenceConfig.maxTokens"
    )]
    [InlineData(
        ThinkingEffort.Max,
        ""","inferenceConfig":{"stopSequences":["END"]}""",
        "Adapted at thinking.effort; LeftOut at inferenceConfig.temperature; LeftOut at inferenceConfig.topP; LeftOut at inferenceConfig.maxTokens"
    )]
    public void Thinking_HighEffortOnNova2_OmitsSamplingAndMaxTokens(ThinkingEffort effort, string config, string quirks) =>
        AssertBody(
            ChatRequest.Ask("?") with
            {
                Model = "us.amazon.nova-2-lite-v1:0",
                Thinking = new Thinking { Effort = effort },
                MaxTokens = 500,
                Temperature = 0.5,
                TopP = 0.9,
                Stop = ["END"],
            },
            $$"""
            {"messages":[{"role":"user","content":[{"text":"?"}]}]{{config}},
             "additionalModelRequestFields":{"reasoningConfig":{"type":"enabled","maxReasoningEffort":"{{(
                effort == ThinkingEffort.Medium ? "medium" : "high"
            )}}"} } }
            """,
            quirks: quirks
        );

    [Fact]
    public void Sampling_ModelRejectsIt_IsOmittedWithQuirk() =>
        AssertBody(
            ChatRequest.Ask("?") with
            {
                Model = "global.openai.gpt-6-luna",
                Temperature = 0.5,
                TopP = 0.9,
                MaxTokens = 500,
            },
            """{"messages":[{"role":"user","content":[{"text":"?"}]}],"inferenceConfig":{"maxTokens":500}}""",
            quirks: "LeftOut at inferenceConfig.temperature; LeftOut at inferenceConfig.topP"
        );

    [Theory]
    [InlineData("us.anthropic.claude-sonnet-4-6", "required", """{"any":{}}""", "")]
    [InlineData("us.anthropic.claude-sonnet-4-6", "look", """{"tool":{"name":"look"}}""", "")]
    [InlineData("us.anthropic.claude-opus-5-5", "required", "", "Adapted at toolConfig.toolChoice")]
    [InlineData("amazon.nova-lite-v1:0", "look", """{"tool":{"name":"look"}}""", "")]
    [InlineData("mistral.mistral-large-2407-v1:0", "required", """{"any":{}}""", "")]
    [InlineData("mistral.mistral-large-2407-v1:0", "look", """{"any":{}}""", "Adapted at toolConfig.toolChoice")]
    [InlineData("mistral.mistral-small-2402-v1:0", "required", "", "Adapted at toolConfig.toolChoice")]
    [InlineData("openai.gpt-oss-20b-1:0", "look", """{"tool":{"name":"look"}}""", "")]
    [InlineData("deepseek.v3-v1:0", "required", """{"any":{}}""", "")]
    [InlineData("us.meta.llama3-3-70b-instruct-v1:0", "required", "", "Adapted at toolConfig.toolChoice")]
    [InlineData("us.meta.llama3-3-70b-instruct-v1:0", "look", "", "Adapted at toolConfig.toolChoice")]
    [InlineData("us.meta.llama3-3-70b-instruct-v1:0", "auto", "", "")]
    [InlineData("qwen.qwen3-32b-v1:0", "required", "", "Adapted at toolConfig.toolChoice")]
    [InlineData(Profile, "required", """{"any":{}}""", "")]
    [InlineData(Profile, "look", """{"tool":{"name":"look"}}""", "")]
    public void ToolChoice_ByModelName_IsOneThatModelAccepts(string model, string choice, string expected, string quirks) =>
        AssertBody(
            ChatRequest.Ask("?") with
            {
                Model = model,
                Tools = [Look],
                ToolChoice = choice switch
                {
                    "required" => ToolChoice.Required,
                    "auto" => ToolChoice.Auto,
                    _ => ToolChoice.Named(choice),
                },
            },
            $$"""{"messages":[{"role":"user","content":[{"text":"?"}]}],"toolConfig":{"tools":[{{Spec}}]{{(expected.Length > 0 ? ",\"toolChoice\":" + expected : "")}} } }""",
            quirks: quirks
        );

    [Theory]
    [InlineData("us.anthropic.claude-sonnet-4-6", true)]
    [InlineData("us.amazon.nova-lite-v1:0", true)]
    [InlineData("us.deepseek.r1-v1:0", true)]
    [InlineData(Profile, true)]
    [InlineData("openai.gpt-oss-safeguard-120b", false)]
    [InlineData("qwen.qwen3-235b-a22b-2507-v1:0", false)]
    [InlineData("deepseek.v3-v1:0", false)]
    public void StopSequences_ByModelName_AreSentOrOmitted(string model, bool areSent) =>
        AssertBody(
            ChatRequest.Ask("?") with
            {
                Model = model,
                Stop = ["END"],
            },
            """{"messages":[{"role":"user","content":[{"text":"?"}]}]"""
                + (areSent ? ""","inferenceConfig":{"stopSequences":["END"]}""" : "")
                + "}",
            quirks: areSent ? "" : "LeftOut at inferenceConfig.stopSequences"
        );

    [Theory]
    [InlineData("us.anthropic.claude-sonnet-4-6", "Not found.", """[{"text":"Not found."}],"status":"error" """, "")]
    [InlineData("us.amazon.nova-lite-v1:0", "Not found.", """[{"text":"Not found."}],"status":"error" """, "")]
    [InlineData(Profile, "Not found.", """[{"text":"Not found."}],"status":"error" """, "")]
    [InlineData(
        "us.writer.palmyra-x5-v1:0",
        "Not found.",
        """[{"text":"Error: Not found."}]""",
        "Adapted at messages[].content[].toolResult.status"
    )]
    [InlineData(
        "us.writer.palmyra-x5-v1:0",
        "error 404",
        """[{"text":"error 404"}]""",
        "Adapted at messages[].content[].toolResult.status"
    )]
    [InlineData("us.writer.palmyra-x5-v1:0", null, """[{"text":"(failed)"}]""", "Adapted at messages[].content[].toolResult.status")]
    public void FailedToolResult_ByModelName_IsMarkedInStatusOrText(string model, string? text, string expected, string quirks)
    {
        var call = new ToolCall("t1", "look", "{}");
        var result = new ToolResultPart("t1", text is null ? [] : [new TextPart(text)]) { IsError = true };
        AssertBody(
            new ChatRequest
            {
                Model = model,
                Messages = [Message.User("?"), new(Role.Assistant, [new ToolCallPart(call)]), Message.ToolResults(result)],
                Tools = [Look],
            },
            $$"""
            {"messages":[{"role":"user","content":[{"text":"?"}]},{"role":"assistant","content":[{"toolUse":{"toolUseId":"t1","name":"look","input":{} } }]},
              {"role":"user","content":[{"toolResult":{"toolUseId":"t1","content":{{expected}} } }]}],"toolConfig":{"tools":[{{Spec}}]} }
            """,
            quirks: quirks
        );
    }

    [Fact]
    public void FailedToolResult_ImageOnly_IsMarkedInTextBeforeImage()
    {
        var result = new ToolResultPart("t1", [new ImagePart(new byte[] { 1 }, "image/png")]) { IsError = true };
        AssertBody(
            new ChatRequest
            {
                Model = "zai.glm-4.7",
                Messages = [new(Role.Assistant, [new ToolCallPart(new ToolCall("t1", "look", "{}"))]), Message.ToolResults(result)],
                Tools = [Look],
            },
            $$"""
            {"messages":[{"role":"assistant","content":[{"toolUse":{"toolUseId":"t1","name":"look","input":{} } }]},
              {"role":"user","content":[{"toolResult":{"toolUseId":"t1","content":[{"text":"(failed)"},{"image":{"format":"png","source":{"bytes":"AQ=="} } }]} }]}],"toolConfig":{"tools":[{{Spec}}]} }
            """,
            quirks: "Adapted at messages[].content[].toolResult.status"
        );
    }

    [Theory]
    [InlineData(
        "us.anthropic.claude-sonnet-4-6",
        """,{"cachePoint":{"type":"default","ttl":"1h"}}""",
        """,{"cachePoint":{"type":"default","ttl":"1h"}}""",
        ""
    )]
    [InlineData(Profile, """,{"cachePoint":{"type":"default","ttl":"1h"}}""", """,{"cachePoint":{"type":"default","ttl":"1h"}}""", "")]
    [InlineData(
        "us.amazon.nova-pro-v1:0",
        """,{"cachePoint":{"type":"default"}}""",
        "",
        "Adapted at messages[].content[].cachePoint; LeftOut at toolConfig.tools[].cachePoint"
    )]
    [InlineData(
        "anthropic.claude-3-haiku-20240307-v1:0",
        "",
        "",
        "LeftOut at messages[].content[].cachePoint; LeftOut at toolConfig.tools[].cachePoint"
    )]
    [InlineData(
        "nvidia.nemotron-nano-3-30b",
        "",
        "",
        "LeftOut at messages[].content[].cachePoint; LeftOut at toolConfig.tools[].cachePoint"
    )]
    [InlineData("qwen.qwen3-32b-v1:0", "", "", "LeftOut at messages[].content[].cachePoint; LeftOut at toolConfig.tools[].cachePoint")]
    [InlineData("us.deepseek.r1-v1:0", "", "", "LeftOut at messages[].content[].cachePoint; LeftOut at toolConfig.tools[].cachePoint")]
    [InlineData(
        "us.meta.llama4-scout-17b-instruct-v1:0",
        "",
        "",
        "LeftOut at messages[].content[].cachePoint; LeftOut at toolConfig.tools[].cachePoint"
    )]
    public void CachePoints_ByModelName_AreWrittenWhereModelAcceptsThem(string model, string ofMessage, string ofTool, string quirks) =>
        AssertBody(
            new ChatRequest
            {
                Model = model,
                Messages = [Message.User(new TextPart("?") { Cache = PromptCache.OneHour })],
                Tools = [Look with { Cache = PromptCache.OneHour }],
            },
            $$"""{"messages":[{"role":"user","content":[{"text":"?"}{{ofMessage}}]}],"toolConfig":{"tools":[{{Spec}}{{ofTool}}]} }""",
            quirks: quirks
        );

    [Fact]
    public void ModelSupport_SetByDialect_OverridesModelName()
    {
        var request = new ChatRequest
        {
            Messages =
            [
                new(Role.Assistant, [new ToolCallPart(new ToolCall("t1", "look", "{}"))]),
                Message.ToolResults(new ToolResultPart("t1", "No.") { IsError = true, Cache = PromptCache.FiveMinutes }),
            ],
            Tools = [Look],
            ToolChoice = ToolChoice.Named("look"),
            Stop = ["END"],
        };
        AssertBody(
            request with
            {
                Model = "qwen.qwen9-v1:0",
            },
            $$"""
            {"messages":[{"role":"assistant","content":[{"toolUse":{"toolUseId":"t1","name":"look","input":{} } }]},
              {"role":"user","content":[{"toolResult":{"toolUseId":"t1","content":[{"text":"No."}],"status":"error"} },{"cachePoint":{"type":"default"} }]}],
             "inferenceConfig":{"stopSequences":["END"]},"toolConfig":{"tools":[{{Spec}}],"toolChoice":{"tool":{"name":"look"} } } }
            """,
            new ConverseProtocol
            {
                SupportsForcedToolCalls = true,
                SupportsStopSequences = true,
                SupportsResultStatus = true,
                SupportsCacheMarks = true,
            }
        );
        AssertBody(
            request with
            {
                Model = Profile,
            },
            $$"""
            {"messages":[{"role":"assistant","content":[{"toolUse":{"toolUseId":"t1","name":"look","input":{} } }]},
              {"role":"user","content":[{"toolResult":{"toolUseId":"t1","content":[{"text":"Error: No."}]} }]}],"toolConfig":{"tools":[{{Spec}}]} }
            """,
            new ConverseProtocol
            {
                SupportsForcedToolCalls = false,
                SupportsStopSequences = false,
                SupportsResultStatus = false,
                SupportsCacheMarks = false,
            },
            "Adapted at messages[].content[].toolResult.status; LeftOut at messages[].content[].cachePoint; LeftOut at inferenceConfig.stopSequences; Adapted at toolConfig.toolChoice"
        );
    }

    private static void AssertBody(ChatRequest request, string expected, ConverseProtocol? protocol = null, string quirks = "")
    {
        var written = WrittenRequest.Of(protocol ?? new ConverseProtocol(), request);
        JsonAssert.Equal(expected, written.Body);
        Assert.Equal(quirks, string.Join("; ", written.Quirks));
    }
}
