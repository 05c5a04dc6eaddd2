namespace RawLlm.Protocols;

/// <summary>How a chat completions service is asked to think.</summary>
public enum ThinkingStyle
{
    /// <summary>It cannot be asked: <see cref="ChatRequest.Thinking"/> is left out with a quirk.</summary>
    None,

    /// <summary><c>"reasoning_effort": "low"</c>: OpenAI, Gemini's compatible endpoint, Groq, xAI and most others.</summary>
    ReasoningEffort,

    /// <summary><c>"reasoning": {"effort": …}</c> or <c>{"max_tokens": …}</c>, with <c>exclude</c>: OpenRouter.</summary>
    ReasoningObject,

    /// <summary><c>"thinking": {"type": "enabled"}</c> or <c>"disabled"</c>: GLM up to 5.1, and Moonshot.</summary>
    ThinkingObject,

    /// <summary>
    /// <c>"chat_template_kwargs": {"enable_thinking": …}</c>: vLLM, SGLang, llama.cpp. For gpt-oss, whose template has no switch, an
    /// effort.
    /// </summary>
    TemplateArguments,

    /// <summary><c>"reasoning_effort": "high"</c> or <c>"none"</c>, and no other value: Mistral.</summary>
    EffortSwitch,

    /// <summary><c>"thinking": {"type": "enabled"}</c> with <c>"reasoning_effort"</c> beside it, or <c>"disabled"</c>: DeepSeek.</summary>
    ThinkingObjectAndEffort,

    /// <summary>
    /// <c>"enable_thinking": true</c> or <c>false</c>, with <c>"thinking_budget"</c> for a number of tokens: Qwen at DashScope and
    /// ModelScope, models of SiliconFlow and Novita. The first two refuse to return a whole answer unless thinking is off
    /// ("parameter.enable_thinking must be set to false for non-streaming calls", 2025): the answer is requested as a stream and assembled.
    /// </summary>
    EnableThinking,
}
