using RawLlm.Protocols;

namespace RawLlm;

// Servers that users run themselves.
public static partial class Providers
{
    /// <summary>Docker Model Runner, which answers through llama.cpp. Source: docs.docker.com/ai/model-runner/api-reference.</summary>
    public static Provider DockerModelRunner =>
        field ??= Local(
            "docker",
            "Docker Model Runner",
            "http://localhost:12434/engines/v1/",
            new()
            {
                MaxTokensName = "max_tokens",
                SupportsLaterSystemMessages = false,
                SupportsNamedToolChoice = false,
                ThinkingStyle = ThinkingStyle.TemplateArguments,
                EffortsByModel = ModelRules.TemplateEfforts,
            }
        );

    /// <summary>Ollama on its own wire. Source: docs.ollama.com/api.</summary>
    public static Provider Ollama =>
        field ??= new("ollama", new("http://localhost:11434/"), new OllamaProtocol(), Credential.None)
        {
            Title = "Ollama",
            TokenShape = TokenShape.Local,
            Capabilities = new() { Streaming = true },
            IsLocal = true,
        };

    /// <summary>Ollama through its chat completions endpoint. Source: docs.ollama.com/openai.</summary>
    /// <remarks>
    /// It ignores every tool choice, even "none" (0.32, 2026), so tools are left out to forbid calls. It reads reasoning back as
    /// <c>reasoning</c> (openai/openai.go, 2026).
    /// </remarks>
    public static Provider OllamaCompatible =>
        field ??= Local(
            "ollama-compatible",
            "Ollama (compatible)",
            "http://localhost:11434/v1/",
            new()
            {
                MaxTokensName = "max_tokens",
                SupportsLaterSystemMessages = false,
                SupportsToolChoice = false,
                EffortsByModel = ModelRules.OllamaEfforts,
                ReasoningName = "reasoning",
                ReturnsReasoningWithCallsOnly = true,
            }
        );

    /// <summary>llama.cpp's server. Source: github.com/ggml-org/llama.cpp, tools/server.</summary>
    /// <remarks>It silently treats a named tool choice as "auto" (2026). It reads reasoning back as <c>reasoning_content</c>
    /// (common/chat.cpp, 2025-11).</remarks>
    public static Provider LlamaCpp =>
        field ??= Local(
            "llama.cpp",
            "llama.cpp",
            "http://localhost:8080/v1/",
            new()
            {
                MaxTokensName = "max_tokens",
                SupportsLaterSystemMessages = false,
                SupportsNamedToolChoice = false,
                ThinkingStyle = ThinkingStyle.TemplateArguments,
                EffortsByModel = ModelRules.TemplateEfforts,
                ReasoningName = "reasoning_content",
                ReturnsReasoningWithCallsOnly = true,
                CountingWire = new AnthropicProtocol(),
                PrefillStyle = PrefillStyle.LastMessage,
            }
        );

    /// <summary>LM Studio. Source: lmstudio.ai/docs.</summary>
    /// <remarks>It refuses a named tool choice (2025, 2026), and <c>json_object</c> ("'response_format.type' must be 'json_schema' or
    /// 'text'").</remarks>
    public static Provider LMStudio =>
        field ??= Local(
            "lmstudio",
            "LM Studio",
            "http://localhost:1234/v1/",
            new()
            {
                MaxTokensName = "max_tokens",
                SupportsLaterSystemMessages = false,
                SupportsNamedToolChoice = false,
                SupportsJsonObject = false,
            }
        );

    /// <summary>vLLM. Source: docs.vllm.ai.</summary>
    /// <remarks>Reasoning goes back as <c>reasoning</c> (docs.vllm.ai, Interleaved Thinking, 2026).</remarks>
    public static Provider Vllm =>
        field ??= Local(
            "vllm",
            "vLLM",
            "http://localhost:8000/v1/",
            new()
            {
                MaxTokensName = "max_tokens",
                SupportsLaterSystemMessages = false,
                SupportsVideoUrls = true,
                TokenizePath = "/tokenize",
                ThinkingStyle = ThinkingStyle.TemplateArguments,
                EffortsByModel = ModelRules.TemplateEfforts,
                ReasoningName = "reasoning",
                ReturnsReasoningWithCallsOnly = true,
                IncludeReasoningName = "include_reasoning",
                PrefillStyle = PrefillStyle.ContinueFinalMessage,
            },
            "VLLM_API_KEY"
        );

    /// <summary>SGLang. Source: docs.sglang.ai.</summary>
    /// <remarks>Reasoning goes back as <c>reasoning_content</c>, a field of its messages (2025, 2026).</remarks>
    public static Provider SGLang =>
        field ??= Local(
            "sglang",
            "SGLang",
            "http://localhost:30000/v1/",
            new()
            {
                MaxTokensName = "max_tokens",
                SupportsLaterSystemMessages = false,
                SupportsVideoUrls = true,
                ThinkingStyle = ThinkingStyle.TemplateArguments,
                EffortsByModel = ModelRules.TemplateEfforts,
                ReasoningName = "reasoning_content",
                ReturnsReasoningWithCallsOnly = true,
                PrefillStyle = PrefillStyle.ContinueFinalMessage,
            },
            "SGLANG_API_KEY"
        );

    /// <summary>LocalAI. Source: localai.io.</summary>
    /// <remarks>Reasoning goes back as <c>reasoning</c> (localai.io/features/interleaved-thinking, 2026).</remarks>
    public static Provider LocalAI =>
        field ??= Local(
            "localai",
            "LocalAI",
            "http://localhost:8080/v1/",
            new()
            {
                MaxTokensName = "max_tokens",
                SupportsLaterSystemMessages = false,
                ReasoningName = "reasoning",
                ReturnsReasoningWithCallsOnly = true,
            },
            "LOCALAI_API_KEY"
        );

    /// <summary>Hugging Face's Text Generation Inference. Source: huggingface.co/docs/text-generation-inference.</summary>
    /// <remarks>
    /// Every release accepts a schema under <c>value</c>, and none accepts JSON output without a schema ("response_format: missing field
    /// `value`", "Grammar must have a 'properties' field", 3.3, 2026). It refuses a <c>top_p</c> of 1 ("`top_p` must be > 0.0 and &lt;
    /// 1.0").
    /// </remarks>
    public static Provider Tgi =>
        field ??= Local(
            "tgi",
            "Text Generation Inference",
            "http://localhost:8080/v1/",
            new()
            {
                MaxTokensName = "max_tokens",
                SupportsLaterSystemMessages = false,
                SendsSchemaAsValue = true,
                AcceptsTopPOfOne = false,
                ThinkingStyle = ThinkingStyle.None,
            }
        );

    /// <summary>A proxy on this machine that answers through a Claude subscription; experimental.</summary>
    /// <remarks>
    /// Several such programs exist, none of them by Anthropic. Using one may break the terms of the subscription: read them first.
    /// RawLlm does not sign in by itself; it only talks to the server at the URL, with the key <c>dummy-key</c>, which such
    /// programs ignore. Their model list and usage may be missing.
    /// </remarks>
    public static Provider ClaudeProxy =>
        field ??= new(
            "claude-proxy",
            new("http://localhost:3456/v1/"),
            new ChatCompletionsProtocol { MaxTokensName = "max_tokens" },
            Credential.Bearer(null, "dummy-key")
        )
        {
            Title = "Claude subscription proxy (experimental)",
            TokenShape = TokenShape.Anthropic,
            Capabilities = new() { Streaming = true },
            IsLocal = true,
        };

    /// <summary>LiteLLM's proxy. Source: docs.litellm.ai.</summary>
    /// <remarks>For Claude, it refuses a conversation with calls if no tools are offered ("Anthropic expects the `tools=` param to be
    /// passed in", 2026), so the conversation's own tools are offered.</remarks>
    public static Provider LiteLLM =>
        field ??= Local(
            "litellm",
            "LiteLLM proxy",
            "http://localhost:4000/v1/",
            new()
            {
                MaxTokensName = "max_tokens",
                MaxTokensNameByModel = ModelRules.CompletionTokens,
                HistoryToolsModels = "claude",
                ReasoningByModel = ModelRules.ReasoningOfCalls,
            },
            "LITELLM_API_KEY"
        );

    private static Provider Local(string name, string title, string url, ChatCompletionsProtocol protocol, string? variable = null) =>
        new(
            name,
            new(url),
            protocol,
            variable is null ? Credential.Bearer(null, Placeholder) : Credential.BearerFrom(variable, Placeholder)
        )
        {
            Title = title,
            IsLocal = true,
            TokenShape = TokenShape.Local,
            Capabilities = new() { Streaming = true },
        };
}
