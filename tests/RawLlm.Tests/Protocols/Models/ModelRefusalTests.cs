using RawLlm.Protocols;
using RawLlm.Tests.Support;

namespace RawLlm.Tests.Protocols;

/// <summary>What individual models refuse, on chat completions and on Responses: it is left out, and reported as left out.</summary>
public sealed class ModelRefusalTests
{
    private const string Thoughts = ",\"include\":[\"reasoning.encrypted_content\"]";
    private const string Sampling = ",\"temperature\":0.5,\"top_p\":0.9";
    private const string LogProbs = ",\"logprobs\":true,\"top_logprobs\":2";
    private const string Tools = """
        "tools":[{"type":"function","function":{"name":"f","parameters":{"type":"object","properties":{}}}}]
        """;

    private const string AllPlaces = "temperature top_p stop frequency_penalty presence_penalty logprobs";

    private static ChatRequest Everything { get; } =
        ChatRequest.Ask("Hi") with
        {
            Temperature = 0.5,
            TopP = 0.9,
            Stop = ["a"],
            FrequencyPenalty = 0.1,
            PresencePenalty = 0.2,
            TopLogProbs = 2,
        };

    [Theory]
    [InlineData(
        "openai",
        "gpt-4o-mini",
        null,
        Sampling + ",\"stop\":[\"a\"],\"frequency_penalty\":0.1,\"presence_penalty\":0.2" + LogProbs,
        ""
    )]
    [InlineData(
        "openai",
        "gpt-5-chat-latest",
        null,
        Sampling + ",\"stop\":[\"a\"],\"frequency_penalty\":0.1,\"presence_penalty\":0.2" + LogProbs,
        ""
    )]
    [InlineData("openai", "my-own", null, Sampling + ",\"stop\":[\"a\"],\"frequency_penalty\":0.1,\"presence_penalty\":0.2" + LogProbs, "")]
    [InlineData(
        "openai",
        "gpt-4o-search-preview",
        null,
        ",\"stop\":[\"a\"]" + LogProbs,
        "temperature top_p frequency_penalty presence_penalty"
    )]
    [InlineData("openai", "o1", null, "", AllPlaces)]
    [InlineData("openai", "o3-mini-2025-01-31", null, "", AllPlaces)]
    [InlineData("openai", "openai/o4-mini", null, "", AllPlaces)]
    [InlineData("openai", "gpt-5", null, "", AllPlaces)]
    [InlineData("openai", "gpt-5-mini-2025-08-07", null, "", AllPlaces)]
    [InlineData("openai", "gpt-5.2-chat-latest", null, "", AllPlaces)]
    [InlineData("openai", "gpt-5.1-codex", null, "", AllPlaces)]
    [InlineData("openai", "gpt-5.1", null, Sampling + LogProbs, "stop frequency_penalty presence_penalty")]
    [InlineData(
        "openai",
        "gpt-5.2-2025-12-11",
        ThinkingEffort.None,
        Sampling + LogProbs + ",\"reasoning_effort\":\"none\"",
        "stop frequency_penalty presence_penalty"
    )]
    [InlineData("openai", "gpt-5.4-mini", ThinkingEffort.Low, ",\"reasoning_effort\":\"low\"", AllPlaces)]
    [InlineData("openai", "gpt-5.5", null, "", AllPlaces)]
    [InlineData(
        "openai",
        "gpt-5.6-terra",
        ThinkingEffort.None,
        Sampling + LogProbs + ",\"reasoning_effort\":\"none\"",
        "stop frequency_penalty presence_penalty"
    )]
    [InlineData(
        "openai",
        "gpt-6-sol",
        ThinkingEffort.None,
        Sampling + LogProbs + ",\"reasoning_effort\":\"none\"",
        "stop frequency_penalty presence_penalty"
    )]
    [InlineData("openai", "gpt-6-luna", ThinkingEffort.Low, ",\"reasoning_effort\":\"low\"", AllPlaces)]
    [InlineData("openai", "gpt-6-luna", null, "", AllPlaces)]
    [InlineData(
        "openai",
        "gpt-6.1-terra",
        ThinkingEffort.None,
        Sampling + LogProbs + ",\"reasoning_effort\":\"none\"",
        "stop frequency_penalty presence_penalty"
    )]
    [InlineData("openai", "gpt-6.1-terra", null, "", AllPlaces)]
    [InlineData("openai", "gpt-6-astra", null, "", AllPlaces)]
    [InlineData("azure", "gpt-5", null, "", AllPlaces)]
    [InlineData("azure-deployments", "o3", null, "", AllPlaces)]
    [InlineData("xai", "grok-4.3", null, Sampling + LogProbs, "stop frequency_penalty presence_penalty")]
    [InlineData(
        "xai",
        "grok-4.20-0309-non-reasoning",
        null,
        Sampling + ",\"stop\":[\"a\"]" + LogProbs,
        "frequency_penalty presence_penalty"
    )]
    [InlineData("xai", "grok-3-mini", null, Sampling + LogProbs, "stop frequency_penalty presence_penalty")]
    [InlineData("xai", "grok-3", null, Sampling + ",\"stop\":[\"a\"]" + LogProbs, "frequency_penalty presence_penalty")]
    [InlineData("xai", "grok-code-fast-1", null, Sampling + LogProbs, "stop frequency_penalty presence_penalty")]
    [InlineData(
        "moonshot",
        "moonshotai/kimi-k2.6",
        null,
        ",\"stop\":[\"a\"]" + LogProbs,
        "temperature top_p frequency_penalty presence_penalty"
    )]
    public void Sampling_EachModel_OmitsUnsupportedSettings(
        string service,
        string model,
        ThinkingEffort? effort,
        string members,
        string places
    )
    {
        var written = WrittenRequest.Of(Providers.Get(service).Protocol, Of(model, effort));

        Assert.Equal($$"""{"model":"{{model}}","messages":[{"role":"user","content":"Hi"}]{{members}}}""", written.Body);
        AssertLeftOut(places, written);
    }

    [Theory]
    [InlineData(
        "gpt-4o-mini",
        null,
        Sampling + ",\"top_logprobs\":2",
        ",\"include\":[\"message.output_text.logprobs\"]",
        "stop frequency_penalty presence_penalty"
    )]
    [InlineData("gpt-5-mini", null, "", Thoughts, "temperature top_p logprobs stop frequency_penalty presence_penalty")]
    [InlineData("o3", null, "", Thoughts, "temperature top_p logprobs stop frequency_penalty presence_penalty")]
    [InlineData(
        "gpt-5.2",
        null,
        Sampling + ",\"top_logprobs\":2",
        ",\"include\":[\"reasoning.encrypted_content\",\"message.output_text.logprobs\"]",
        "stop frequency_penalty presence_penalty"
    )]
    [InlineData("gpt-5.6", null, "", Thoughts, "temperature top_p logprobs stop frequency_penalty presence_penalty")]
    [InlineData(
        "gpt-6-luna",
        ThinkingEffort.None,
        Sampling + ",\"top_logprobs\":2,\"reasoning\":{\"effort\":\"none\"}",
        ",\"include\":[\"message.output_text.logprobs\"]",
        "stop frequency_penalty presence_penalty"
    )]
    public void Sampling_EachModelOnResponses_OmitsUnsupportedSettings(
        string model,
        ThinkingEffort? effort,
        string members,
        string include,
        string places
    )
    {
        var written = WrittenRequest.Of(Providers.OpenAIResponses.Protocol, Of(model, effort));

        Assert.Equal(
            $$"""{"model":"{{model}}","input":[{"type":"message","role":"user","content":[{"type":"input_text","text":"Hi"}]}]{{members}},"store":false{{include}}}""",
            written.Body
        );
        AssertLeftOut(places, written);
    }

    [Theory]
    [InlineData("openai")]
    [InlineData("openai-responses")]
    public void Sampling_ModelDefaults_AreOmittedWithoutQuirk(string service)
    {
        var request = ChatRequest.Ask("Hi") with { Model = "gpt-5", Temperature = 1, TopP = 1 };
        var written = WrittenRequest.Of(
            Providers.Get(service).Protocol,
            service == "openai" ? request with { FrequencyPenalty = 0, PresencePenalty = 0 } : request
        );

        Assert.DoesNotContain("temperature", written.Body);
        Assert.DoesNotContain("top_p", written.Body);
        Assert.DoesNotContain("penalty", written.Body);
        Assert.Empty(written.Quirks);
    }

    [Theory]
    [InlineData("openai", "reasoning_effort", "\"none\"", "")]
    [InlineData("openai", "reasoning_effort", "\"high\"", "temperature")]
    [InlineData("openai-responses", "reasoning", """{"effort":"none"}""", "")]
    [InlineData("openai-responses", "reasoning", """{"effort":"high"}""", "temperature")]
    public void Sampling_EffortInExtra_DependsOnThatEffort(string service, string name, string effort, string places)
    {
        var request = ChatRequest.Ask("Hi") with
        {
            Model = "gpt-5.5",
            Temperature = 0.5,
            Extra = new Dictionary<string, RawJson> { [name] = RawJson.Parse(effort) },
        };
        var written = WrittenRequest.Of(Providers.Get(service).Protocol, request);

        Assert.Equal(places.Length == 0, written.Body.Contains("\"temperature\":0.5"));
        Assert.EndsWith($"\"{name}\":{effort}}}", written.Body);
        AssertLeftOut(places, written);
    }

    // "Unsupported parameter: 'parallel_tool_calls' is not supported with this model." (2025)
    [Theory]
    [InlineData("o4-mini", "", "parallel_tool_calls")]
    [InlineData("gpt-5", ",\"parallel_tool_calls\":false", "")]
    public void ParallelToolCalls_FalseByModelName_IsSentOrOmittedWithQuirk(string model, string member, string places)
    {
        var written = WrittenRequest.Of(
            Providers.OpenAI.Protocol,
            ChatRequest.Ask("Hi") with
            {
                Model = model,
                Tools = [new ToolDefinition("f")],
                ParallelToolCalls = false,
            }
        );

        Assert.EndsWith("\"properties\":{}}}}]" + member + "}", written.Body);
        AssertLeftOut(places, written);
    }

    // "Function tools with reasoning_effort are not supported for gpt-5.6-terra in /v1/chat/completions. To use function tools, use
    // /v1/responses or set reasoning_effort to 'none'." (2026)
    [Theory]
    [InlineData("openai", "gpt-5.2", ThinkingEffort.High, ",\"reasoning_effort\":\"high\"", null)]
    [InlineData("openai", "gpt-5.4", null, "", null)]
    [InlineData("openai", "gpt-5.4-mini", ThinkingEffort.High, "", "LeftOut at reasoning_effort")]
    [InlineData("openai", "gpt-5.5-2026-04-23", null, ",\"reasoning_effort\":\"none\"", "Adapted at reasoning_effort")]
    [InlineData("openai", "gpt-5.6-terra", ThinkingEffort.High, ",\"reasoning_effort\":\"none\"", "Adapted at reasoning_effort")]
    [InlineData("openai", "gpt-5.6-terra", ThinkingEffort.None, ",\"reasoning_effort\":\"none\"", null)]
    [InlineData("openai", "gpt-6-sol", null, ",\"reasoning_effort\":\"none\"", "Adapted at reasoning_effort")]
    [InlineData("openai", "gpt-6.1-terra", null, ",\"reasoning_effort\":\"none\"", "Adapted at reasoning_effort")]
    [InlineData("openai", "gpt-6.1-terra", ThinkingEffort.High, ",\"reasoning_effort\":\"none\"", "Adapted at reasoning_effort")]
    [InlineData("openai", "gpt-6.1-sol", ThinkingEffort.Low, ",\"reasoning_effort\":\"low\"", null)]
    [InlineData("openai", "gpt-6-astra", ThinkingEffort.Low, ",\"reasoning_effort\":\"low\"", null)]
    [InlineData("azure", "gpt-5.5", ThinkingEffort.High, "", "LeftOut at reasoning_effort")]
    [InlineData("azure", "gpt-5.6-luna", null, "", null)]
    [InlineData("azure-deployments", "gpt-6-astra", null, ",\"reasoning_effort\":\"none\"", "Adapted at reasoning_effort")]
    [InlineData("openrouter", "openai/gpt-5.6", null, "", null)]
    public void Effort_WithTools_IsOneThatModelAcceptsWithTools(
        string service,
        string model,
        ThinkingEffort? effort,
        string member,
        string? expected
    )
    {
        var request = ChatRequest.Ask("Hi") with
        {
            Model = model,
            Tools = [new ToolDefinition("f")],
            Thinking = effort is { } asked ? new Thinking { Effort = asked } : null,
        };
        var written = WrittenRequest.Of(Providers.Get(service).Protocol, request);

        Assert.Equal($$"""{"model":"{{model}}","messages":[{"role":"user","content":"Hi"}],""" + Tools + member + "}", written.Body);
        Assert.Equal(expected, written.Quirks.Select(quirk => quirk.ToString()).SingleOrDefault());
    }

    [Fact]
    public void Effort_InExtraWithTools_IsSentUnchanged()
    {
        var request = ChatRequest.Ask("Hi") with
        {
            Model = "gpt-5.6",
            Tools = [new ToolDefinition("f")],
            Extra = new Dictionary<string, RawJson> { ["reasoning_effort"] = RawJson.Parse("\"low\"") },
        };
        var written = WrittenRequest.Of(Providers.OpenAI.Protocol, request);

        Assert.EndsWith(",\"reasoning_effort\":\"low\"}", written.Body);
        Assert.Empty(written.Quirks);
    }

    // If tools keep the model from reasoning, it accepts sampling settings.
    [Fact]
    public void Sampling_WithTools_DependsOnSentEffort()
    {
        var request = ChatRequest.Ask("Hi") with
        {
            Model = "gpt-5.6",
            Temperature = 0.5,
            Tools = [new ToolDefinition("f")],
            Thinking = Thinking.High,
        };

        Assert.Contains("\"temperature\":0.5,", WrittenRequest.Of(Providers.OpenAI.Protocol, request).Body);
        Assert.DoesNotContain("temperature", WrittenRequest.Of(Providers.AzureOpenAI.Protocol, request).Body);
    }

    // "Reasoning is mandatory for this endpoint and cannot be disabled." (OpenRouter, 2026)
    [Theory]
    [InlineData("openai/gpt-5", "minimal")]
    [InlineData("openai/gpt-5-mini", "minimal")]
    [InlineData("openai/gpt-5:nitro", "minimal")]
    [InlineData("openai/gpt-5.2", null)]
    [InlineData("openai/gpt-5-chat", null)]
    [InlineData("openai/o3-mini-high", "low")]
    [InlineData("openai/gpt-oss-120b:free", "low")]
    [InlineData("google/gemini-3.7-flash", "low")]
    [InlineData("google/gemini-2.5-flash", null)]
    [InlineData("deepseek/deepseek-r1-0528:free", "low")]
    [InlineData("stepfun/step-3.5-flash:free", "low")]
    [InlineData("minimax/minimax-m2.5", "low")]
    [InlineData("qwen/qwen3-14b", null)]
    [InlineData("anthropic/claude-sonnet-4.6", null)]
    [InlineData("anthropic/claude-opus-5.5", "low")]
    [InlineData("anthropic/claude-sonnet-5.5", "low")]
    [InlineData("anthropic/claude-haiku-5.5", null)]
    [InlineData("openai/gpt-6.1-sol", "low")]
    [InlineData("openai/gpt-6.1-terra", null)]
    public void ThinkingOff_ModelAlwaysReasons_SendsLowestEffort(string model, string? least)
    {
        var written = WrittenRequest.Of(
            Providers.OpenRouter.Protocol,
            ChatRequest.Ask("Hi") with
            {
                Model = model,
                Thinking = Thinking.Off,
            }
        );

        string reasoning = least is null ? "\"enabled\":false" : $"\"effort\":\"{least}\"";
        Assert.Equal(
            $$"""{"model":"{{model}}","messages":[{"role":"user","content":"Hi"}],"reasoning":{""" + reasoning + "}}",
            written.Body
        );
        Assert.Equal(
            least is null ? null : "Adapted at reasoning.enabled",
            written.Quirks.Select(quirk => quirk.ToString()).SingleOrDefault()
        );
    }

    private static ChatRequest Of(string model, ThinkingEffort? effort) =>
        Everything with
        {
            Model = model,
            Thinking = effort is { } asked ? new Thinking { Effort = asked } : null,
        };

    private static void AssertLeftOut(string places, WrittenRequest written)
    {
        Assert.Equal(places, string.Join(' ', written.Quirks.Select(quirk => quirk.Place)));
        Assert.All(written.Quirks, quirk => Assert.Equal(QuirkKind.LeftOut, quirk.Kind));
    }
}
