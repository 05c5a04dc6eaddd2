namespace RawLlm.Protocols;

/// <summary>
/// How a model on the Converse wire is asked to think. The wire itself does not specify it: each family of models has its own form.
/// </summary>
public enum ConverseThinking
{
    /// <summary>
    /// The form that the model's name implies, in IDs, inference profiles and their ARNs: <see cref="ThinkingObject"/> for Claude,
    /// <see cref="ReasoningConfig"/> for Nova 2, <see cref="ReasoningEffort"/> for gpt-oss, DeepSeek V3 and Kimi K2,
    /// <see cref="ReasoningObject"/> for GPT-5 and later, <see cref="None"/> for other models whose name contains the vendor. A name that
    /// does not show the vendor or the family, such as the ARN of an application's inference profile, is treated like Claude.
    /// </summary>
    ByModel,

    /// <summary>
    /// Anthropic's form, as the request specifies: a budget as <c>"thinking": {"type": "enabled", "budget_tokens": …}</c>, an effort as
    /// <c>"thinking": {"type": "adaptive"}</c> with <c>"output_config": {"effort": …}</c>. If its name identifies the model as a Claude
    /// before 4.6, it always receives a budget, and since 4.7 always an effort: these models reject the other form. A request that only
    /// turns thinking off is sent only if the name is Claude's, because other models reject the member.
    /// </summary>
    ThinkingObject,

    /// <summary>Anthropic's older form: always a budget; an effort is converted to a number of tokens.</summary>
    ThinkingBudget,

    /// <summary>
    /// Amazon's form: <c>"reasoningConfig": {"type": "enabled", "maxReasoningEffort": …}</c> (Nova 2, 2025). With the highest effort,
    /// <c>maxTokens</c>, temperature and top_p are left out, because the service rejects them.
    /// </summary>
    ReasoningConfig,

    /// <summary>OpenAI's form: <c>"reasoning_effort": …</c> (gpt-oss, 2025).</summary>
    ReasoningEffort,

    /// <summary>OpenAI's later form: <c>"reasoning": {"effort": …}</c> (GPT-5.6, GPT-6, 2026).</summary>
    ReasoningObject,

    /// <summary>Thinking cannot be requested; <see cref="ChatRequest.Thinking"/> is left out with a quirk.</summary>
    None,
}
