using RawLlm.Protocols;

namespace RawLlm.Tests.Contract;

/// <summary>A row for every named service.</summary>
internal static class ServiceRows
{
    private const string Named = "\"tool_choice\":{\"type\":\"function\",\"function\":{\"name\":\"f\"}}";
    private const string Standard = "{\"max_completion_tokens\":9,\"seed\":1," + Named + ",\"reasoning_effort\":\"high\"}";
    private const string Older = "{\"max_tokens\":9,\"seed\":1," + Named + ",\"reasoning_effort\":\"high\"}";
    private const string Template = "{\"max_tokens\":9,\"seed\":1," + Named + ",\"chat_template_kwargs\":{\"enable_thinking\":true}}";
    private const string Thoughtless = "{\"max_tokens\":9,\"seed\":1," + Named + "}";
    private const string DashScope =
        """{"max_tokens":9,"seed":1,"tool_choice":"auto","enable_thinking":true,"stream_options":{"include_usage":true}}""";
    private const string Responses =
        """{"max_output_tokens":9,"store":false,"tool_choice":{"type":"function","name":"f"},"reasoning":{"effort":"high"},"include":["reasoning.encrypted_content"]}""";
    private const string Glm = """{"max_tokens":9,"seed":1,"thinking":{"type":"enabled"}}""";
    private const string Bearer = "Authorization: Bearer test-key-0123";
    private const string BedrockKey = "AWS_BEARER_TOKEN_BEDROCK";

    public static IReadOnlyList<ServiceRow> All { get; } =
    [
        ServiceRow.Chat("openai", "https://api.openai.com/v1/chat/completions", "OPENAI_API_KEY", Standard),
        new("openai-responses", "https://api.openai.com/v1/responses", Bearer, "OPENAI_API_KEY", typeof(ResponsesProtocol), Responses),
        new(
            "anthropic",
            "https://api.anthropic.com/v1/messages",
            "x-api-key: test-key-0123",
            "ANTHROPIC_API_KEY",
            typeof(AnthropicProtocol),
            "ANTHROPIC"
        )
        {
            Headers = "anthropic-version: 2023-06-01",
        },
        new(
            "anthropic-vertex",
            "https://europe-west1-aiplatform.googleapis.com/v1/projects/p-1/locations/europe-west1/publishers/anthropic/models/m:rawPredict",
            Bearer,
            "GOOGLE_OAUTH_ACCESS_TOKEN",
            typeof(AnthropicProtocol),
            "ANTHROPIC"
        )
        {
            StreamUrl =
                "https://europe-west1-aiplatform.googleapis.com/v1/projects/p-1/locations/europe-west1/publishers/anthropic/models/m:streamRawPredict",
            Make = () => Providers.AnthropicVertexIn("p-1", "europe-west1"),
        },
        ServiceRow.Chat(
            "openrouter",
            "https://openrouter.ai/api/v1/chat/completions",
            "OPENROUTER_API_KEY",
            "{\"max_tokens\":9,\"seed\":1," + Named + ",\"reasoning\":{\"effort\":\"high\"}}"
        ),
        ServiceRow.Chat("groq", "https://api.groq.com/openai/v1/chat/completions", "GROQ_API_KEY", Standard),
        new(
            "gemini",
            "https://generativelanguage.googleapis.com/v1beta/models/m:generateContent",
            "x-goog-api-key: test-key-0123",
            "GEMINI_API_KEY",
            typeof(GeminiProtocol),
            "GEMINI"
        )
        {
            StreamUrl = "https://generativelanguage.googleapis.com/v1beta/models/m:streamGenerateContent?alt=sse",
        },
        ServiceRow.Chat(
            "gemini-compatible",
            "https://generativelanguage.googleapis.com/v1beta/openai/chat/completions",
            "GEMINI_API_KEY",
            "{\"max_tokens\":9," + Named + ",\"reasoning_effort\":\"high\"}"
        ),
        ServiceRow.Chat(
            "mistral",
            "https://api.mistral.ai/v1/chat/completions",
            "MISTRAL_API_KEY",
            "{\"max_tokens\":9,\"random_seed\":1," + Named + ",\"reasoning_effort\":\"high\"}"
        ),
        ServiceRow.Chat(
            "deepseek",
            "https://api.deepseek.com/v1/chat/completions",
            "DEEPSEEK_API_KEY",
            "{\"max_tokens\":9,\"seed\":1,\"tool_choice\":\"auto\",\"thinking\":{\"type\":\"enabled\"},\"reasoning_effort\":\"high\"}"
        ),
        ServiceRow.Chat(
            "moonshot",
            "https://api.moonshot.ai/v1/chat/completions",
            "MOONSHOT_API_KEY",
            "{\"max_completion_tokens\":9,\"seed\":1,\"tool_choice\":\"auto\"}"
        ),
        ServiceRow.Chat("xai", "https://api.x.ai/v1/chat/completions", "XAI_API_KEY", Standard),
        new("xai-responses", "https://api.x.ai/v1/responses", Bearer, "XAI_API_KEY", typeof(ResponsesProtocol), Responses),
        ServiceRow.Chat("glm", "https://api.z.ai/api/paas/v4/chat/completions", "ZAI_API_KEY", Glm),
        ServiceRow.Chat("glm-coding", "https://api.z.ai/api/coding/paas/v4/chat/completions", "ZAI_API_KEY", Glm),
        ServiceRow.Chat("glm-mainland", "https://open.bigmodel.cn/api/paas/v4/chat/completions", "ZHIPUAI_API_KEY", Glm),
        ServiceRow.Chat("azure", "https://res.openai.azure.com/openai/v1/chat/completions", "AZURE_OPENAI_API_KEY", Standard) with
        {
            Proof = "api-key: test-key-0123",
            Make = () => Providers.AzureOpenAIAt(new Uri("https://res.openai.azure.com/")),
        },
        ServiceRow.Chat(
            "azure-deployments",
            "https://res.openai.azure.com/openai/deployments/m/chat/completions?api-version=2025-04-01-preview",
            "AZURE_OPENAI_API_KEY",
            Standard
        ) with
        {
            Proof = "api-key: test-key-0123",
            Make = () => Providers.AzureOpenAIDeploymentsAt(new Uri("https://res.openai.azure.com")),
        },
        new(
            "bedrock",
            "https://bedrock-runtime.eu-west-1.amazonaws.com/model/m/converse",
            Bearer,
            BedrockKey,
            typeof(ConverseProtocol),
            "CONVERSE"
        )
        {
            StreamUrl = "https://bedrock-runtime.eu-west-1.amazonaws.com/model/m/converse-stream",
            Make = () => Providers.BedrockIn("eu-west-1"),
        },
        new(
            "bedrock-invoke",
            "https://bedrock-runtime.eu-west-1.amazonaws.com/model/m/invoke",
            Bearer,
            BedrockKey,
            typeof(BedrockInvokeProtocol),
            "INVOKE"
        )
        {
            StreamUrl = "https://bedrock-runtime.eu-west-1.amazonaws.com/model/m/invoke-with-response-stream",
            Make = () => Providers.BedrockInvokeIn("eu-west-1"),
        },
        ServiceRow.Chat(
            "bedrock-compatible",
            "https://bedrock-runtime.eu-west-1.amazonaws.com/openai/v1/chat/completions",
            BedrockKey,
            Standard
        ) with
        {
            Make = () => Providers.BedrockCompatibleIn("eu-west-1"),
        },
        ServiceRow.Chat("together", "https://api.together.xyz/v1/chat/completions", "TOGETHER_API_KEY", Older),
        ServiceRow.Chat("fireworks", "https://api.fireworks.ai/inference/v1/chat/completions", "FIREWORKS_API_KEY", Older),
        ServiceRow.Chat("cerebras", "https://api.cerebras.ai/v1/chat/completions", "CEREBRAS_API_KEY", Standard),
        new(
            "perplexity",
            "https://api.perplexity.ai/v1/responses",
            Bearer,
            "PERPLEXITY_API_KEY",
            typeof(ResponsesProtocol),
            """{"max_output_tokens":9,"store":false,"tool_choice":{"name":"f"},"reasoning":{"effort":"high"}}"""
        ),
        ServiceRow.Chat("requesty", "https://router.requesty.ai/v1/chat/completions", "REQUESTY_API_KEY", Older),
        ServiceRow.Chat("huggingface", "https://router.huggingface.co/v1/chat/completions", "HF_TOKEN", Older),
        ServiceRow.Chat(
            "cloudflare",
            "https://api.cloudflare.com/client/v4/accounts/acc-1/ai/v1/chat/completions",
            "CLOUDFLARE_API_TOKEN",
            Older
        ) with
        {
            Make = () => Providers.CloudflareIn("acc-1"),
        },
        ServiceRow.Chat(
            "volcengine",
            "https://ark.cn-beijing.volces.com/api/v3/chat/completions",
            "ARK_API_KEY",
            "{\"max_tokens\":9,\"seed\":1," + Named + ",\"thinking\":{\"type\":\"enabled\"},\"reasoning_effort\":\"high\"}"
        ),
        ServiceRow.Chat(
            "vercel",
            "https://ai-gateway.vercel.sh/v1/chat/completions",
            "AI_GATEWAY_API_KEY",
            "{\"max_tokens\":9,\"seed\":1," + Named + ",\"reasoning\":{\"effort\":\"high\"}}"
        ),
        ServiceRow.Chat(
            "dashscope",
            "https://dashscope.aliyuncs.com/compatible-mode/v1/chat/completions",
            "DASHSCOPE_API_KEY",
            DashScope
        ) with
        {
            IsGathered = true,
        },
        ServiceRow.Chat(
            "dashscope-international",
            "https://dashscope-intl.aliyuncs.com/compatible-mode/v1/chat/completions",
            "DASHSCOPE_API_KEY",
            DashScope
        ) with
        {
            IsGathered = true,
        },
        ServiceRow.Chat(
            "cohere",
            "https://api.cohere.ai/compatibility/v1/chat/completions",
            "COHERE_API_KEY",
            """{"max_tokens":9,"seed":1,"reasoning_effort":"high"}"""
        ),
        ServiceRow.Chat("siliconflow", "https://api.siliconflow.cn/v1/chat/completions", "SILICONFLOW_API_KEY", Thoughtless),
        ServiceRow.Chat("sambanova", "https://api.sambanova.ai/v1/chat/completions", "SAMBANOVA_API_KEY", Thoughtless),
        ServiceRow.Chat("nebius", "https://api.tokenfactory.nebius.com/v1/chat/completions", "NEBIUS_API_KEY", Older),
        ServiceRow.Chat("deepinfra", "https://api.deepinfra.com/v1/openai/chat/completions", "DEEPINFRA_API_KEY", Older),
        ServiceRow.Chat("novita", "https://api.novita.ai/openai/v1/chat/completions", "NOVITA_API_KEY", Thoughtless),
        ServiceRow.Chat("baseten", "https://inference.baseten.co/v1/chat/completions", "BASETEN_API_KEY", Thoughtless),
        ServiceRow.Chat("upstage", "https://api.upstage.ai/v1/chat/completions", "UPSTAGE_API_KEY", Older),
        ServiceRow.Chat("scaleway", "https://api.scaleway.ai/v1/chat/completions", "SCW_SECRET_KEY", Older),
        ServiceRow.Chat(
            "ovhcloud",
            "https://oai.endpoints.kepler.ai.cloud.ovh.net/v1/chat/completions",
            "OVH_AI_ENDPOINTS_ACCESS_TOKEN",
            Thoughtless
        ),
        ServiceRow.Chat("ionos", "https://openai.inference.de-txl.ionos.com/v1/chat/completions", "IONOS_API_TOKEN", Thoughtless),
        ServiceRow.Chat(
            "docker",
            "http://localhost:12434/engines/v1/chat/completions",
            null,
            """{"max_tokens":9,"seed":1,"tool_choice":"required","chat_template_kwargs":{"enable_thinking":true}}"""
        ),
        new(
            "ollama",
            "http://localhost:11434/api/chat",
            "",
            null,
            typeof(OllamaProtocol),
            """{"options":{"seed":1,"num_predict":9},"think":true}"""
        )
        {
            KeyIsOptional = true,
        },
        ServiceRow.Chat(
            "ollama-compatible",
            "http://localhost:11434/v1/chat/completions",
            null,
            """{"max_tokens":9,"seed":1,"reasoning_effort":"high"}"""
        ),
        ServiceRow.Chat(
            "llama.cpp",
            "http://localhost:8080/v1/chat/completions",
            null,
            """{"max_tokens":9,"seed":1,"tool_choice":"required","chat_template_kwargs":{"enable_thinking":true}}"""
        ),
        ServiceRow.Chat(
            "lmstudio",
            "http://localhost:1234/v1/chat/completions",
            null,
            """{"max_tokens":9,"seed":1,"tool_choice":"required","reasoning_effort":"high"}"""
        ),
        ServiceRow.Chat("vllm", "http://localhost:8000/v1/chat/completions", "VLLM_API_KEY", Template) with
        {
            KeyIsOptional = true,
        },
        ServiceRow.Chat("sglang", "http://localhost:30000/v1/chat/completions", "SGLANG_API_KEY", Template) with
        {
            KeyIsOptional = true,
        },
        ServiceRow.Chat("localai", "http://localhost:8080/v1/chat/completions", "LOCALAI_API_KEY", Older) with
        {
            KeyIsOptional = true,
        },
        ServiceRow.Chat("tgi", "http://localhost:8080/v1/chat/completions", null, "{\"max_tokens\":9,\"seed\":1," + Named + "}"),
        ServiceRow.Chat("litellm", "http://localhost:4000/v1/chat/completions", "LITELLM_API_KEY", Older) with
        {
            KeyIsOptional = true,
        },
        ServiceRow.Chat("claude-proxy", "http://localhost:3456/v1/chat/completions", null, Older) with
        {
            Proof = "Authorization: Bearer dummy-key",
        },
    ];
}
