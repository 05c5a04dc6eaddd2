namespace RawLlm;

/// <summary>What a service takes of single models: lines of a pattern and of words, the first that fits the model's name counts.</summary>
internal static class ModelHabits
{
    /// <summary>OpenAI's efforts. Source: developers.openai.com/api/docs/guides/reasoning and the pages of the models, 2026-08; refusals ("Supported values are: …").</summary>
    public const string OpenAIEfforts = """
        gpt-3* -
        gpt-4* -
        chatgpt* -
        o1-mini* -
        o1-preview* -
        o1* low medium high
        o3* low medium high
        o4* low medium high
        gpt-5-chat* -
        gpt-5*-chat* medium
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
        gpt-6* low medium high xhigh
        """;

    /// <summary>Groq's efforts. Source: console.groq.com/docs/reasoning, 2026-08.</summary>
    public const string GroqEfforts = """
        qwen* none default
        llama* -
        kimi-k2-instruct* -
        """;

    /// <summary>Efforts of Gemini's compatible endpoint, where only 2.5 without Pro can do without thoughts. Source: ai.google.dev/gemini-api/docs/openai, 2026.</summary>
    public const string GeminiEfforts = """
        gemini-2.5-flash* none minimal low medium high
        gemini-* minimal low medium high
        * none minimal low medium high
        """;

    /// <summary>xAI's efforts; older models refuse the member. Source: docs.x.ai/developers/model-capabilities/text/reasoning, 2026-05 to 2026-08.</summary>
    public const string XAIEfforts = """
        grok-4.20-multi-agent* low medium high xhigh
        grok-4.20* -
        grok-4.3* none low medium high
        grok-4 -
        grok-4-0* -
        grok-4-fast* -
        grok-4-1-fast* -
        grok-code* -
        grok-build* -
        grok-2* -
        grok-3-mini* low high
        grok-3* -
        grok-* low medium high
        """;

    /// <summary>DeepSeek's efforts, beside its switch for none. Source: api-docs.deepseek.com/guides/thinking_mode, 2026.</summary>
    public const string DeepSeekEfforts = "* high max";

    /// <summary>Moonshot's efforts; of its other models some can be switched. Source: platform.kimi.ai/docs/guide/use-thinking-effort, 2026.</summary>
    public const string MoonshotEfforts = """
        kimi-k2.5* switch
        kimi-k2.6* switch
        kimi-k2* -
        kimi-k* low high max
        * -
        """;

    /// <summary>
    /// How models are asked to think whose servers switch the template of most: some have efforts, and some have no template, so that a server
    /// refuses arguments of it ("chat_template is not supported for Mistral tokenizers.", vLLM, 2026).
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
    /// Models that are refused a turn with calls without its thoughts, whoever serves them, and what stands where there were none ("reasoning_content is
    /// missing in assistant tool call message", "must be passed back to the API", 2026). The servers that refuse the member serve others.
    /// </summary>
    public const string ReasoningOfCalls = """
        kimi-k2-instruct* -
        kimi-k* space
        deepseek-v4* empty
        """;
}
