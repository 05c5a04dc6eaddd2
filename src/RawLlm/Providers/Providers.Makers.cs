using RawLlm.Protocols;

namespace RawLlm;

// The companies that make models.
public static partial class Providers
{
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
                EffortsByModel = ModelRules.GlmEfforts,
                ReasoningName = "reasoning_content",
            },
            Credential.BearerFrom(variable)
        )
        {
            Title = title,
            Capabilities = new() { Streaming = true },
            DefaultModel = "glm-5.3",
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
}
