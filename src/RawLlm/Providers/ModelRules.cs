namespace RawLlm;

/// <summary>
/// What services accept for individual models. Each line is a name pattern followed by words; the first line that matches the model's name
/// counts.
/// </summary>
internal static class ModelRules
{
    /// <summary>OpenAI's efforts. Source: developers.openai.com/api/docs/guides/reasoning and the model pages, 2026-08; refusals
    /// ("Supported values are: …").</summary>
    public const string OpenAIEfforts = """
        gpt-3* -
        gpt-4* -
        chatgpt* -
        o1-mini* -
        o1-preview* -
        o1* low medium high
        o3* low medium high
        o4* low medium high
        codex-mini* low medium high
        gpt-5-chat* -
        gpt-5*-chat* medium
        gpt-5*-search* -
        gpt-5-pro* high
        gpt-5.1-pro* medium high
        gpt-5*-pro* medium high xhigh
        gpt-5*-codex-max* low medium high xhigh
        gpt-5-codex* low medium high
        gpt-5.1-codex* low medium high
        gpt-5*-codex* low medium high xhigh
        gpt-5.1* none low medium high
        gpt-5.* none low medium high xhigh
        gpt-5* minimal low medium high
        gpt-6-sol* none low medium high xhigh
        gpt-6-luna* none low medium high xhigh
        gpt-6.1-terra* none low medium high xhigh
        gpt-6* low medium high xhigh
        """;

    private const string UpToMax = "none low medium high xhigh max";

    /// <summary>
    /// The same on Responses, where models since 5.6 have one more effort than on chat completions ("max"). Source: developers.openai.com,
    /// deployment checklist and the model pages, 2026-10.
    /// </summary>
    public const string OpenAIResponsesEfforts = $"""
        gpt-5.6-sol* {UpToMax}
        gpt-5.6-terra* {UpToMax}
        gpt-5.6-luna* {UpToMax}
        gpt-5.6 {UpToMax}
        gpt-5.6-20* {UpToMax}
        gpt-6-sol* {UpToMax}
        gpt-6-luna* {UpToMax}
        gpt-6.1-terra* {UpToMax}
        gpt-6-astra* low medium high xhigh max
        gpt-6.1-sol* low medium high xhigh max
        {OpenAIEfforts}
        """;

    /// <summary>
    /// OpenAI's models that reason even if the request does not ask for it, and return that reasoning encrypted if nothing is stored; other
    /// models refuse a request for it ("Encrypted content is not supported with this model", 2025). Source:
    /// developers.openai.com/api/docs/guides/reasoning, encrypted reasoning items, 2026.
    /// </summary>
    public const string OpenAIEncryptedReasoning = """
        gpt-5*-chat* -
        gpt-5*-search* -
        gpt-5* encrypted
        gpt-6* encrypted
        o3-mini* -
        o3* encrypted
        o4* encrypted
        codex-mini* encrypted
        """;

    /// <summary>
    /// Efforts of OpenAI's models with tools on chat completions: "Function tools with reasoning_effort are not supported for gpt-5.6-terra
    /// in /v1/chat/completions. To use function tools, use /v1/responses or set reasoning_effort to 'none'." 5.4, which does not reason
    /// unless asked, once refused 'none' as well (2026-03); later models refuse tools without it (2026-04 to 2026-10). Models in
    /// <see cref="OpenAIToolsElsewhere"/> never accept tools here.
    /// </summary>
    public const string OpenAIEffortsBesideTools = """
        gpt-5.4* -
        gpt-5.5* none
        gpt-5.6* none
        gpt-6-sol* none
        gpt-6-luna* none
        gpt-6.1-terra* none
        """;

    /// <summary>The same on Azure. Up to 5.6, Azure accepts tools only if no effort is sent, not even 'none' (2026-06 to 2026-08); since 6,
    /// it requires 'none' (2026-09).</summary>
    public const string AzureEffortsBesideTools = """
        gpt-5.4* -
        gpt-5.5* -
        gpt-5.6* -
        gpt-6* none
        """;

    /// <summary>OpenAI's models that accept tools only on Responses (2026-09).</summary>
    public const string OpenAIToolsElsewhere = """
        gpt-6-astra* responses
        gpt-6.1-sol* responses
        """;

    private const string Sampling = "temperature=1 top_p=1 logprobs";
    private const string Penalties = "frequency_penalty=0 presence_penalty=0";

    /// <summary>
    /// What OpenAI's models refuse on every wire. Reasoning models refuse any sampling but their own; since 5.1, they accept some of it
    /// while they do not reason. Without an effort, 5.1, 5.2 and 5.4 do not reason; 5.5 and later do ("Unsupported value: 'temperature'
    /// does not support 0.2 with this model", 2025-02 to 2026-09). Of the chat models, only gpt-5-chat does not reason. Source:
    /// developers.openai.com/api/docs/guides/latest-model, parameter compatibility, and deployment-checklist.
    /// </summary>
    public const string OpenAIRefusals = $"""
        gpt-4*-search* temperature=1 top_p=1 {Penalties}
        gpt-5-chat* -
        o1* stop {Penalties} {Sampling} parallel_tool_calls
        o3* stop {Penalties} {Sampling} parallel_tool_calls
        o4* stop {Penalties} {Sampling} parallel_tool_calls
        codex-mini* stop {Penalties} {Sampling}
        gpt-5*-chat* stop {Penalties} {Sampling}
        gpt-5*-pro* stop {Penalties} {Sampling}
        gpt-5*-codex* stop {Penalties} {Sampling}
        gpt-5*-search* stop {Penalties} {Sampling}
        gpt-5.1* stop {Penalties} if-asked {Sampling}
        gpt-5.2* stop {Penalties} if-asked {Sampling}
        gpt-5.4* stop {Penalties} if-asked {Sampling}
        gpt-5.* stop {Penalties} unless-off {Sampling}
        gpt-5* stop {Penalties} {Sampling}
        gpt-6-sol* stop {Penalties} unless-off {Sampling}
        gpt-6-luna* stop {Penalties} unless-off {Sampling}
        gpt-6.1-terra* stop {Penalties} unless-off {Sampling}
        gpt-6* stop {Penalties} {Sampling}
        """;

    /// <summary>Groq's efforts. Source: console.groq.com/docs/reasoning, 2026-08.</summary>
    public const string GroqEfforts = """
        qwen* none default
        llama* -
        kimi-k2-instruct* -
        """;

    /// <summary>Efforts of Gemini's compatible endpoint, where only 2.5 models other than Pro can turn reasoning off. Source:
    /// ai.google.dev/gemini-api/docs/openai, 2026.</summary>
    public const string GeminiEfforts = """
        gemini-2.5-flash* none minimal low medium high
        gemini-* minimal low medium high
        * none minimal low medium high
        """;

    /// <summary>Gemini's models with a fixed sampling. Source: ai.google.dev/gemini-api/docs/latest-model, 2026.</summary>
    public const string GeminiRefusals = """
        gemini-3.5-flash-lite* temperature=1 top_p=0.95
        gemini-3.6* temperature=1 top_p=0.95
        gemini-3.7* temperature=1 top_p=0.95
        gemini-3.8* temperature=1 top_p=0.95
        """;

    /// <summary>
    /// xAI's efforts. Older models refuse the member, even those that reason ("unasked"). Source:
    /// docs.x.ai/developers/model-capabilities/text/reasoning, 2026-05 to 2026-08.
    /// </summary>
    public const string XAIEfforts = """
        *non-reasoning* -
        grok-4.20-multi-agent* low medium high xhigh
        grok-4.20* unasked
        grok-4.3* none low medium high
        grok-4.6* low medium high xhigh
        grok-4 unasked
        grok-4-0* unasked
        grok-4-fast* unasked
        grok-4-1-fast* unasked
        grok-code* unasked
        grok-build* unasked
        grok-2* -
        grok-3-mini* low high
        grok-3* -
        grok-* low medium high
        """;

    /// <summary>xAI's models that reason unasked and return their reasoning encrypted: "Send the encrypted reasoning content back to the
    /// API with every turn". Source: docs.x.ai/developers/model-capabilities/text/best-practices, 2026.</summary>
    public const string XAIEncryptedReasoning = """
        *non-reasoning* -
        grok-4* encrypted
        """;

    /// <summary>
    /// What xAI's models refuse besides penalties: reasoning models accept no stop sequences. Source:
    /// docs.x.ai/developers/model-capabilities/text/reasoning; refusals, 2026-04 to 2026-08.
    /// </summary>
    public const string XAIRefusals = """
        *non-reasoning* -
        grok-2* -
        grok-3-mini* stop
        grok-3* -
        grok-* stop
        """;

    /// <summary>
    /// Models whose reasoning OpenRouter refuses to turn off: "Reasoning is mandatory for this endpoint and cannot be disabled." Source:
    /// <c>reasoning</c> of openrouter.ai/api/v1/models and refusals, 2026-02 to 2026-08; its guide to Claude 5.5; for other models that
    /// always reason, their makers.
    /// </summary>
    public const string OpenRouterMinEfforts = """
        gpt-5 minimal
        gpt-5:* minimal
        gpt-5-20* minimal
        gpt-5-mini* minimal
        gpt-5-nano* minimal
        gpt-5-codex* low
        gpt-5-pro* high
        gpt-5.*-pro* medium
        gpt-6-astra* low
        gpt-6.1-sol* low
        gpt-oss* low
        o1* low
        o3* low
        o4* low
        gemini-2.5-pro* low
        gemini-3* low
        claude-fable* low
        claude-mythos* low
        claude-opus-5.5* low
        claude-sonnet-5.5* low
        deepseek-r1* low
        minimax-m2* low
        step-* low
        grok-4.5* low
        grok-4.6* low
        kimi-k2-thinking* low
        """;

    /// <summary>Efforts of Perplexity's agents, whatever the model. Source: its migration guide from Sonar,
    /// github.com/perplexityai/api-platform-developers, 2026-09.</summary>
    public const string PerplexityEfforts = "* minimal low medium high xhigh max";

    /// <summary>What Perplexity's agents ignore or refuse. Source: the same.</summary>
    public const string PerplexityRefusals = "* logprobs";

    /// <summary>
    /// Ollama's efforts: "invalid reasoning value: 'minimal' (must be "high", "medium", "low", "max", or "none")" (2026-07).
    /// </summary>
    public const string OllamaEfforts = "* none low medium high max";

    /// <summary>
    /// DeepSeek's efforts, besides its switch for none; it treats "xhigh" as "high". Source: api-docs.deepseek.com/guides/thinking_mode,
    /// 2026-10.
    /// </summary>
    public const string DeepSeekEfforts = "* low high xhigh max";

    /// <summary>
    /// The member that models require instead of <c>max_tokens</c>, on any service: "Unsupported parameter: 'max_tokens' is not supported
    /// with this model. Use 'max_completion_tokens' instead." (o1 to o4, gpt-5 and later, 2024-09 to 2026-09).
    /// </summary>
    public const string CompletionTokens = """
        o1* max_completion_tokens
        o3* max_completion_tokens
        o4* max_completion_tokens
        gpt-5* max_completion_tokens
        gpt-6* max_completion_tokens
        """;

    /// <summary>Mistral's models on Azure, which refuse the newer name: "Extra inputs are not permitted" (2026-04 to 2026-09).</summary>
    public const string AzureMaxTokens = """
        *mistral* max_tokens
        *ministral* max_tokens
        *codestral* max_tokens
        """;

    /// <summary>What Moonshot's models refuse: Kimi's sampling is fixed. Source: platform.kimi.ai/docs, 2026.</summary>
    public const string MoonshotRefusals = "kimi-* temperature top_p frequency_penalty presence_penalty n";

    /// <summary>
    /// Moonshot's efforts; some of its other models have a switch. Source: platform.kimi.ai/docs/guide/use-thinking-effort, 2026.
    /// </summary>
    public const string MoonshotEfforts = """
        kimi-k2.5* switch
        kimi-k2.6* switch
        kimi-k2* -
        kimi-k* low high max
        * -
        """;

    /// <summary>
    /// GLM's efforts; its older models have a switch. 5.2 treats other efforts as one of these. 5.3 always reasons: "This model always
    /// engages in thinking and cannot be disabled; please use low, high, or max" (2026-08 to 2026-09). Source:
    /// docs.z.ai/guides/capabilities/thinking and docs.z.ai/guides/overview/concept-param, 2026.
    /// </summary>
    public const string GlmEfforts = """
        glm-5.2* none high max
        glm-5.3* low high max
        """;

    /// <summary>
    /// How to ask for reasoning on servers that control it for most models through template arguments. Some models have efforts. Some have
    /// no template, so that a server refuses template arguments ("chat_template is not supported for Mistral tokenizers.", vLLM, 2026).
    /// </summary>
    public const string TemplateEfforts = """
        *gpt-oss* low medium high
        *mistral* -
        *ministral* -
        *magistral* -
        *devstral* -
        *codestral* -
        *voxtral* -
        *pixtral* -
        *mixtral* -
        """;

    /// <summary>
    /// Models whose services all refuse a turn with calls that lacks its reasoning, and the placeholder for a turn that had none
    /// ("reasoning_content is missing in assistant tool call message", "must be passed back to the API", 2026). Servers that refuse the
    /// member do not serve these models.
    /// </summary>
    public const string ReasoningOfCalls = """
        kimi-k2-instruct* -
        kimi-k* space
        deepseek-v4* empty
        deepseek-4* empty
        deepseek-flash* empty
        """;

    /// <summary>
    /// Volcengine's efforts, besides its switch for none. Models since Seed 2 have a higher effort than others, and some models have only
    /// the switch. With "minimal", none of them reasons. Source: volcengine.com/docs/82379/1298459, and answers of its models, 2026-08.
    /// </summary>
    public const string VolcengineEfforts = """
        doubao-1* -
        doubao-seed-1*-flash* -
        doubao-seed-1*-vision* -
        doubao-seed-1* low medium high
        glm* low medium high
        * low medium high max
        """;

    /// <summary>
    /// No efforts: for services of open models that document efforts for gpt-oss only, or do not document them for other models.
    /// </summary>
    public const string NoEfforts = "* -";

    /// <summary>The efforts that Nebius's schema accepts (docs.tokenfactory.nebius.com/api-reference/inference/create-chat-completion,
    /// 2026), and Upstage's models (developers.upstage.ai/docs/capabilities/generate/reasoning, 2026).</summary>
    public const string ThreeEfforts = "* low medium high";

    /// <summary>DeepInfra's efforts. Source: docs.deepinfra.com/chat/reasoning, 2026.</summary>
    public const string DeepInfraEfforts = "* none low medium high xhigh";

    /// <summary>
    /// Baseten's efforts, which only some of its models have. Source: docs.baseten.co/inference/model-apis/reasoning, 2026.
    /// </summary>
    public const string BasetenEfforts = """
        deepseek-v4* high max
        * -
        """;

    /// <summary>
    /// SiliconFlow's models with a reasoning switch; other models refuse it: "current model does not support parameter `enable_thinking`"
    /// (2025-05 to 2026-04). Source: docs.siliconflow.cn/cn/api-reference/chat-completions/chat-completions.
    /// </summary>
    public const string SiliconFlowThinking = """
        qwen3-*instruct* -
        qwen3-*thinking* -
        qwen3-coder* -
        qwen3-* switch
        qwen3.* switch
        glm-4.5* switch
        glm-4.6* switch
        glm-4.7* switch
        glm-5* switch
        deepseek-v3.1* switch
        deepseek-v3.2* switch
        deepseek-v4* switch
        hunyuan-a13b* switch
        * -
        """;

    /// <summary>Novita's models with a reasoning switch. Source: novita.ai/docs/api-reference/model-apis-llm-create-chat-completion, 2026;
    /// for DeepSeek V4, its answers, 2026-06.</summary>
    public const string NovitaThinking = """
        glm-4.5* switch
        deepseek-v3.1* switch
        deepseek-v3.2-exp* switch
        deepseek-v4* switch
        * -
        """;

    /// <summary>What Scaleway lists as unsupported, except members that have their own property on the protocol. Source:
    /// scaleway.com/en/docs/generative-apis/api-cli/using-chat-api, 2025-09.</summary>
    public const string ScalewayRefusals = "* frequency_penalty";
}
