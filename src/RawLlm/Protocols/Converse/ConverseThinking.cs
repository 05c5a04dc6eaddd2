namespace RawLlm.Protocols;

/// <summary>How a model on the Converse wire is asked to think. The wire itself says nothing of it: each family of models has a form of its own.</summary>
public enum ConverseThinking
{
    /// <summary>
    /// Anthropic's: what the request asks for, a budget as <c>"thinking": {"type": "enabled", "budget_tokens": …}</c>, an effort as
    /// <c>"thinking": {"type": "adaptive"}</c> with <c>"output_config": {"effort": …}</c>. A model whose name says that it is a Claude
    /// before 4.6 is given a budget, and one since 4.7 an effort, whatever was asked for: they refuse the other form. What only turns
    /// thinking off goes to a model whose name is Claude's alone; others refuse the member.
    /// </summary>
    ThinkingObject,

    /// <summary>Anthropic's older form: always a budget, an effort is turned into a number of tokens.</summary>
    ThinkingBudget,

    /// <summary>Amazon's: <c>"reasoningConfig": {"type": "enabled", "maxReasoningEffort": …}</c> (Nova 2, 2025).</summary>
    ReasoningConfig,

    /// <summary>OpenAI's: <c>"reasoning_effort": …</c> (gpt-oss, 2025).</summary>
    ReasoningEffort,

    /// <summary>It cannot be asked; <see cref="ChatRequest.Thinking"/> is left out with a quirk.</summary>
    None,
}
