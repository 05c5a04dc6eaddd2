using RawLlm.Tests.Support;
using static RawLlm.Tests.Protocols.Gemini.GeminiRequests;

namespace RawLlm.Tests.Protocols.Gemini;

/// <summary>Thinking and sampling settings on the Gemini wire, by model.</summary>
public sealed class GeminiModelTests
{
    public static TheoryData<string, string, string?> Thoughts =>
        new()
        {
            { "gemini-2.5-flash", "off", """{"thinkingBudget":0}""" },
            { "models/gemini-2.5-pro", "low", """{"thinkingBudget":1024}""" },
            { "gemini-2.5-flash", "medium", """{"thinkingBudget":8192}""" },
            { "gemini-2.5-flash", "high", """{"thinkingBudget":24576}""" },
            { "gemini-3-flash", "off", """{"thinkingLevel":"minimal"}""" },
            { "gemini-2.5-pro", "off", """{"thinkingBudget":128}""" },
            { "gemini-2.5-pro-preview-06-05", "off", """{"thinkingBudget":128}""" },
            { "gemini-3-pro-preview", "off", """{"thinkingLevel":"low"}""" },
            { "gemini-3-pro-preview", "minimal", """{"thinkingLevel":"low"}""" },
            { "gemini-3-pro-preview", "medium", """{"thinkingLevel":"high"}""" },
            { "gemini-3-pro-preview", "low", """{"thinkingLevel":"low"}""" },
            { "gemini-3.1-pro-preview", "medium", """{"thinkingLevel":"medium"}""" },
            { "gemini-3.1-pro-preview", "off", """{"thinkingLevel":"low"}""" },
            { "gemini-3.7-flash", "minimal", """{"thinkingLevel":"low"}""" },
            { "gemini-3-flash", "minimal", """{"thinkingLevel":"minimal"}""" },
            { "gemini-3-flash", "medium", """{"thinkingLevel":"medium"}""" },
            { "gemini-2.5-flash", "xhigh", """{"thinkingBudget":24576}""" },
            { "gemini-3-flash", "xhigh", """{"thinkingLevel":"high"}""" },
            { "gemini-3-flash", "max", """{"thinkingLevel":"high"}""" },
            { "gemini-3-flash", "budget", """{"thinkingBudget":500}""" },
            { "gemini-3-flash", "show", """{"includeThoughts":true}""" },
            { "gemini-3-flash", "nothing", null },
        };

    [Theory]
    [MemberData(nameof(Thoughts))]
    public void Thinking_ByModelName_WritesBudgetOrLevel(string model, string how, string? config)
    {
        var thinking = how switch
        {
            "off" => Thinking.Off,
            "low" => Thinking.Low,
            "medium" => Thinking.Medium,
            "high" => Thinking.High,
            "xhigh" => Thinking.ExtraHigh,
            "max" => new Thinking { Effort = ThinkingEffort.Max },
            "minimal" => new Thinking { Effort = ThinkingEffort.Minimal },
            "budget" => Thinking.Budget(500),
            "show" => new Thinking { Include = true },
            _ => new Thinking(),
        };

        var written = Write(
            new ChatRequest
            {
                Model = model,
                Messages = [Message.User("x")],
                Thinking = thinking,
            }
        );

        JsonAssert.Equal(
            config is null
                ? """{"contents":[{"role":"user","parts":[{"text":"x"}]}]}"""
                : $$$"""{"contents":[{"role":"user","parts":[{"text":"x"}]}],"generationConfig":{"thinkingConfig":{{{config}}}}}""",
            written.Body
        );
        bool isAdapted = how switch
        {
            "off" => model != "gemini-2.5-flash",
            "xhigh" => model != "gemini-2.5-flash",
            "max" => true,
            "minimal" => model != "gemini-3-flash",
            "medium" => model == "gemini-3-pro-preview",
            _ => false,
        };
        Assert.Equal(isAdapted, written.Quirks.Any(quirk => quirk.Kind == QuirkKind.Adapted));
    }

    [Theory]
    [InlineData("gemini-2.0-flash", """{"temperature":0.5,"topP":0.9,"frequencyPenalty":0.25,"presencePenalty":0.5}""", 0)]
    [InlineData("gemini-2.5-flash", """{"temperature":0.5,"topP":0.9}""", 2)]
    [InlineData("models/gemini-3.5-flash", """{"temperature":0.5,"topP":0.9}""", 2)]
    [InlineData("gemini-3.5-flash-lite", "{}", 4)]
    [InlineData("models/gemini-3.8-flash", "{}", 4)]
    [InlineData("tunedModels/mine", """{"temperature":0.5,"topP":0.9,"frequencyPenalty":0.25,"presencePenalty":0.5}""", 0)]
    public void Sampling_NotSupportedByModel_IsOmittedWithQuirk(string model, string config, int quirks)
    {
        var written = Write(
            new ChatRequest
            {
                Model = model,
                Messages = [Message.User("Go")],
                Temperature = 0.5,
                TopP = 0.9,
                FrequencyPenalty = 0.25,
                PresencePenalty = 0.5,
            }
        );

        JsonAssert.Equal(
            config == "{}"
                ? """{"contents":[{"role":"user","parts":[{"text":"Go"}]}]}"""
                : $$"""{"contents":[{"role":"user","parts":[{"text":"Go"}]}],"generationConfig":{{config}}}""",
            written.Body
        );
        Assert.Equal(quirks, written.Quirks.Count(quirk => quirk.Kind == QuirkKind.LeftOut));
    }

    [Fact]
    public void Sampling_ModelDefaults_AreOmittedWithoutQuirk()
    {
        var written = Write(
            new ChatRequest
            {
                Model = "gemini-3.7-flash",
                Messages = [Message.User("Go")],
                Temperature = 1,
                TopP = 0.95,
                FrequencyPenalty = 0,
                PresencePenalty = 0,
            }
        );

        JsonAssert.Equal("""{"contents":[{"role":"user","parts":[{"text":"Go"}]}]}""", written.Body);
        Assert.Empty(written.Quirks);
    }
}
