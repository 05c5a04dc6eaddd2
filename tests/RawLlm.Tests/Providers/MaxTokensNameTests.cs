using System.Text.Json;
using RawLlm.Protocols;
using RawLlm.Tests.Support;

namespace RawLlm.Tests;

public sealed class MaxTokensNameTests
{
    private static readonly string[] s_models = ["gpt-5", "openai/gpt-5", "o3-mini", "gpt-4.1", "Ministral-3B", "qwen3"];

    // For each service of this wire, the names of the models for which it sends the older name.
    [Fact]
    public void MaxTokensName_OfEveryPreset_IsAcceptedByItsModels()
    {
        var providers = Providers
            .All()
            .Append(Providers.OpenAICompatible("http://127.0.0.1:1/v1") with { Name = "openai-compatible" })
            .Append(Providers.AzureOpenAIAt(new Uri("https://r.openai.azure.com")))
            .Append(Providers.AzureOpenAIDeploymentsAt(new Uri("https://r.openai.azure.com")))
            .DistinctBy(static provider => provider.Name);

        var lines = providers
            .Where(static provider => provider.Protocol is ChatCompletionsProtocol)
            .GroupBy(
                static provider =>
                    string.Join(' ', s_models.Where(model => NameOf((ChatCompletionsProtocol)provider.Protocol, model) == "max_tokens")),
                static provider => provider.Name
            )
            .Select(static group => $"{group.Key}: {string.Join(' ', group.Order(StringComparer.Ordinal))}")
            .Order(StringComparer.Ordinal);

        Assert.Equal(
            [
                ": bedrock-compatible cerebras groq moonshot openai xai",
                "Ministral-3B: azure azure-deployments",
                "gpt-4.1 Ministral-3B qwen3: huggingface litellm openai-compatible requesty",
                "gpt-5 openai/gpt-5 o3-mini gpt-4.1 Ministral-3B qwen3: baseten claude-proxy cloudflare cohere dashscope dashscope-international deepinfra deepseek docker fireworks gemini-compatible glm glm-coding glm-mainland ionos llama.cpp lmstudio localai mistral nebius novita ollama-compatible openrouter ovhcloud sambanova scaleway sglang siliconflow tgi together upstage vercel vllm volcengine",
            ],
            lines
        );
    }

    [Theory]
    [InlineData("max_tokens")]
    [InlineData("max_completion_tokens")]
    public void MaxTokensName_SetByCaller_AppliesToEveryModel(string name)
    {
        ChatCompletionsProtocol[] presets =
        [
            (ChatCompletionsProtocol)Providers.OpenAICompatible("http://127.0.0.1:1/v1").Protocol,
            (ChatCompletionsProtocol)Providers.AzureOpenAIAt(new Uri("https://r.openai.azure.com")).Protocol,
            new ChatCompletionsProtocol(),
        ];

        foreach (var preset in presets)
            Assert.All(s_models, model => Assert.Equal(name, NameOf(preset with { MaxTokensName = name }, model)));
    }

    private static string NameOf(ChatCompletionsProtocol dialect, string model)
    {
        using var body = JsonDocument.Parse(WrittenRequest.Of(dialect, ChatRequest.Ask("Hi") with { Model = model, MaxTokens = 5 }).Body);
        return body.RootElement.TryGetProperty("max_tokens", out _) ? "max_tokens" : "max_completion_tokens";
    }
}
