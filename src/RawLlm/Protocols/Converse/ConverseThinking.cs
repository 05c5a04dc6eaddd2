namespace RawLlm.Protocols;

/// <summary>How a model on the Converse wire is asked to think. The wire itself says nothing of it: each family of models has a form of its own.</summary>
public enum ConverseThinking
{
    /// <summary>
    /// The one that the model's name tells, in ids, inference profiles and their ARNs: <see cref="ThinkingObject"/> for Claude,
    /// <see cref="ReasoningConfig"/> for Nova 2, <see cref="ReasoningEffort"/> for gpt-oss, DeepSeek V3 and Kimi K2, <see cref="ReasoningObject"/>
    /// for GPT-5 and later, <see cref="None"/> for other models of a maker that is named. A name that tells nothing, such as the ARN of an
    /// application's inference profile, is taken for Claude.
    /// </summary>
    ByModel,

    /// <summary>
    /// Anthropic's: what the request asks for, a budget as <c>"thinking": {"type": "enabled", "budget_tokens": …}</c>, an effort as
    /// <c>"thinking": {"type": "adaptive"}</c> with <c>"output_config": {"effort": …}</c>. A model whose name says that it is a Claude
    /// before 4.6 is given a budget, and one since 4.7 an effort, whatever was asked for: they refuse the other form. What only turns
    /// thinking off goes to a model whose name is Claude's alone; others refuse the member.
    /// </summary>
    ThinkingObject,

    /// <summary>Anthropic's older form: always a budget, an effort is turned into a number of tokens.</summary>
    ThinkingBudget,

    /// <summary>Amazon's: <c>"reasoningConfig": {"type": "enabled", "maxReasoningEffort": …}</c> (Nova 2, 2025). Beside the highest effort <c>maxTokens</c>, temperature and top_p are left out: the service refuses them.</summary>
    ReasoningConfig,

    /// <summary>OpenAI's: <c>"reasoning_effort": …</c> (gpt-oss, 2025).</summary>
    ReasoningEffort,

    /// <summary>OpenAI's later form: <c>"reasoning": {"effort": …}</c> (GPT-5.6, GPT-6, 2026).</summary>
    ReasoningObject,

    /// <summary>It cannot be asked; <see cref="ChatRequest.Thinking"/> is left out with a quirk.</summary>
    None,
}
