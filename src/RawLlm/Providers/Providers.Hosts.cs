using RawLlm.Protocols;

namespace RawLlm;

// Services that host the models of others, and routers in front of them.
public static partial class Providers
{
    /// <summary>OpenRouter. Source: openrouter.ai/docs. Attribution: <see cref="WithAttribution"/>.</summary>
    public static Provider OpenRouter =>
        field ??= new(
            "openrouter",
            new("https://openrouter.ai/api/v1/"),
            new ChatCompletionsProtocol
            {
                ThinkingStyle = ThinkingStyle.ReasoningObject,
                MinEffortByModel = ModelRules.OpenRouterMinEfforts,
                MaxTokensName = "max_tokens",
                SupportsFileUrls = true,
                SupportsVideoUrls = true,
                SupportsCacheMarks = true,
                PrefillStyle = PrefillStyle.LastMessageForClaude,
            },
            Credential.BearerFrom("OPENROUTER_API_KEY")
        )
        {
            Title = "OpenRouter",
            Capabilities = new() { Streaming = true },
            DefaultModel = "openrouter/auto",
        };

    /// <summary>Groq. Source: console.groq.com/docs.</summary>
    /// <remarks>It refuses names on messages, log probabilities, more than one choice and unknown members (console.groq.com/docs/openai,
    /// 2026).</remarks>
    public static Provider Groq =>
        field ??= new(
            "groq",
            new("https://api.groq.com/openai/v1/"),
            new ChatCompletionsProtocol
            {
                IncludeReasoningName = "include_reasoning",
                EffortsByModel = ModelRules.GroqEfforts,
                AcceptsUnknownMembers = false,
                SupportsMessageNames = false,
                SupportsLogProbs = false,
                SupportsChoiceCount = false,
            },
            Credential.BearerFrom("GROQ_API_KEY")
        )
        {
            Title = "Groq",
            TokenShape = TokenShape.Groq,
            Capabilities = new()
            {
                Streaming = true,
                Audio = false,
                Files = false,
            },
            DefaultModel = "openai/gpt-oss-120b",
        };

    /// <summary>Together. Source: docs.together.ai.</summary>
    public static Provider Together =>
        field ??= new(
            "together",
            new("https://api.together.xyz/v1/"),
            new ChatCompletionsProtocol { MaxTokensName = "max_tokens" },
            Credential.BearerFrom("TOGETHER_API_KEY")
        )
        {
            Title = "Together",
            Capabilities = new() { Streaming = true },
            DefaultModel = "deepseek-ai/DeepSeek-V4.1-Flash",
        };

    /// <summary>Fireworks. Source: docs.fireworks.ai.</summary>
    /// <remarks>It refuses unknown members of messages, and whole (not streamed) answers that may exceed 4,096 tokens (2026).</remarks>
    public static Provider Fireworks =>
        field ??= new(
            "fireworks",
            new("https://api.fireworks.ai/inference/v1/"),
            new ChatCompletionsProtocol
            {
                MaxTokensName = "max_tokens",
                MaxNonStreamingTokens = 4096,
                SupportsLaterSystemMessages = false,
                AcceptsUnknownMembers = false,
                ReasoningName = "reasoning_content",
                ReturnsReasoningWithCallsOnly = true,
            },
            Credential.BearerFrom("FIREWORKS_API_KEY")
        )
        {
            Title = "Fireworks",
            Capabilities = new() { Streaming = true },
            DefaultModel = "accounts/fireworks/models/glm-5p3-flash",
        };

    /// <summary>Cerebras. Source: inference-docs.cerebras.ai.</summary>
    /// <remarks>It refuses frequency and presence penalties (2025), and unknown members (2026).</remarks>
    public static Provider Cerebras =>
        field ??= new(
            "cerebras",
            new("https://api.cerebras.ai/v1/"),
            new ChatCompletionsProtocol { SupportsPenalties = false, AcceptsUnknownMembers = false },
            Credential.BearerFrom("CEREBRAS_API_KEY")
        )
        {
            Title = "Cerebras",
            Capabilities = new()
            {
                Streaming = true,
                Audio = false,
                Files = false,
            },
            DefaultModel = "gpt-oss-120b",
        };

    /// <summary>Requesty, a router to many services. Source: docs.requesty.ai.</summary>
    public static Provider Requesty =>
        field ??= new(
            "requesty",
            new("https://router.requesty.ai/v1/"),
            new ChatCompletionsProtocol { MaxTokensName = "max_tokens", MaxTokensNameByModel = ModelRules.CompletionTokens },
            Credential.BearerFrom("REQUESTY_API_KEY")
        )
        {
            Title = "Requesty",
            Capabilities = new() { Streaming = true },
            DefaultModel = "openai/gpt-6-luna",
        };

    /// <summary>Hugging Face's router to the services that host its models. Source: huggingface.co/docs/inference-providers.</summary>
    public static Provider HuggingFace =>
        field ??= new(
            "huggingface",
            new("https://router.huggingface.co/v1/"),
            new ChatCompletionsProtocol
            {
                MaxTokensName = "max_tokens",
                MaxTokensNameByModel = ModelRules.CompletionTokens,
                ReasoningByModel = ModelRules.ReasoningOfCalls,
            },
            Credential.BearerFrom("HF_TOKEN")
        )
        {
            Title = "Hugging Face router",
            Capabilities = new() { Streaming = true },
            DefaultModel = "openai/gpt-oss-120b",
        };

    /// <summary>Vercel's AI Gateway to many services. Source: vercel.com/docs/ai-gateway/sdks-and-apis/openai-chat-completions.</summary>
    /// <remarks>It refuses whole (not streamed) answers of Claude that may exceed 21,333 tokens ("must be under 21K", 2026-09).</remarks>
    public static Provider Vercel =>
        field ??= Hosted(
            "vercel",
            "Vercel AI Gateway",
            "https://ai-gateway.vercel.sh/v1/",
            "AI_GATEWAY_API_KEY",
            "openai/gpt-6-luna",
            new()
            {
                MaxTokensName = "max_tokens",
                MaxNonStreamingTokens = 21_333,
                ThinkingStyle = ThinkingStyle.ReasoningObject,
            }
        );

    /// <summary>
    /// SiliconFlow. Source: docs.siliconflow.cn. Outside mainland China, it is <c>https://api.siliconflow.com/v1</c>, with separate keys.
    /// </summary>
    public static Provider SiliconFlow =>
        field ??= Hosted(
            "siliconflow",
            "SiliconFlow",
            "https://api.siliconflow.cn/v1/",
            "SILICONFLOW_API_KEY",
            "Qwen/Qwen3-8B",
            new()
            {
                MaxTokensName = "max_tokens",
                SupportsLaterSystemMessages = false,
                SupportsVideoUrls = true,
                ThinkingStyle = ThinkingStyle.EnableThinking,
                EffortsByModel = ModelRules.SiliconFlowThinking,
                ReasoningByModel = ModelRules.ReasoningOfCalls,
            }
        );

    /// <summary>SambaNova. Source: docs.sambanova.ai.</summary>
    public static Provider SambaNova =>
        field ??= Hosted(
            "sambanova",
            "SambaNova",
            "https://api.sambanova.ai/v1/",
            "SAMBANOVA_API_KEY",
            "gpt-oss-120b",
            OfOpenModels with
            {
                EffortsByModel = ModelRules.NoEfforts,
            }
        );

    /// <summary>Nebius Token Factory. Source: docs.tokenfactory.nebius.com.</summary>
    public static Provider Nebius =>
        field ??= Hosted(
            "nebius",
            "Nebius Token Factory",
            "https://api.tokenfactory.nebius.com/v1/",
            "NEBIUS_API_KEY",
            "openai/gpt-oss-120b",
            OfOpenModels with
            {
                EffortsByModel = ModelRules.ThreeEfforts,
            }
        );

    /// <summary>DeepInfra. Source: docs.deepinfra.com.</summary>
    public static Provider DeepInfra =>
        field ??= Hosted(
            "deepinfra",
            "DeepInfra",
            "https://api.deepinfra.com/v1/openai/",
            "DEEPINFRA_API_KEY",
            "openai/gpt-oss-120b",
            OfOpenModels with
            {
                EffortsByModel = ModelRules.DeepInfraEfforts,
            }
        );

    /// <summary>Novita. Source: novita.ai/docs.</summary>
    public static Provider Novita =>
        field ??= Hosted(
            "novita",
            "Novita",
            "https://api.novita.ai/openai/v1/",
            "NOVITA_API_KEY",
            "openai/gpt-oss-20b",
            OfOpenModels with
            {
                ThinkingStyle = ThinkingStyle.EnableThinking,
                EffortsByModel = ModelRules.NovitaThinking,
                ReasoningName = "reasoning_content",
                ReturnsReasoningWithCallsOnly = true,
            }
        );

    /// <summary>Baseten's Model APIs. Source: docs.baseten.co.</summary>
    public static Provider Baseten =>
        field ??= Hosted(
            "baseten",
            "Baseten",
            "https://inference.baseten.co/v1/",
            "BASETEN_API_KEY",
            "openai/gpt-oss-120b",
            OfOpenModels with
            {
                EffortsByModel = ModelRules.BasetenEfforts,
            }
        );

    /// <summary>
    /// Scaleway's Generative APIs. The key is the secret key of an API key. Source: scaleway.com/en/docs/generative-apis.
    /// </summary>
    public static Provider Scaleway =>
        field ??= Hosted(
            "scaleway",
            "Scaleway",
            "https://api.scaleway.ai/v1/",
            "SCW_SECRET_KEY",
            "gpt-oss-120b",
            OfOpenModels with
            {
                RefusedByModel = ModelRules.ScalewayRefusals,
                SupportsLogProbs = false,
                SupportsChoiceCount = false,
                SupportsUser = false,
            }
        );

    /// <summary>OVHcloud's AI Endpoints. Source: ovhcloud.com/en/public-cloud/ai-endpoints.</summary>
    public static Provider OvhCloud =>
        field ??= Hosted(
            "ovhcloud",
            "OVHcloud AI Endpoints",
            "https://oai.endpoints.kepler.ai.cloud.ovh.net/v1/",
            "OVH_AI_ENDPOINTS_ACCESS_TOKEN",
            "gpt-oss-120b",
            OfOpenModels with
            {
                EffortsByModel = ModelRules.NoEfforts,
            }
        );

    /// <summary>IONOS's AI Model Hub. Source: docs.ionos.com/cloud/ai/ai-model-hub.</summary>
    public static Provider Ionos =>
        field ??= Hosted(
            "ionos",
            "IONOS AI Model Hub",
            "https://openai.inference.de-txl.ionos.com/v1/",
            "IONOS_API_TOKEN",
            "openai/gpt-oss-120b",
            OfOpenModels with
            {
                EffortsByModel = ModelRules.NoEfforts,
            }
        );

    // As for an unknown server: many models, each with its own template, some of which require their reasoning back.
    private static ChatCompletionsProtocol OfOpenModels =>
        new()
        {
            MaxTokensName = "max_tokens",
            SupportsLaterSystemMessages = false,
            ReasoningByModel = ModelRules.ReasoningOfCalls,
        };

    private static Provider Hosted(
        string name,
        string title,
        string url,
        string variable,
        string model,
        ChatCompletionsProtocol protocol
    ) =>
        new(name, new(url), protocol, Credential.BearerFrom(variable))
        {
            Title = title,
            Capabilities = new() { Streaming = true },
            DefaultModel = model,
        };
}
