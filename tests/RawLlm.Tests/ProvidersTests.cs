using RawLlm.Protocols;
using RawLlm.Tests.Support;

namespace RawLlm.Tests;

public sealed class ProvidersTests
{
    [Theory]
    [InlineData("openai", "https://api.openai.com/v1/chat/completions", "OPENAI_API_KEY")]
    [InlineData("openrouter", "https://openrouter.ai/api/v1/chat/completions", "OPENROUTER_API_KEY")]
    [InlineData("groq", "https://api.groq.com/openai/v1/chat/completions", "GROQ_API_KEY")]
    [InlineData("gemini-compatible", "https://generativelanguage.googleapis.com/v1beta/openai/chat/completions", "GEMINI_API_KEY")]
    [InlineData("mistral", "https://api.mistral.ai/v1/chat/completions", "MISTRAL_API_KEY")]
    [InlineData("deepseek", "https://api.deepseek.com/v1/chat/completions", "DEEPSEEK_API_KEY")]
    [InlineData("xai", "https://api.x.ai/v1/chat/completions", "XAI_API_KEY")]
    [InlineData("glm", "https://api.z.ai/api/paas/v4/chat/completions", "ZAI_API_KEY")]
    [InlineData("ollama-compatible", "http://localhost:11434/v1/chat/completions", null)]
    [InlineData("llama.cpp", "http://localhost:8080/v1/chat/completions", null)]
    [InlineData("lmstudio", "http://localhost:1234/v1/chat/completions", null)]
    [InlineData("vllm", "http://localhost:8000/v1/chat/completions", "VLLM_API_KEY")]
    [InlineData("litellm", "http://localhost:4000/v1/chat/completions", "LITELLM_API_KEY")]
    public void Provider_ThatSpeaksChatCompletions_HasItsAddressAndVariable(string name, string url, string? variable)
    {
        var provider = Providers.Get(name.ToUpperInvariant());

        Assert.Equal(name, provider.Name);
        Assert.IsType<ChatCompletionsProtocol>(provider.Protocol);
        Assert.Equal(variable, provider.Credential.Variable);
        Assert.Equal(url, WrittenRequest.Of(provider.Protocol, "Hello", baseUrl: provider.BaseUrl.AbsoluteUri).Url);
    }

    [Theory]
    [InlineData("openai", """{"max_completion_tokens":9,"seed":1,"tools":"T","tool_choice":{"type":"function","function":{"name":"f"}},"reasoning_effort":"high"}""")]
    [InlineData("openrouter", """{"max_tokens":9,"seed":1,"tools":"T","tool_choice":{"type":"function","function":{"name":"f"}},"reasoning":{"effort":"high"}}""")]
    [InlineData("groq", """{"max_completion_tokens":9,"seed":1,"tools":"T","tool_choice":{"type":"function","function":{"name":"f"}},"reasoning_effort":"high"}""")]
    [InlineData("gemini-compatible", """{"max_tokens":9,"tools":"T","tool_choice":{"type":"function","function":{"name":"f"}},"reasoning_effort":"high"}""")]
    [InlineData("mistral", """{"max_tokens":9,"random_seed":1,"tools":"T","tool_choice":{"type":"function","function":{"name":"f"}},"reasoning_effort":"high"}""")]
    [InlineData("deepseek", """{"max_tokens":9,"seed":1,"tools":"T","tool_choice":{"type":"function","function":{"name":"f"}},"thinking":{"type":"enabled"},"reasoning_effort":"high"}""")]
    [InlineData("xai", """{"max_completion_tokens":9,"seed":1,"tools":"T","tool_choice":{"type":"function","function":{"name":"f"}},"reasoning_effort":"high"}""")]
    [InlineData("glm", """{"max_tokens":9,"seed":1,"tools":"T","thinking":{"type":"enabled"}}""")]
    [InlineData("ollama-compatible", """{"max_tokens":9,"seed":1,"tools":"T","reasoning_effort":"high"}""")]
    [InlineData("llama.cpp", """{"max_tokens":9,"seed":1,"tools":"T","tool_choice":"required","chat_template_kwargs":{"enable_thinking":true}}""")]
    [InlineData("lmstudio", """{"max_tokens":9,"seed":1,"tools":"T","tool_choice":"required","reasoning_effort":"high"}""")]
    [InlineData("vllm", """{"max_tokens":9,"seed":1,"tools":"T","tool_choice":{"type":"function","function":{"name":"f"}},"chat_template_kwargs":{"enable_thinking":true}}""")]
    [InlineData("litellm", """{"max_tokens":9,"seed":1,"tools":"T","tool_choice":{"type":"function","function":{"name":"f"}},"reasoning_effort":"high"}""")]
    public void Provider_WhereServicesDiffer_WritesItsOwnForm(string name, string expected)
    {
        var request = ChatRequest.Ask("Hi") with
        {
            MaxTokens = 9,
            Seed = 1,
            Tools = [new ToolDefinition("f")],
            ToolChoice = ToolChoice.Named("f"),
            Thinking = Thinking.High,
        };

        var body = System.Text.Json.Nodes.JsonNode.Parse(WrittenRequest.Of(Providers.Get(name).Protocol, request).Body)!.AsObject();

        body.Remove("messages");
        body["tools"] = "T";
        JsonAssert.Equal(expected, body.ToJsonString());
    }

    [Fact]
    public void Anthropic_HasItsAddressVariableAndHeader()
    {
        var provider = Providers.Get("Anthropic");

        Assert.IsType<AnthropicProtocol>(provider.Protocol);
        Assert.Equal("ANTHROPIC_API_KEY", provider.Credential.Variable);
        Assert.StartsWith("x-api-key:", provider.Credential.ToString());
        Assert.Equal("https://api.anthropic.com/v1/messages", WrittenRequest.Of(provider.Protocol, "Hello", baseUrl: provider.BaseUrl.AbsoluteUri).Url);
    }

    [Fact]
    public void All_Names_AreDistinctAndMadeOnce()
    {
        var all = Providers.All();

        Assert.Equal(all.Count, all.Select(provider => provider.Name).Distinct(StringComparer.OrdinalIgnoreCase).Count());
        Assert.All(all, provider => Assert.Same(provider, Providers.Get(provider.Name)));
    }

    [Fact]
    public void Get_NameThatIsNotKnown_SaysWhichAre()
    {
        var e = Assert.Throws<ArgumentException>(() => Providers.Get("nobody"));

        Assert.Contains("openrouter", e.Message);
        Assert.Contains("OpenAICompatible", e.Message);
    }
}
