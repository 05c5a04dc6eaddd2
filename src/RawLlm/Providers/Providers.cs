using System.Diagnostics.CodeAnalysis;
using RawLlm.Protocols;

namespace RawLlm;

/// <summary>
/// The services known by name: data only, one entry each. For any other server, use <see cref="OpenAICompatible(Uri, string?)"/>.
/// </summary>
/// <remarks>Each provider is created on first use, so that a trimmed application contains only those that it names.</remarks>
public static class Providers
{
    // Sent as the key to servers that require a key but do not check it.
    private const string Placeholder = "not-needed";

    private const string AnthropicOrigin = "anthropic";

    /// <summary>OpenAI. Source: platform.openai.com/docs/api-reference/chat.</summary>
    public static Provider OpenAI =>
        field ??= new(
            "openai",
            new("https://api.openai.com/v1/"),
            new ChatCompletionsProtocol
            {
                Obfuscation = false,
                EffortsByModel = ModelRules.OpenAIEfforts,
                EffortsBesideTools = ModelRules.OpenAIEffortsBesideTools,
                ToolsElsewhere = ModelRules.OpenAIToolsElsewhere,
                RefusedByModel = ModelRules.OpenAIRefusals,
                MaxToolCallIdLength = 40,
                CountingWire = new ResponsesProtocol { EffortsByModel = ModelRules.OpenAIResponsesEfforts },
                RequestsBase64Embeddings = true,
                EmbeddingBatchSize = 2048,
            },
            Credential.BearerFrom("OPENAI_API_KEY")
        )
        {
            Title = "OpenAI",
            Capabilities = new() { Streaming = true },
            DefaultModel = "gpt-6-luna",
        };

    /// <summary>OpenAI over the Responses wire, which its newest models require for reasoning with tools. Source:
    /// platform.openai.com/docs/api-reference/responses.</summary>
    public static Provider OpenAIResponses =>
        field ??= new(
            "openai-responses",
            new("https://api.openai.com/v1/"),
            new ResponsesProtocol
            {
                Obfuscation = false,
                EffortsByModel = ModelRules.OpenAIResponsesEfforts,
                RefusedByModel = ModelRules.OpenAIRefusals,
                EncryptedReasoningByModel = ModelRules.OpenAIEncryptedReasoning,
            },
            Credential.BearerFrom("OPENAI_API_KEY")
        )
        {
            Title = "OpenAI (Responses)",
            Capabilities = new() { Streaming = true },
            CatalogName = "openai",
            DefaultModel = "gpt-6-luna",
        };

    /// <summary>Azure OpenAI through its version 1 URL, which needs no <c>api-version</c>. A model is the name of a deployment.</summary>
    /// <remarks>
    /// The resource comes from <c>AZURE_OPENAI_ENDPOINT</c>, read on first use; <see cref="AzureOpenAIAt"/> specifies it in code. To use a
    /// Microsoft Entra token, write <c>with { Credential = Credential.Bearer(token) }</c>. Source:
    /// learn.microsoft.com/azure/ai-foundry/openai/api-version-lifecycle.
    /// </remarks>
    public static Provider AzureOpenAI => field ??= AzureOpenAIAt(CloudEnvironment.AzureEndpoint(Environment.GetEnvironmentVariable));

    /// <summary>
    /// Azure OpenAI through URLs that name the deployment and an <c>api-version</c>. Resource and key are those of
    /// <see cref="AzureOpenAI"/>.
    /// </summary>
    public static Provider AzureOpenAIDeployments =>
        field ??= AzureOpenAIDeploymentsAt(CloudEnvironment.AzureEndpoint(Environment.GetEnvironmentVariable));

    /// <summary><see cref="AzureOpenAI"/> for one resource.</summary>
    /// <param name="resource">The URL of the resource, such as <c>https://my-resource.openai.azure.com</c>.</param>
    /// <exception cref="ArgumentException">The URL is not absolute.</exception>
    public static Provider AzureOpenAIAt(Uri resource) =>
        InAzure(
            "azure",
            "Azure OpenAI",
            resource,
            "openai/v1/",
            new ChatCompletionsProtocol
            {
                MaxTokensNameByModel = ModelRules.AzureMaxTokens,
                EffortsByModel = ModelRules.OpenAIEfforts,
                EffortsBesideTools = ModelRules.AzureEffortsBesideTools,
                RefusedByModel = ModelRules.OpenAIRefusals,
                MaxToolCallIdLength = 40,
                RequestsBase64Embeddings = true,
                EmbeddingBatchSize = 2048,
            }
        );

    /// <summary><see cref="AzureOpenAIDeployments"/> for one resource.</summary>
    /// <param name="resource">The URL of the resource, such as <c>https://my-resource.openai.azure.com</c>.</param>
    /// <param name="apiVersion">The API version. Versions before 2024-09 refuse <c>stream_options</c>; those before 2024-12-01-preview
    /// refuse o1 and later reasoning models.</param>
    /// <exception cref="ArgumentException">The version contains an invalid character, or the URL is not absolute.</exception>
    public static Provider AzureOpenAIDeploymentsAt(Uri resource, string apiVersion = "2025-04-01-preview")
    {
        ArgumentException.ThrowIfNullOrEmpty(apiVersion);
        if (apiVersion.AsSpan().ContainsAnyExcept("abcdefghijklmnopqrstuvwxyz0123456789-."))
        {
            throw new ArgumentException(
                "A version of the API consists of lowercase letters, digits and dashes, such as 2025-04-01-preview.",
                nameof(apiVersion)
            );
        }

        return InAzure(
            "azure-deployments",
            "Azure OpenAI (deployment URLs)",
            resource,
            "openai/",
            new ChatCompletionsProtocol
            {
                ChatPath = "deployments/{model}/chat/completions",
                Query = "api-version=" + apiVersion,
                MaxTokensNameByModel = ModelRules.AzureMaxTokens,
                EffortsByModel = ModelRules.OpenAIEfforts,
                EffortsBesideTools = ModelRules.AzureEffortsBesideTools,
                RefusedByModel = ModelRules.OpenAIRefusals,
                MaxToolCallIdLength = 40,
                RequestsBase64Embeddings = true,
                EmbeddingBatchSize = 2048,
            }
        );
    }

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

    /// <summary>Mistral. Source: docs.mistral.ai/api.</summary>
    /// <remarks>It refuses unknown members, assistant messages with neither text nor calls, and any message but the model's after tool
    /// results (2025, 2026).</remarks>
    public static Provider Mistral =>
        field ??= new(
            "mistral",
            new("https://api.mistral.ai/v1/"),
            new ChatCompletionsProtocol
            {
                MaxTokensName = "max_tokens",
                SeedName = "random_seed",
                RequiredToolChoice = "any",
                ToolCallIdLength = 9,
                SendsToolResultName = true,
                SupportsMessageNames = false,
                AcceptsUnknownMembers = false,
                SupportsUser = false,
                SupportsLogProbs = false,
                AcceptsEmptyAnswers = false,
                AcceptsUserMessageAfterToolResults = false,
                SendsDocumentUrls = true,
                RequestsStreamUsage = false,
                ThinkingStyle = ThinkingStyle.EffortSwitch,
                PrefillStyle = PrefillStyle.PrefixMember,
            },
            Credential.BearerFrom("MISTRAL_API_KEY")
        )
        {
            Title = "Mistral",
            TokenShape = TokenShape.Mistral,
            Capabilities = new() { Streaming = true },
            DefaultModel = "mistral-small-latest",
        };

    /// <summary>GLM by z.ai. Source: docs.z.ai.</summary>
    public static Provider Glm => field ??= GlmAt("glm", "GLM (z.ai)", "https://api.z.ai/api/paas/v4/", "ZAI_API_KEY");

    /// <summary>GLM by z.ai for subscribers of its coding plan. Source: docs.z.ai/devpack.</summary>
    public static Provider GlmCoding =>
        field ??= GlmAt("glm-coding", "GLM (z.ai, coding plan)", "https://api.z.ai/api/coding/paas/v4/", "ZAI_API_KEY");

    /// <summary>GLM in mainland China, with separate keys and accounts. Source: docs.bigmodel.cn.</summary>
    public static Provider GlmMainland =>
        field ??= GlmAt("glm-mainland", "GLM (bigmodel.cn)", "https://open.bigmodel.cn/api/paas/v4/", "ZHIPUAI_API_KEY");

    /// <summary>Gemini on its own wire. Source: ai.google.dev/api. The key goes in a header, never in the URL.</summary>
    public static Provider Gemini =>
        field ??= new(
            "gemini",
            new("https://generativelanguage.googleapis.com/v1beta/"),
            new GeminiProtocol(),
            Credential.HeaderFrom("x-goog-api-key", "GEMINI_API_KEY")
        )
        {
            Title = "Gemini",
            TokenShape = TokenShape.Gemini,
            Capabilities = new() { Streaming = true },
            DefaultModel = "gemini-3.5-flash",
        };

    /// <summary>Gemini through its chat completions endpoint. Source: ai.google.dev/gemini-api/docs/openai.</summary>
    public static Provider GeminiCompatible =>
        field ??= new(
            "gemini-compatible",
            new("https://generativelanguage.googleapis.com/v1beta/openai/"),
            new ChatCompletionsProtocol
            {
                // Both are refused with status 400 as unknown names (2025).
                SeedName = null,
                SupportsPenalties = false,
                MaxTokensName = "max_tokens",
                SendsToolResultName = true,
                CountsReasoningOnTop = true,
                // "Function call is missing a thought_signature in functionCall parts." (Gemini 3, 2025)
                ForeignCallSignature = GeminiProtocol.UncheckedSignature,
                // Any other member of a message is refused ("Invalid JSON payload received. Unknown name …: Cannot find field.", 2026).
                ReasoningMembers = "extra_content",
                EffortsByModel = ModelRules.GeminiEfforts,
                RefusedByModel = ModelRules.GeminiRefusals,
            },
            Credential.BearerFrom("GEMINI_API_KEY")
        )
        {
            Title = "Gemini (compatible)",
            TokenShape = TokenShape.Gemini,
            Capabilities = new() { Streaming = true },
            CatalogName = "gemini",
            DefaultModel = "gemini-3.5-flash",
        };

    /// <summary>DeepSeek. Source: api-docs.deepseek.com.</summary>
    public static Provider DeepSeek =>
        field ??= new(
            "deepseek",
            new("https://api.deepseek.com/v1/"),
            new ChatCompletionsProtocol
            {
                MaxTokensName = "max_tokens",
                ThinkingStyle = ThinkingStyle.ThinkingObjectAndEffort,
                EffortsByModel = ModelRules.DeepSeekEfforts,
                // Its documentation asks for the reasoning of turns with calls. If the request has tools, it requires that of every message
                // ("must be passed back to the API", 2026).
                ReasoningName = "reasoning_content",
                MissingReasoning = "",
                SupportsForcedToolCallsWhileThinking = false,
                AcceptsUnknownMembers = false,
                SupportsJsonSchema = false,
                // Only under https://api.deepseek.com/beta (api-docs.deepseek.com/guides/chat_prefix_completion).
                PrefillStyle = PrefillStyle.PrefixMember,
                PrefillFolder = "/beta",
            },
            Credential.BearerFrom("DEEPSEEK_API_KEY")
        )
        {
            Title = "DeepSeek",
            TokenShape = TokenShape.DeepSeek,
            Capabilities = new()
            {
                Streaming = true,
                Audio = false,
                Files = false,
            },
            DefaultModel = "deepseek-flash",
        };

    /// <summary>
    /// Moonshot, the maker of Kimi. Source: platform.kimi.ai/docs. In mainland China, it is <c>https://api.moonshot.cn/v1</c>, with
    /// separate keys.
    /// </summary>
    /// <remarks>
    /// Its models reason unless they are told not to. While reasoning, they refuse a named tool choice. They always refuse messages that
    /// call tools without their reasoning; if there is none, a space is sent instead. Kimi's sampling is fixed (2026).
    /// </remarks>
    public static Provider Moonshot =>
        field ??= new(
            "moonshot",
            new("https://api.moonshot.ai/v1/"),
            new ChatCompletionsProtocol
            {
                ThinkingStyle = ThinkingStyle.ThinkingObject,
                EffortsByModel = ModelRules.MoonshotEfforts,
                ReasoningName = "reasoning_content",
                // An empty text counts as missing.
                MissingReasoning = " ",
                ReturnsReasoningWithCallsOnly = true,
                SupportsForcedToolCallsWhileThinking = false,
                AcceptsEmptyAnswers = false,
                SupportsStrict = false,
                SupportsJsonSchema = false,
                SupportsVideoUrls = true,
                RefusedByModel = ModelRules.MoonshotRefusals,
            },
            Credential.BearerFrom("MOONSHOT_API_KEY")
        )
        {
            Title = "Moonshot (Kimi)",
            Capabilities = new()
            {
                Streaming = true,
                Audio = false,
                Files = false,
            },
            DefaultModel = "kimi-k2.6",
        };

    /// <summary>xAI. Source: docs.x.ai.</summary>
    /// <remarks>It refuses penalties, even of 0 ("does not support parameter presencePenalty", 2025-04 to 2026-09).</remarks>
    public static Provider XAI =>
        field ??= new(
            "xai",
            new("https://api.x.ai/v1/"),
            new ChatCompletionsProtocol
            {
                CountsReasoningOnTop = true,
                EffortsByModel = ModelRules.XAIEfforts,
                RefusedByModel = ModelRules.XAIRefusals,
                SupportsPenalties = false,
            },
            Credential.BearerFrom("XAI_API_KEY")
        )
        {
            Title = "xAI",
            TokenShape = TokenShape.XAI,
            Capabilities = new() { Streaming = true, Audio = false },
            DefaultModel = "grok-4.3",
        };

    /// <summary>xAI over the Responses wire. Source: docs.x.ai.</summary>
    public static Provider XAIResponses =>
        field ??= new(
            "xai-responses",
            new("https://api.x.ai/v1/"),
            new ResponsesProtocol
            {
                CountsTokens = false,
                EffortsByModel = ModelRules.XAIEfforts,
                RefusedByModel = ModelRules.XAIRefusals,
                EncryptedReasoningByModel = ModelRules.XAIEncryptedReasoning,
            },
            Credential.BearerFrom("XAI_API_KEY")
        )
        {
            Title = "xAI (Responses)",
            TokenShape = TokenShape.XAI,
            Capabilities = new() { Streaming = true, Audio = false },
            CatalogName = "xai",
            DefaultModel = "grok-4.3",
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

    /// <summary>Perplexity's agents, with its own models and those of others. Source: docs.perplexity.ai/docs/agent-api.</summary>
    /// <remarks>
    /// Chat completions ended there on 2026-09-27. The web is searched if <see cref="ResponsesProtocol.HostedTools"/> offers
    /// <c>web_search</c>. It refuses members that its schema does not name ("invalid request body: json: unknown field", 2026-09).
    /// </remarks>
    public static Provider Perplexity =>
        field ??= new(
            "perplexity",
            new("https://api.perplexity.ai/v1/"),
            new ResponsesProtocol
            {
                AcceptsUnknownMembers = false,
                SendsResponseFormat = true,
                EncryptedReasoning = false,
                CountsTokens = false,
                EffortsByModel = ModelRules.PerplexityEfforts,
                RefusedByModel = ModelRules.PerplexityRefusals,
            },
            Credential.BearerFrom("PERPLEXITY_API_KEY")
        )
        {
            Title = "Perplexity",
            Capabilities = new()
            {
                Streaming = true,
                Audio = false,
                Files = false,
            },
            DefaultModel = "perplexity/sonar",
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

    /// <summary>Cloudflare Workers AI. Source: developers.cloudflare.com/workers-ai/configuration/open-ai-compatibility.</summary>
    /// <remarks>The account comes from <c>CLOUDFLARE_ACCOUNT_ID</c>, read on first use; <see cref="CloudflareIn"/> specifies it in
    /// code.</remarks>
    public static Provider Cloudflare => field ??= CloudflareIn(CloudEnvironment.Account(Environment.GetEnvironmentVariable));

    /// <summary><see cref="Cloudflare"/> for one account.</summary>
    /// <param name="account">The account's ID: letters, digits and dashes.</param>
    /// <exception cref="ArgumentException">The ID is empty or contains an invalid character.</exception>
    public static Provider CloudflareIn(string account)
    {
        ArgumentException.ThrowIfNullOrEmpty(account);
        if (!CloudEnvironment.IsAccount(account))
            throw new ArgumentException("An account ID consists of letters, digits and dashes.", nameof(account));
        return new(
            "cloudflare",
            new($"https://api.cloudflare.com/client/v4/accounts/{account}/ai/v1/"),
            new ChatCompletionsProtocol
            {
                MaxTokensName = "max_tokens",
                SupportsLaterSystemMessages = false,
                AcceptsNullContent = false,
                AcceptsTextParts = false,
                ReadsNumbersAsText = true,
            },
            Credential.BearerFrom("CLOUDFLARE_API_TOKEN")
        )
        {
            Title = "Cloudflare Workers AI",
            Capabilities = new() { Streaming = true },
            ModelsUrl = new("../models/search?per_page=100", UriKind.Relative),
            DefaultModel = "@cf/openai/gpt-oss-20b",
        };
    }

    /// <summary>Volcengine's Ark, the home of Doubao. Source: volcengine.com/docs/82379.</summary>
    /// <remarks>It refuses assistant messages with neither text nor calls ("missing `messages.content` parameter"), and a reasoning effort
    /// while thinking is not switched on ("Invalid combination", 2026).</remarks>
    public static Provider Volcengine =>
        field ??= Hosted(
            "volcengine",
            "Volcengine Ark",
            "https://ark.cn-beijing.volces.com/api/v3/",
            "ARK_API_KEY",
            "doubao-seed-2-0-lite-260428",
            new()
            {
                MaxTokensName = "max_tokens",
                SupportsVideoUrls = true,
                ThinkingStyle = ThinkingStyle.ThinkingObjectAndEffort,
                EffortsByModel = ModelRules.VolcengineEfforts,
                ReasoningByModel = ModelRules.ReasoningOfCalls,
                AcceptsEmptyAnswers = false,
            }
        );

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

    /// <summary>Alibaba's Model Studio (DashScope), the home of Qwen. Source: help.aliyun.com/model-studio.</summary>
    /// <remarks>
    /// It refuses whole (not streamed) answers from reasoning models ("parameter.enable_thinking must be set to false for non-streaming
    /// calls", 2025), and forced calls for them ("The tool_choice parameter does not support being set to required or object in thinking
    /// mode", 2026).
    /// </remarks>
    public static Provider DashScope =>
        field ??= InDashScope("dashscope", "DashScope (Alibaba)", "https://dashscope.aliyuncs.com/compatible-mode/v1/");

    /// <summary><see cref="DashScope"/> outside mainland China, with separate keys. Source: alibabacloud.com/help/model-studio.</summary>
    public static Provider DashScopeInternational =>
        field ??= InDashScope(
            "dashscope-international",
            "DashScope (Alibaba, international)",
            "https://dashscope-intl.aliyuncs.com/compatible-mode/v1/"
        ) with
        {
            CatalogName = "dashscope",
        };

    /// <summary>Cohere through its Compatibility API. Source: docs.cohere.com/docs/compatibility-api.</summary>
    /// <remarks>Only the members that its page lists are sent, because it refuses unknown ones ("unknown field: parameter 'strict' is not a
    /// valid field", 2026). Its model list is not part of that API.</remarks>
    public static Provider Cohere =>
        field ??= new(
            "cohere",
            new("https://api.cohere.ai/compatibility/v1/"),
            new ChatCompletionsProtocol
            {
                MaxTokensName = "max_tokens",
                ThinkingStyle = ThinkingStyle.EffortSwitch,
                RequestsStreamUsage = false,
                SupportsToolChoice = false,
                SupportsParallelToolCalls = false,
                SupportsStrict = false,
                SupportsLogProbs = false,
                SupportsChoiceCount = false,
                SupportsUser = false,
                AcceptsUnknownMembers = false,
            },
            Credential.BearerFrom("COHERE_API_KEY")
        )
        {
            Title = "Cohere",
            Capabilities = new() { Streaming = true },
            ModelsUrl = new("/v1/models?page_size=1000", UriKind.Relative),
            DefaultModel = "command-a-03-2025",
        };

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

    /// <summary>Upstage, the maker of Solar. Source: developers.upstage.ai.</summary>
    public static Provider Upstage =>
        field ??= Hosted(
            "upstage",
            "Upstage",
            "https://api.upstage.ai/v1/",
            "UPSTAGE_API_KEY",
            "solar-pro3",
            new() { MaxTokensName = "max_tokens", EffortsByModel = ModelRules.ThreeEfforts }
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

    /// <summary>Anthropic. Source: platform.claude.com/docs/en/api/messages. To use a Bearer token, write <c>with { Credential =
    /// Credential.Bearer(token) }</c>.</summary>
    public static Provider Anthropic =>
        field ??= new(
            "anthropic",
            new("https://api.anthropic.com/v1/"),
            new AnthropicProtocol(),
            Credential.HeaderFrom("x-api-key", "ANTHROPIC_API_KEY")
        )
        {
            Title = "Anthropic",
            TokenShape = TokenShape.Anthropic,
            MadeOrigin = AnthropicOrigin,
            Capabilities = new() { Streaming = true, Audio = false },
            DefaultModel = "claude-sonnet-4-6",
        };

    /// <summary>Any server that speaks Anthropic's Messages API.</summary>
    /// <param name="baseUrl">The base URL, with or without a trailing slash. If it has no path, <c>/v1</c> is added; if it has one, include
    /// the server's version in it.</param>
    /// <param name="apiKey">The key, sent as <c>x-api-key</c>; null sends the placeholder <c>not-needed</c>, which servers without keys
    /// ignore.</param>
    /// <exception cref="ArgumentException">The key is empty or contains a character that is not allowed in a header.</exception>
    public static Provider AnthropicCompatible(Uri baseUrl, string? apiKey = null)
    {
        ArgumentNullException.ThrowIfNull(baseUrl);
        return new(
            "anthropic-compatible",
            baseUrl,
            new AnthropicProtocol(),
            new HeaderCredential("x-api-key", "", apiKey, Placeholder, variable: null),
            known: null
        )
        {
            Title = "Anthropic-compatible server",
        };
    }

    /// <inheritdoc cref="AnthropicCompatible(Uri, string?)"/>
    /// <exception cref="ArgumentException">The URL does not begin with https:// or http://, or the key is empty or contains a character
    /// that is not allowed in a header.</exception>
    public static Provider AnthropicCompatible(string baseUrl, string? apiKey = null) => AnthropicCompatible(Address(baseUrl), apiKey);

    /// <summary>
    /// Anthropic's models on Google's Vertex AI. A model is its name there, such as <c>claude-sonnet-4-5@20250929</c>. Source:
    /// platform.claude.com/docs/en/build-with-claude/claude-on-vertex-ai.
    /// </summary>
    /// <remarks>
    /// The project comes from <c>ANTHROPIC_VERTEX_PROJECT_ID</c>, otherwise from <c>GOOGLE_CLOUD_PROJECT</c>. The region comes from
    /// <c>CLOUD_ML_REGION</c>, otherwise from <c>GOOGLE_CLOUD_LOCATION</c>, otherwise it is <c>global</c>. Both are read on first use;
    /// <see cref="AnthropicVertexIn"/> specifies them in code. The key is an access token, as <c>gcloud auth print-access-token</c> prints
    /// it, and is valid for an hour.
    /// </remarks>
    public static Provider AnthropicVertex => field ??= CloudEnvironment.AnywhereInVertex(Environment.GetEnvironmentVariable);

    /// <summary><see cref="AnthropicVertex"/> for one project.</summary>
    /// <param name="project">The project's ID.</param>
    /// <param name="region">A region such as <c>europe-west1</c>; <c>us</c> or <c>eu</c> for any region there; or <c>global</c>.</param>
    /// <param name="credential">An access token as <see cref="Credential.Bearer"/>; null for the one in
    /// <c>GOOGLE_OAUTH_ACCESS_TOKEN</c>.</param>
    /// <exception cref="ArgumentException">The project or the region is empty or contains an invalid character.</exception>
    public static Provider AnthropicVertexIn(string project, string region = "global", Credential? credential = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(project);
        ArgumentException.ThrowIfNullOrEmpty(region);
        if (!CloudEnvironment.IsProject(project))
        {
            throw new ArgumentException(
                "A project ID consists of lowercase letters, digits and dashes, optionally after a domain.",
                nameof(project)
            );
        }

        if (!CloudEnvironment.IsRegion(region))
            throw new ArgumentException("A region consists of lowercase letters, digits and dashes, such as europe-west1.", nameof(region));
        return new(
            "anthropic-vertex",
            new($"https://{CloudEnvironment.VertexHost(region)}/v1/projects/{project}/locations/{region}/"),
            new AnthropicProtocol
            {
                MessagesPath = "publishers/anthropic/models/{model}:rawPredict",
                StreamPath = "publishers/anthropic/models/{model}:streamRawPredict",
                CountPath = "publishers/anthropic/models/count-tokens:rawPredict",
                BodyVersion = "vertex-2023-10-16",
            },
            credential ?? Credential.BearerFrom("GOOGLE_OAUTH_ACCESS_TOKEN")
        )
        {
            Title = "Anthropic on Vertex AI",
            CatalogName = "anthropic",
            TokenShape = TokenShape.Anthropic,
            MadeOrigin = AnthropicOrigin,
            Capabilities = new() { Streaming = true, Audio = false },
            DefaultModel = "claude-sonnet-4-6",
        };
    }

    /// <summary>
    /// AWS Bedrock: models of many makers over one wire. Source: docs.aws.amazon.com/bedrock/latest/userguide/conversation-inference.html.
    /// </summary>
    /// <remarks>
    /// The key is <c>AWS_BEARER_TOKEN_BEDROCK</c>. The region is the key's own if it names one, otherwise that of <c>AWS_REGION</c> or
    /// <c>AWS_DEFAULT_REGION</c>, otherwise us-east-1. It is determined on first use; <see cref="BedrockIn"/> specifies it in code.
    /// </remarks>
    public static Provider Bedrock => field ??= CloudEnvironment.AnywhereInBedrock(BedrockIn, Environment.GetEnvironmentVariable);

    /// <summary>Anthropic's models on AWS Bedrock in their own format. Region and key are those of <see cref="Bedrock"/>.</summary>
    public static Provider BedrockInvoke =>
        field ??= CloudEnvironment.AnywhereInBedrock(BedrockInvokeIn, Environment.GetEnvironmentVariable);

    /// <summary>
    /// AWS Bedrock through its chat completions endpoint, which serves only some models. Region and key are those of <see cref="Bedrock"/>.
    /// </summary>
    public static Provider BedrockCompatible =>
        field ??= CloudEnvironment.AnywhereInBedrock(BedrockCompatibleIn, Environment.GetEnvironmentVariable);

    /// <summary><see cref="Bedrock"/> in one region.</summary>
    /// <param name="region">The region, such as <c>eu-central-1</c>; null for that of the credential or of the environment.</param>
    /// <param name="credential">A key as <see cref="Credential.Bearer"/>, or an <see cref="AwsSignature"/>; null for the key in
    /// <c>AWS_BEARER_TOKEN_BEDROCK</c>.</param>
    /// <exception cref="ArgumentException">The region contains an invalid character, or the signature is for another region.</exception>
    /// <exception cref="InvalidOperationException">No region is specified, and none is known.</exception>
    public static Provider BedrockIn(string? region = null, Credential? credential = null) =>
        InBedrock("bedrock", "AWS Bedrock", "", new ConverseProtocol(), region, credential);

    /// <summary><see cref="BedrockInvoke"/> in one region.</summary>
    /// <inheritdoc cref="BedrockIn"/>
    public static Provider BedrockInvokeIn(string? region = null, Credential? credential = null) =>
        InBedrock("bedrock-invoke", "AWS Bedrock (Anthropic's format)", "", new BedrockInvokeProtocol(), region, credential);

    /// <summary><see cref="BedrockCompatible"/> in one region.</summary>
    /// <inheritdoc cref="BedrockIn"/>
    public static Provider BedrockCompatibleIn(string? region = null, Credential? credential = null) =>
        InBedrock(
            "bedrock-compatible",
            "AWS Bedrock (compatible)",
            "openai/v1/",
            new ChatCompletionsProtocol { ReasoningTag = "reasoning" },
            region,
            credential
        );

    /// <summary>Any server that speaks chat completions.</summary>
    /// <param name="baseUrl">The base URL, with or without a trailing slash, with or without <c>/v1</c>.</param>
    /// <param name="apiKey">The key; null sends the placeholder <c>not-needed</c>, which servers without keys ignore.</param>
    /// <exception cref="ArgumentException">The key is empty or contains a character that is not allowed in a header.</exception>
    public static Provider OpenAICompatible(Uri baseUrl, string? apiKey = null)
    {
        ArgumentNullException.ThrowIfNull(baseUrl);
        return new(
            "openai-compatible",
            baseUrl,
            new ChatCompletionsProtocol
            {
                MaxTokensName = "max_tokens",
                MaxTokensNameByModel = ModelRules.CompletionTokens,
                SupportsLaterSystemMessages = false,
                ReasoningByModel = ModelRules.ReasoningOfCalls,
            },
            Credential.Bearer(apiKey, Placeholder),
            known: null
        )
        {
            Title = "OpenAI-compatible server",
        };
    }

    /// <inheritdoc cref="OpenAICompatible(Uri, string?)"/>
    /// <exception cref="ArgumentException">The URL does not begin with https:// or http://, or the key is empty or contains a character
    /// that is not allowed in a header.</exception>
    public static Provider OpenAICompatible(string baseUrl, string? apiKey = null) => OpenAICompatible(Address(baseUrl), apiKey);

    /// <summary>Returns all services known by name.</summary>
    public static IReadOnlyList<Provider> All() =>
        [
            OpenAI,
            OpenAIResponses,
            Anthropic,
            AnthropicVertex,
            OpenRouter,
            Groq,
            Gemini,
            GeminiCompatible,
            Mistral,
            DeepSeek,
            Moonshot,
            XAI,
            XAIResponses,
            Glm,
            GlmCoding,
            GlmMainland,
            AzureOpenAI,
            AzureOpenAIDeployments,
            Bedrock,
            BedrockInvoke,
            BedrockCompatible,
            Together,
            Fireworks,
            Cerebras,
            Perplexity,
            Requesty,
            HuggingFace,
            Cloudflare,
            Volcengine,
            Vercel,
            DashScope,
            DashScopeInternational,
            Cohere,
            SiliconFlow,
            SambaNova,
            Nebius,
            DeepInfra,
            Novita,
            Baseten,
            Upstage,
            Scaleway,
            OvhCloud,
            Ionos,
            DockerModelRunner,
            Ollama,
            OllamaCompatible,
            LlamaCpp,
            LMStudio,
            Vllm,
            SGLang,
            LocalAI,
            Tgi,
            LiteLLM,
            ClaudeProxy,
        ];

    /// <summary>Returns the service with a name such as <c>openrouter</c>, ignoring case.</summary>
    /// <exception cref="ArgumentException">No service has this name; the message lists the known names.</exception>
    public static Provider Get(string name)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(name);
        return Find(name)
            ?? throw new ArgumentException(
                $"No provider is called '{name}'. Known providers: {string.Join(", ", All().Select(provider => provider.Name))}. For any other server, use Providers.OpenAICompatible(baseUrl, apiKey).",
                nameof(name)
            );
    }

    /// <summary>Splits a name such as <c>openrouter:openai/gpt-5</c> into the service and its model.</summary>
    /// <param name="name">
    /// A service's name, a colon, and the model by the service's own name. The text before the first colon counts as a service only if a
    /// service has that name: <c>llama3:8b</c> and <c>anthropic.claude-sonnet-4-20250514-v1:0</c> are models only.
    /// </param>
    /// <param name="provider">The service; null if the name contains none.</param>
    /// <param name="model">The model.</param>
    /// <returns>True if the name contains both.</returns>
    public static bool TryResolve(string name, [NotNullWhen(true)] out Provider? provider, out string model)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(name);
        int colon = name.IndexOf(':', StringComparison.Ordinal);
        provider = colon > 0 && colon < name.Length - 1 ? Find(name[..colon]) : null;
        model = provider is null ? name : name[(colon + 1)..];
        return provider is not null;
    }

    /// <summary>Returns the provider with headers that tell OpenRouter which application sends the requests, for its rankings.</summary>
    /// <param name="provider">The provider, usually <see cref="OpenRouter"/>.</param>
    /// <param name="url">The application's URL, which attribution requires.</param>
    /// <param name="title">The application's name.</param>
    public static Provider WithAttribution(this Provider provider, Uri url, string? title = null)
    {
        ArgumentNullException.ThrowIfNull(provider);
        ArgumentNullException.ThrowIfNull(url);
        var headers = new Dictionary<string, string>(provider.Headers) { ["HTTP-Referer"] = url.AbsoluteUri };
        if (title is not null)
            headers["X-OpenRouter-Title"] = title;
        return provider with { Headers = headers };
    }

    private static Provider InBedrock(string name, string title, string path, WireProtocol protocol, string? region, Credential? credential)
    {
        credential ??= Credential.BearerFrom(CloudEnvironment.BedrockKey);
        string where = region is null
            ? credential.Region ?? AwsRegion.Required(Environment.GetEnvironmentVariable)
            : AwsRegion.Check(region, nameof(region));
        if (credential is AwsSignature && credential.Region != where)
        {
            throw new ArgumentException(
                $"The signature is for the region {credential.Region}, not for {where}: the service would refuse it.",
                nameof(credential)
            );
        }

        return new(name, new($"https://bedrock-runtime.{where}.amazonaws.com/{path}"), protocol, credential)
        {
            Title = title,
            Capabilities = new() { Streaming = true },
            CatalogName = "bedrock",
            TokenShape = TokenShape.Anthropic,
            // All regions accept each other's signatures. In Claude's own format, too, its signatures are Anthropic's own.
            MadeOrigin = protocol is BedrockInvokeProtocol ? AnthropicOrigin : "bedrock",
            // The chat completions endpoint lists its own models.
            ModelsUrl = path.Length == 0 ? new($"https://bedrock.{where}.amazonaws.com/foundation-models") : null,
        };
    }

    // The URL is not repeated, because it could contain a password.
    private static Uri Address(string baseUrl)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(baseUrl);
        return
            Uri.TryCreate(baseUrl, UriKind.Absolute, out var url) && (url.Scheme == Uri.UriSchemeHttps || url.Scheme == Uri.UriSchemeHttp)
            ? url
            : throw new ArgumentException(
                "The base URL must be an absolute URL that begins with https:// or http://, such as http://127.0.0.1:8000.",
                nameof(baseUrl)
            );
    }

    private static Provider? Find(string name)
    {
        foreach (var provider in All())
        {
            if (string.Equals(provider.Name, name, StringComparison.OrdinalIgnoreCase))
                return provider;
        }
        return null;
    }

    private static Provider GlmAt(string name, string title, string url, string variable) =>
        new(
            name,
            new(url),
            new ChatCompletionsProtocol
            {
                MaxTokensName = "max_tokens",
                SupportsToolChoice = false,
                SupportsMessageNames = false,
                SupportsPenalties = false,
                SupportsStrict = false,
                SupportsParallelToolCalls = false,
                SupportsJsonSchema = false,
                RequestsToolStream = true,
                AcceptsEmptyAnswers = false,
                ThinkingStyle = ThinkingStyle.ThinkingObject,
                ReasoningName = "reasoning_content",
            },
            Credential.BearerFrom(variable)
        )
        {
            Title = title,
            Capabilities = new() { Streaming = true },
            DefaultModel = "glm-5.3",
        };

    private static Provider InAzure(string name, string title, Uri resource, string path, ChatCompletionsProtocol protocol)
    {
        ArgumentNullException.ThrowIfNull(resource);
        if (!resource.IsAbsoluteUri)
        {
            throw new ArgumentException(
                "The resource must be an absolute URL, such as https://my-resource.openai.azure.com.",
                nameof(resource)
            );
        }
        // "Additional properties are not allowed ('…' was unexpected) - 'messages.1'" (2025)
        return new(
            name,
            new(resource, "/" + path),
            protocol with
            {
                ReasoningMembers = "",
            },
            Credential.HeaderFrom("api-key", "AZURE_OPENAI_API_KEY")
        )
        {
            Title = title,
            Capabilities = new() { Streaming = true },
            // A Microsoft Entra token.
            AcceptsBearerToo = true,
            // A deployment can have any name. If it has its model's name, what is known about the model applies, and so does the list price
            // of a global deployment.
            CatalogName = "openai",
        };
    }

    // As for an unknown server: many models, each with its own template, some of which require their reasoning back.
    private static ChatCompletionsProtocol OfOpenModels =>
        new()
        {
            MaxTokensName = "max_tokens",
            SupportsLaterSystemMessages = false,
            ReasoningByModel = ModelRules.ReasoningOfCalls,
        };

    private static Provider InDashScope(string name, string title, string url) =>
        Hosted(
            name,
            title,
            url,
            "DASHSCOPE_API_KEY",
            "qwen-plus",
            OfOpenModels with
            {
                ThinkingStyle = ThinkingStyle.EnableThinking,
                SupportsForcedToolCallsWhileThinking = false,
                SupportsVideoUrls = true,
            }
        );

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
